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
  READINESS_TYP,
  READY_TYP,
  REPORT_TYP,
} from '../schema/probe.ts'
import type { KeyRing } from '../schema/settings.ts'

/** Tolerated difference between the clocks of two machines. */
const CLOCK_SKEW_SECONDS = 5
/** Capacity of the replay guard: 500 messages a second, for as long as one could be replayed. */
const MAX_REMEMBERED = 20_000

type MessageId = { kid: string; jti: string }

/**
 * Creates the functions that open and seal messages. The `reason` and `jti` of a refusal are for the log only; `jti` is
 * null unless the message was sealed with a key of the ring.
 */
export function createEnvelope(
  ring: KeyRing | readonly [],
  now: () => Date,
  maxRemembered = MAX_REMEMBERED,
) {
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

  /** Opens a message of this type if its key and age are right. */
  async function openFresh(sealed: string, typ: string) {
    const opened = await decrypt(sealed)
    if (opened === null) return refuse(401, 'not_opened')
    const header = parseHeader(opened.protectedHeader, typ)
    if (header === null) return refuse(401, 'bad_header')
    const seconds = now().getTime() / 1000
    if (header.iat > seconds + CLOCK_SKEW_SECONDS) {
      return refuse(401, 'not_yet_valid', header.jti)
    }
    if (header.exp <= seconds - CLOCK_SKEW_SECONDS) return refuse(401, 'expired', header.jti)
    return { ok: true as const, ...header, seconds, plaintext: opened.plaintext }
  }

  async function seal(typ: string, body: object, { kid, jti }: MessageId) {
    const key = await keys.get(kid)
    if (key === undefined) throw new Error('the key ring has no such key')
    return new CompactEncrypt(new TextEncoder().encode(JSON.stringify(body)))
      .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', typ, kid, jti })
      .encrypt(key)
  }

  return {
    /**
     * Opens a message (single use). A replay is refused until the message has expired. `caller` is the party for which
     * the sender asks (`sub`), or else the key of the sender.
     */
    async open(sealed: string) {
      const message = await openFresh(sealed, PROBE_TYP)
      if (!message.ok) return message
      const { kid, jti, caller, exp, seconds, plaintext } = message
      const id = rememberId(jti, exp + CLOCK_SKEW_SECONDS, seconds)
      if (id === 'seen') return refuse(401, 'replayed', jti)
      if (id === 'full') return refuse(503, 'memory_full', jti)
      const request = parseRequest(plaintext)
      return request === null
        ? refuse(400, 'bad_request', jti)
        : { ok: true as const, kid, jti, caller, request }
    },
    /** Opens a readiness check. It may be replayed, since it does nothing, and it must not fill the memory. */
    openReadinessCheck: (sealed: string) => openFresh(sealed, READINESS_TYP),
    /** Seals the report with the key and the `jti` of the request. */
    seal: (report: ProbeReport, request: MessageId) => seal(REPORT_TYP, report, request),
    /** Seals the response to a readiness check. */
    sealReady: (request: MessageId) => seal(READY_TYP, {}, request),
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

/**
 * Returns the header fields, or null if one is missing or malformed, the message is of another type, or `exp` is too
 * far from `iat`.
 */
function parseHeader(header: CompactJWEHeaderParameters, expectedTyp: string) {
  const { typ, kid, jti, sub, iat, exp } = header
  if (typ !== expectedTyp || typeof kid !== 'string') return null
  if (typeof jti !== 'string' || !/^[\w-]{16,64}$/.test(jti)) return null
  if (!isSeconds(iat) || !isSeconds(exp) || exp <= iat || exp - iat > PROBE_LIFETIME_S) return null
  const caller = typeof sub === 'string' && /^[\w-]{1,64}$/.test(sub) ? `${kid} ${sub}` : kid
  return { kid, jti, caller, iat, exp }
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
 * Remembers message ids until they expire. Only messages that opened get here, so only a holder of the key can fill it;
 * when full, it refuses new ids rather than dropping old ones.
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
