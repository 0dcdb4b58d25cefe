/**
 * The encrypted messages between the Worker and the checker (schema/probe.ts). Opens a request, once,
 * and seals its report with the same key and `jti`. Uses web standards only, so it runs anywhere.
 */
import { CompactEncrypt, type CompactJWEHeaderParameters, compactDecrypt } from 'jose'
import {
  PROBE_LIFETIME_S,
  PROBE_TYP,
  type ProbeReport,
  ProbeRequest,
  REPORT_TYP,
} from '../schema/probe.ts'
import type { KeyRing } from '../schema/settings.ts'

/** Tolerated difference between the clocks of two machines. */
const CLOCK_SKEW_SECONDS = 5
/** Capacity of the replay guard: 500 messages a second, for as long as one could be replayed. */
const MAX_REMEMBERED = 20_000

type ProbeMessage = { kid: string; jti: string; request: ProbeRequest }

/**
 * Result of opening a message. `reason` and `jti` are for the log only; `jti` is null unless the message
 * was sealed with a key of the ring.
 */
export type OpenResult =
  | ({ ok: true } & ProbeMessage)
  | { ok: false; status: 400 | 401 | 503; reason: string; jti: string | null }

export type Envelope = {
  /** Opens a message (single use): a replay is refused until the message has expired. */
  open(sealed: string): Promise<OpenResult>
  /** Seals the report with the key and the `jti` of the request. */
  seal(report: ProbeReport, request: Pick<ProbeMessage, 'kid' | 'jti'>): Promise<string>
}

export function createEnvelope(
  ring: KeyRing,
  now: () => Date,
  maxRemembered = MAX_REMEMBERED,
): Envelope {
  const keys = new Map(ring.map(({ kid, key }) => [kid, importKey(key)]))
  const rememberId = createReplayGuard(maxRemembered)

  async function decrypt(sealed: string) {
    try {
      return await compactDecrypt(
        sealed,
        (header) => {
          const key = keys.get(header.kid ?? '')
          if (key === undefined) throw new Error('unknown kid')
          return key
        },
        {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
          maxDecompressedLength: 0, // refuses `zip`, so that no message expands
        },
      )
    } catch {
      return null
    }
  }

  return {
    async open(sealed) {
      const opened = await decrypt(sealed)
      if (opened === null) return refuse(401, 'not_opened')
      const header = parseHeader(opened.protectedHeader)
      if (header === null) return refuse(401, 'bad_header')
      const { kid, jti, iat, exp } = header
      const seconds = now().getTime() / 1000
      if (iat > seconds + CLOCK_SKEW_SECONDS) return refuse(401, 'not_yet_valid', jti)
      if (exp <= seconds - CLOCK_SKEW_SECONDS) return refuse(401, 'expired', jti)
      const id = rememberId(jti, exp + CLOCK_SKEW_SECONDS, seconds)
      if (id === 'seen') return refuse(401, 'replayed', jti)
      if (id === 'full') return refuse(503, 'memory_full', jti)
      const request = parseRequest(opened.plaintext)
      return request === null ? refuse(400, 'bad_request', jti) : { ok: true, kid, jti, request }
    },

    async seal(report, { kid, jti }) {
      const key = await keys.get(kid)
      if (key === undefined) throw new Error('the key ring has no such key')
      return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(report)))
        .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ: REPORT_TYP, kid, jti })
        .encrypt(key)
    },
  }
}

const importKey = (key: Uint8Array<ArrayBuffer>) =>
  crypto.subtle.importKey('raw', key, 'AES-GCM', false, ['encrypt', 'decrypt'])

const refuse = (status: 400 | 401 | 503, reason: string, jti: string | null = null) => ({
  ok: false as const,
  status,
  reason,
  jti,
})

/** Returns the header fields, or null if one is missing or malformed, or `exp` is too far from `iat`. */
function parseHeader(header: CompactJWEHeaderParameters) {
  const { typ, kid, jti, iat, exp } = header
  if (typ !== PROBE_TYP || typeof kid !== 'string') return null
  if (typeof jti !== 'string' || !/^[\w-]{16,64}$/.test(jti)) return null
  if (!isSeconds(iat) || !isSeconds(exp) || exp <= iat || exp - iat > PROBE_LIFETIME_S) return null
  return { kid, jti, iat, exp }
}

const isSeconds = (value: unknown): value is number => Number.isSafeInteger(value)

function parseRequest(plaintext: Uint8Array): ProbeRequest | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(plaintext)
    const parsed = ProbeRequest.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

/**
 * Remembers message ids until they expire. Only messages that opened get here, so only a holder of the
 * key can fill it; when full, it refuses new ids rather than forgetting old ones.
 */
function createReplayGuard(limit: number) {
  const expiries = new Map<string, number>()
  return (jti: string, expires: number, seconds: number): 'new' | 'seen' | 'full' => {
    if ((expiries.get(jti) ?? 0) > seconds) return 'seen'
    if (expiries.size >= limit) {
      for (const [id, end] of expiries) if (end <= seconds) expiries.delete(id)
    }
    if (expiries.size >= limit) return 'full'
    expiries.set(jti, expires)
    return 'new'
  }
}
