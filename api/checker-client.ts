/**
 * Requests a login from the checker. Request and response are sealed (schema/probe.ts); a response that
 * cannot be opened or has another `jti` is treated as malformed.
 */
import { CompactEncrypt, type CryptoKey, compactDecrypt } from 'jose'
import { SECOND_MS } from '../schema/durations.ts'
import {
  PROBE_DEADLINE_MS,
  PROBE_LIFETIME_S,
  PROBE_PATH,
  PROBE_TYP,
  ProbeReport,
  type ProbeRequest,
  REPORT_TYP,
} from '../schema/probe.ts'
import type { KeyRing } from '../schema/settings.ts'

/** Milliseconds: longer than the checker's own budget, shorter than the 20 s promised to callers. */
const TIMEOUT_MS = PROBE_DEADLINE_MS + 3 * SECOND_MS
const MAX_ANSWER = 64 * 1024

export type CheckerFailure = {
  kind: 'unreachable' | 'timeout' | 'busy' | 'refused' | 'nonsense'
  status: number | null
  /** Seconds, if the checker stated them. */
  retryAfter: number | null
}

export type ProbeAnswer = { ok: true; value: ProbeReport } | { ok: false; error: CheckerFailure }

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
  const { kid, key } = ring[0]
  // Caches the key, not its promise: a Worker must not await work that another request has started.
  let imported: CryptoKey | undefined
  const importKey = async () =>
    (imported ??= await crypto.subtle.importKey('raw', key, 'AES-GCM', false, [
      'encrypt',
      'decrypt',
    ]))

  async function send(path: string, init: RequestInit, timeoutMs: number) {
    return fetch(`${url}${path}`, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    })
  }

  return {
    /** Runs one login. `jti` identifies it in the sealed bodies and in the logs of both sides. */
    async probe(request: ProbeRequest, jti = newJti(random)): Promise<ProbeAnswer> {
      const cryptoKey = await importKey()
      const iat = Math.floor(now().getTime() / 1000)
      const sealed = await new CompactEncrypt(new TextEncoder().encode(JSON.stringify(request)))
        .setProtectedHeader({
          alg: 'dir',
          enc: 'A256GCM',
          typ: PROBE_TYP,
          kid,
          jti,
          iat,
          exp: iat + PROBE_LIFETIME_S,
        })
        .encrypt(cryptoKey)
      try {
        const init = {
          method: 'POST',
          body: sealed,
          headers: { 'content-type': 'application/jose' },
        }
        const response = await send(PROBE_PATH, init, input.timeoutMs ?? TIMEOUT_MS)
        if (response.status !== 200) {
          await response.body?.cancel()
          return refusal(response)
        }
        return await readReport(response, jti, cryptoKey)
      } catch (error) {
        const timeout = error instanceof Error && error.name === 'TimeoutError'
        return failure(timeout ? 'timeout' : 'unreachable', null)
      }
    },

    /** Checks that the checker is ready to accept work. */
    async ready(): Promise<boolean> {
      try {
        const response = await send('/readyz', {}, 3 * SECOND_MS)
        await response.body?.cancel()
        return response.status === 200
      } catch {
        return false
      }
    },
  }
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

async function readReport(response: Response, jti: string, key: CryptoKey): Promise<ProbeAnswer> {
  const text = await readBounded(response)
  if (text === null) return failure('nonsense', 200)
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(text, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
    })
    if (protectedHeader.typ !== REPORT_TYP || protectedHeader.jti !== jti) {
      return failure('nonsense', 200)
    }
    const report = ProbeReport.safeParse(JSON.parse(new TextDecoder().decode(plaintext)))
    return report.success ? { ok: true, value: report.data } : failure('nonsense', 200)
  } catch {
    return failure('nonsense', 200)
  }
}

/** Reads the body as text; returns null if it exceeds the maximum length. */
async function readBounded(response: Response): Promise<string | null> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true })
    if (text.length > MAX_ANSWER) return null
  }
  return text
}
