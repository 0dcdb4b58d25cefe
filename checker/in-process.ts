/**
 * The checker for an API in the same process: the queue, probe and log of the service, without HTTP and sealing. It has
 * the same interface as the client of a remote checker.
 */
import { randomBytes } from 'node:crypto'
import { Registry } from 'prom-client'
import { type CheckerFailure, ProbeRequest, type ProbeResult } from '../schema/probe.ts'
import { type Checker, type CheckerSettings, createCheck, createChecker } from './create-checker.ts'
import type { Log } from './log.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { RETRY_AFTER_SECONDS } from './queue.ts'

export function createInProcessChecker(
  settings: CheckerSettings,
  options: Partial<Checker & { log: Log; registry: Registry }> = {},
) {
  const { log: writeLog = createLog() } = options
  const { queue, probe } = { ...createChecker(settings), ...options }
  const metrics = createMetrics(queue, options.registry ?? new Registry())
  const log: Log = (event) => {
    writeLog(event)
    metrics.observe(event)
  }
  const check = createCheck({ queue, probe, log })
  const closing = new AbortController()

  return {
    /** Never rejects: even a bug becomes a failure. */
    async probe(
      request: ProbeRequest,
      jti = randomBytes(16).toString('hex'),
      caller: string | null = null,
    ): Promise<ProbeResult> {
      const { signal } = closing
      if (signal.aborted) return BUSY
      // Checked again, as by the service: a control character could add a command to the login.
      if (!ProbeRequest.safeParse(request).success) {
        log({ name: 'refused', status: 400, reason: 'bad_request', jti })
        return FAILED
      }
      try {
        const result = await check({ jti, caller: caller ?? '', request }, signal)
        // The report of a login that `close` ended says nothing. That of a message says whether it was sent.
        const isCut = signal.aborted && result.ok && result.value.sent === undefined
        return result.ok && !isCut ? result : BUSY
      } catch (error) {
        log({ name: 'crashed', error })
        return FAILED
      }
    },
    /** Returns `not_ready` only after `close`: there is no key, clock or network in between. */
    readiness: async (): Promise<'ready' | 'not_ready'> =>
      closing.signal.aborted ? 'not_ready' : 'ready',
    /** Ends running logins and refuses new ones. */
    close: () => closing.abort(),
  }
}

const failure = (kind: CheckerFailure['kind'], retryAfter: number | null) =>
  ({ ok: false, error: { kind, status: null, retryAfter } }) as const

const BUSY = failure('busy', RETRY_AFTER_SECONDS)
const FAILED = failure('failed', null)
