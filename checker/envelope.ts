/**
 * The sealed letters between the Worker and the checker (schema/probe.ts): opens a request, once,
 * and seals its report under the same key and `jti`. Web standards only, so it runs anywhere.
 */
import { CompactEncrypt, type CompactJWEHeaderParameters, compactDecrypt } from 'jose'
import {
  PROBE_LIFETIME,
  PROBE_TYP,
  type ProbeReport,
  ProbeRequest,
  REPORT_TYP,
} from '../schema/probe.ts'
import type { KeyRing } from '../schema/settings.ts'

/** Clocks of two machines may differ by this much, seconds. */
const SKEW = 5
/** How many letters are remembered: 500 a second for as long as one can be replayed. */
const MEMORY = 20_000

type Letter = { kid: string; jti: string; request: ProbeRequest }

/**
 * Not `ok`: no proof that it comes from a holder of the key, now. The reason is for the log, and so is
 * the `jti` of a letter that such a holder did seal.
 */
export type Opened =
  | ({ ok: true } & Letter)
  | { ok: false; status: 400 | 401 | 503; reason: string; jti: string | null }

export type Envelope = {
  /** Works once per letter: the same one again is refused for as long as it would be valid. */
  open(sealed: string): Promise<Opened>
  seal(report: ProbeReport, letter: Pick<Letter, 'kid' | 'jti'>): Promise<string>
}

export function createEnvelope(ring: KeyRing, now: () => Date, memory = MEMORY): Envelope {
  const keys = new Map(ring.map(({ kid, key }) => [kid, importKey(key)]))
  const replayed = createMemory(memory)

  async function decrypt(sealed: string) {
    try {
      return await compactDecrypt(
        sealed,
        (header) => {
          const key = keys.get(header.kid ?? '')
          if (key === undefined) throw new Error('no such key')
          return key
        },
        {
          keyManagementAlgorithms: ['dir'],
          contentEncryptionAlgorithms: ['A256GCM'],
          maxDecompressedLength: 0, // no `zip`: a small letter must not become a big one
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
      const header = readHeader(opened.protectedHeader)
      if (header === null) return refuse(401, 'bad_header')
      const { kid, jti, iat, exp } = header
      const seconds = now().getTime() / 1000
      if (iat > seconds + SKEW) return refuse(401, 'not_yet_valid', jti)
      if (exp <= seconds - SKEW) return refuse(401, 'expired', jti)
      const seen = replayed(jti, exp + SKEW, seconds)
      if (seen !== 'new') {
        return seen === 'known' ? refuse(401, 'replayed', jti) : refuse(503, 'memory_full', jti)
      }
      const request = readRequest(opened.plaintext)
      return request === null ? refuse(400, 'bad_request', jti) : { ok: true, kid, jti, request }
    },

    async seal(report, { kid, jti }) {
      const key = await keys.get(kid)
      if (key === undefined) throw new Error('a report can only be sealed with a key of the ring')
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

/** The members that the contract asks for, or null. A letter may not outlive PROBE_LIFETIME. */
function readHeader(header: CompactJWEHeaderParameters) {
  const { typ, kid, jti, iat, exp } = header
  if (typ !== PROBE_TYP || typeof kid !== 'string') return null
  if (typeof jti !== 'string' || !/^[\w-]{16,64}$/.test(jti)) return null
  if (!isSeconds(iat) || !isSeconds(exp) || exp <= iat || exp - iat > PROBE_LIFETIME) return null
  return { kid, jti, iat, exp }
}

const isSeconds = (value: unknown): value is number => Number.isSafeInteger(value)

function readRequest(plaintext: Uint8Array): ProbeRequest | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(plaintext)
    const parsed = ProbeRequest.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch {
    return null
  }
}

/**
 * Remembers ids until they can no longer be used. Only letters that opened get here, so it is a
 * holder of the key who could fill it; full, it refuses rather than forgets.
 */
function createMemory(limit: number) {
  const until = new Map<string, number>()
  return (jti: string, expires: number, seconds: number): 'new' | 'known' | 'full' => {
    if (until.has(jti) && (until.get(jti) ?? 0) > seconds) return 'known'
    if (until.size >= limit) {
      for (const [id, end] of until) if (end <= seconds) until.delete(id)
    }
    if (until.size >= limit) return 'full'
    until.set(jti, expires)
    return 'new'
  }
}
