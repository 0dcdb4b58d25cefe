/**
 * Microsoft's signing keys, cached per authority and key ID. As Microsoft advises for signing key rollover, keys are
 * fetched once a day, and once more for a token that fits none of them, at most every five minutes. A set without a
 * usable key, or a failed fetch, changes nothing, so the keys at hand remain.
 */
import { type CryptoKey, importJWK, type JWK } from 'jose'
import { DAY_MS, MINUTE_MS, SECOND_MS } from '../../schema/durations.ts'
import { isDue } from '../model/operations.ts'
import { type Authority, endpoints } from './authority.ts'
import type { Unreachable } from './errors.ts'
import { type EntraHttp, getJson } from './http.ts'

/** A key of Entra's set. `issuer`: the one that it is valid for; `{tenantid}` stands for any tenant. */
export type SigningKey = { key: CryptoKey; issuer: unknown }

/** Thrown when there are no keys, or no newer ones, because Microsoft does not serve them. */
class KeysUnavailable extends Error {}

const KEYS_MAX_AGE_MS = DAY_MS
/** Pause between two fetches for a token that fits no key. */
const MISFIT_PAUSE_MS = 5 * MINUTE_MS
/** Pause after a failed fetch while older keys can still be used. */
const FAILED_PAUSE_MS = MINUTE_MS
/** Short, so that most of the deadline remains for the redemption of the code. */
const KEYS_TIMEOUT_MS = 5 * SECOND_MS
/** Bits, as RFC 7518 section 3.3 requires. */
const MIN_MODULUS = 2048

/** The time at which a key is required, and the signal that ends the wait for it. */
export type KeyRequest = { now: Date; deadline: AbortSignal }

export type KeySet = {
  /** Fetches the keys unless they are cached. `unavailable`: Microsoft did not serve any. */
  load: (request: KeyRequest) => Promise<'loaded' | 'unavailable' | Unreachable>
  /** Returns null for an unknown key ID. Throws KeysUnavailable. */
  find: (kid: string, request: KeyRequest) => Promise<SigningKey | null>
  /**
   * Fetches the keys for a token that fits none of them, because Microsoft has new ones or a wrong set was served.
   * Returns false within five minutes of the last such fetch. Throws KeysUnavailable.
   */
  fetchForMisfit: (request: KeyRequest) => Promise<boolean>
}

/** Creates the cache of key sets by authority. Authorities come from settings, so there are few. */
export function createSigningKeys(http: EntraHttp): (authority: Authority) => KeySet {
  const keySets = new Map<string, KeySet>()
  return (authority) => {
    const url = endpoints(authority).jwks
    const keySet = keySets.get(url) ?? createKeySet(http, url)
    keySets.set(url, keySet)
    return keySet
  }
}

/** Requests share no fetch, since on Workers, one request cannot wait for the I/O of another. */
function createKeySet(http: EntraHttp, url: string): KeySet {
  const known = new Map<string, SigningKey & { seenAt: number }>()
  let due = new Date(0)
  let misfitFetchDue = new Date(0)

  /** Fetches the keys. Nothing changes unless Microsoft serves a usable set. */
  async function fetchKeys({ now, deadline }: KeyRequest): ReturnType<KeySet['load']> {
    const at = now.getTime()
    const timeoutMs = Math.min(http.timeoutMs ?? KEYS_TIMEOUT_MS, KEYS_TIMEOUT_MS)
    const result = await getJson({ ...http, timeoutMs }, url, deadline)
    const usable = result.ok && result.response.status === 200 && result.response.defect === null
    const keys = usable ? await readKeys(result.response.json) : new Map<string, SigningKey>()
    if (keys.size === 0) {
      due = new Date(at + FAILED_PAUSE_MS)
      return !result.ok && result.failure.kind === 'unreachable' ? result.failure : 'unavailable'
    }
    // A key that is no longer served remains for a day, since a set of wrong keys must not displace good ones.
    for (const [kid, { seenAt }] of known) {
      if (at - seenAt >= KEYS_MAX_AGE_MS) known.delete(kid)
    }
    for (const [kid, key] of keys) known.set(kid, { ...key, seenAt: at })
    due = new Date(at + KEYS_MAX_AGE_MS)
    return 'loaded'
  }

  async function load(request: KeyRequest): ReturnType<KeySet['load']> {
    const mustFetch = known.size === 0 || isDue(due, request.now, KEYS_MAX_AGE_MS)
    const fetched = mustFetch ? await fetchKeys(request) : 'loaded'
    return known.size > 0 ? 'loaded' : fetched
  }

  return {
    load,
    async find(kid, request) {
      if ((await load(request)) !== 'loaded') throw new KeysUnavailable()
      return known.get(kid) ?? null
    },
    async fetchForMisfit(request) {
      const { now } = request
      if (!isDue(misfitFetchDue, now, MISFIT_PAUSE_MS)) return false
      if ((await fetchKeys(request)) !== 'loaded') throw new KeysUnavailable()
      misfitFetchDue = new Date(now.getTime() + MISFIT_PAUSE_MS)
      return true
    },
  }
}

/** Returns the usable keys of a set (RFC 7517 section 5) by key ID. Keys that share an ID are left out. */
async function readKeys(json: unknown): Promise<Map<string, SigningKey>> {
  const usable = new Map<string, SigningKey>()
  const { keys } = (json ?? {}) as { keys?: unknown }
  if (!Array.isArray(keys)) return usable
  const seen = new Set<unknown>()
  for (const jwk of keys as unknown[]) {
    const { kid, issuer } = (jwk ?? {}) as { kid?: unknown; issuer?: unknown }
    if (typeof kid !== 'string') continue
    const key = seen.has(kid) ? null : await readKey(jwk as JWK)
    if (key) usable.set(kid, { key, issuer })
    else usable.delete(kid)
    seen.add(kid)
  }
  return usable
}

/** Returns null unless it is an RSA key that may verify RS256 signatures. */
async function readKey(jwk: JWK): Promise<CryptoKey | null> {
  if (jwk.kty !== 'RSA' || (jwk.use ?? 'sig') !== 'sig' || (jwk.alg ?? 'RS256') !== 'RS256') {
    return null
  }
  try {
    // Imports only the public part, whatever else the set contains.
    const key = await importJWK({ kty: 'RSA', n: jwk.n, e: jwk.e } as JWK, 'RS256')
    if (key instanceof Uint8Array) return null
    const { modulusLength } = key.algorithm as { modulusLength?: number }
    return (modulusLength ?? 0) >= MIN_MODULUS ? key : null
  } catch {
    return null
  }
}
