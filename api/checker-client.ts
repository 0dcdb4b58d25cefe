/**
 * Requests a login from the checker. Request and response are sealed (schema/probe.ts); a response that
 * cannot be opened or has another `jti` is treated as malformed.
 */
import { createSecretKey } from 'node:crypto'
import { SECOND_MS } from '../schema/durations.ts'
import {
  type CheckerFailure,
  PROBE_LIFETIME_S,
  PROBE_PATH,
  PROBE_TIMEOUT_MS,
  PROBE_TYP,
  ProbeReport,
  type ProbeRequest,
  type ProbeResult,
  READINESS_PATH,
  READINESS_TYP,
  READY_TYP,
  REPORT_TYP,
} from '../schema/probe.ts'
import type { KeyRing } from '../schema/settings.ts'
import { startDeadline } from './deadline.ts'
import { decryptJwe, encryptJwe, parseJweHeader } from './jwe.ts'
import { readBounded } from './read-bounded.ts'

const MAX_RESPONSE_BYTES = 64 * 1024
const READINESS_TIMEOUT_MS = 3 * SECOND_MS
/** Less than the checker's own tolerance of 5 s, and more than the whole seconds of a Date header. */
const TOLERATED_CLOCK_DIFFERENCE_MS = 4 * SECOND_MS

export type CheckerClient = ReturnType<typeof createCheckerClient>

export function createCheckerClient(input: {
  fetch: typeof fetch
  url: string
  ring: KeyRing
  now: () => Date
  random: (n: number) => Uint8Array
  timeoutMs?: number
}) {
  const { fetch, url, ring, now, random } = input
  const { kid } = ring[0]
  const key = createSecretKey(ring[0].key)

  async function post(path: string, body: string, signal: AbortSignal) {
    return fetch(`${url}${path}`, {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/jose' },
      redirect: 'manual',
      signal,
    })
  }

  function seal(typ: string, content: object, id: { jti: string; sub?: string }) {
    const iat = Math.floor(now().getTime() / 1000)
    const exp = iat + PROBE_LIFETIME_S
    const header = { alg: 'dir', enc: 'A256GCM', typ, kid, ...id, iat, exp } as const
    return encryptJwe(header, JSON.stringify(content), key)
  }

  /** Returns the decoded content of a sealed response to `jti`; null for anything else. */
  async function open(response: Response, typ: string, jti: string): Promise<unknown> {
    const body = await readBounded(response, MAX_RESPONSE_BYTES)
    if (body === null) return null
    try {
      const text = new TextDecoder().decode(body)
      const header = parseJweHeader(text)
      if (header.typ !== typ || header.jti !== jti) return null
      return JSON.parse(decryptJwe(text, key))
    } catch {
      return null
    }
  }

  return {
    /**
     * Runs one login. `jti` identifies it in the sealed bodies and in the logs of both sides. `caller` is
     * the id of the API key, if any; the checker divides its places among callers.
     */
    async probe(
      request: ProbeRequest,
      jti = newJti(random),
      caller: string | null = null,
    ): Promise<ProbeResult> {
      const header = caller === null ? { jti } : { jti, sub: caller }
      const sealed = seal(PROBE_TYP, request, header)
      using deadline = startDeadline(input.timeoutMs ?? PROBE_TIMEOUT_MS)
      try {
        const response = await post(PROBE_PATH, sealed, deadline.signal)
        if (response.status !== 200) {
          await response.body?.cancel()
          return refusal(response)
        }
        const report = ProbeReport.safeParse(await open(response, REPORT_TYP, jti))
        return report.success ? { ok: true, value: report.data } : failure('malformed', 200)
      } catch {
        return failure(deadline.signal.aborted ? 'timeout' : 'unreachable', null)
      }
    },

    /** Asks, sealed, whether the checker accepts work from this key and clock. */
    async readiness(): Promise<CheckerReadiness> {
      const jti = newJti(random)
      const sealed = seal(READINESS_TYP, {}, { jti })
      using deadline = startDeadline(READINESS_TIMEOUT_MS)
      try {
        const response = await post(READINESS_PATH, sealed, deadline.signal)
        if (response.status === 200) {
          return (await open(response, READY_TYP, jti)) === null ? 'malformed' : 'ready'
        }
        await response.body?.cancel()
        if (response.status === 503) return 'not_ready'
        if (response.status !== 401) return 'malformed'
        return isClockOff(response, now()) ? 'wrong_clock' : 'wrong_key'
      } catch {
        return 'unreachable'
      }
    },
  }
}

/**
 * `wrong_key` and `wrong_clock`: the checker refused the message. `malformed`: not the response of a
 * checker that shares our key, or of this version.
 */
export type CheckerReadiness =
  | 'ready'
  | 'not_ready'
  | 'wrong_key'
  | 'wrong_clock'
  | 'malformed'
  | 'unreachable'

/** Returns true if the clock of the checker explains a refusal, since the message was valid for 30 s only. */
function isClockOff(response: Response, now: Date): boolean {
  const theirs = Date.parse(response.headers.get('date') ?? '')
  return Math.abs(theirs - now.getTime()) > TOLERATED_CLOCK_DIFFERENCE_MS
}

export const newJti = (random: (n: number) => Uint8Array) =>
  Array.from(random(16), (byte) => byte.toString(16).padStart(2, '0')).join('')

const failure = (
  kind: CheckerFailure['kind'],
  status: number | null,
  retryAfter: number | null = null,
) => ({ ok: false as const, error: { kind, status, retryAfter } })

function refusal(response: Response) {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const retryAfter = Number.isFinite(seconds) ? Math.min(Math.max(seconds, 1), 600) : null
  if (response.status === 503) return failure('busy', 503, retryAfter)
  return failure(response.status < 500 ? 'refused' : 'unreachable', response.status)
}
