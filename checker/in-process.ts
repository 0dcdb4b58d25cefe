/**
 * The checker for an API in the same process: the queue, probe and log of the service, without HTTP and sealing. It has
 * the same interface as the client of a remote checker.
 */
import { randomBytes } from 'node:crypto'
import { Registry } from 'prom-client'
import { PROBE_TIMEOUT_MS, type ProbeReport, ProbeRequest } from '../schema/probe.ts'
import {
  type Checker,
  type CheckerSettings,
  type CheckResult,
  createCheck,
  createChecker,
} from './create-checker.ts'
import type { Log } from './log.ts'
import { createLog } from './log.ts'
import { createMetrics } from './metrics.ts'
import { RETRY_AFTER_SECONDS } from './queue.ts'

type Failure = {
  kind: 'busy' | 'timeout' | 'failed'
  status: null
  /** Seconds. */
  retryAfter: number | null
}

type InProcessChecker = {
  /** Never rejects: even a bug becomes a failure. */
  probe: (
    request: ProbeRequest,
    jti?: string,
    caller?: string | null,
  ) => Promise<{ ok: true; value: ProbeReport } | { ok: false; error: Failure }>
  /** `not_ready` only after `close`: there is no key, clock or network in between. */
  readiness: () => Promise<'ready' | 'not_ready'>
  /** Ends running logins and refuses new ones. */
  close: () => void
}

export function createInProcessChecker(
  settings: CheckerSettings,
  options: Partial<Checker & { log: Log; timeoutMs: number; registry: Registry }> = {},
): InProcessChecker {
  const { log: writeLog = createLog(), timeoutMs = PROBE_TIMEOUT_MS } = options
  const { queue, probe } = { ...createChecker(settings), ...options }
  const metrics = createMetrics(queue, options.registry ?? new Registry())
  const log: Log = (event) => {
    writeLog(event)
    metrics.observe(event)
  }
  const check = createCheck({ queue, probe, log })
  const running = new Set<AbortController>()
  let closed = false

  async function run(message: Parameters<typeof check>[0]): Promise<CheckResult | Failure> {
    if (closed) return BUSY
    // Checked again, as by the service: a control character could add a command to the login.
    if (!ProbeRequest.safeParse(message.request).success) {
      log({ name: 'refused', status: 400, reason: 'bad_request', jti: message.jti })
      return FAILED
    }
    const controller = new AbortController()
    const timer = setTimeout(() => controller.abort(), timeoutMs)
    running.add(controller)
    try {
      const result = await check(message, controller.signal)
      // The report of an aborted login only says that its time was up. That of a test message also says whether it
      // was sent.
      const saysIfSent = result.ok && result.value.sent !== undefined
      if (controller.signal.aborted && !saysIfSent) return closed ? BUSY : TIMEOUT
      return result
    } catch (error) {
      log({ name: 'crashed', error })
      return FAILED
    } finally {
      clearTimeout(timer)
      running.delete(controller)
    }
  }

  return {
    async probe(request, jti = randomBytes(16).toString('hex'), caller = null) {
      const result = await run({ jti, caller: caller ?? '', request })
      if ('kind' in result) return { ok: false, error: result }
      return result.ok ? result : { ok: false, error: BUSY }
    },
    readiness: async () => (closed ? 'not_ready' : 'ready'),
    close() {
      closed = true
      for (const controller of running) controller.abort()
    },
  }
}

const BUSY: Failure = { kind: 'busy', status: null, retryAfter: RETRY_AFTER_SECONDS }
const TIMEOUT: Failure = { kind: 'timeout', status: null, retryAfter: null }
const FAILED: Failure = { kind: 'failed', status: null, retryAfter: null }
