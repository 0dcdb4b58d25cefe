/**
 * Microsoft's signing keys, cached per authority. As Microsoft advises for signing key rollover, keys are
 * cached for a day, and an unknown key id triggers at most one fetch in five minutes, so that forged key
 * ids cannot cause requests.
 */
import { createRemoteJWKSet, customFetch, type JWK, type RemoteJWKSet } from 'jose'
import { DAY_MS, MINUTE_MS } from '../../schema/durations.ts'
import { type Authority, endpoints } from './authority.ts'
import { type EntraHttp, getJson } from './http.ts'

/** A key of Entra's set with the issuer that it is valid for; `{tenantid}` stands for any tenant. */
export type SigningKey = JWK & { issuer?: unknown }

const KEYS_MAX_AGE_MS = DAY_MS
const KEYS_COOLDOWN_MS = 5 * MINUTE_MS

/** Creates the cache of key sets by authority. Authorities come from settings, so there are few. */
export function createSigningKeys(http: EntraHttp): (authority: Authority) => RemoteJWKSet {
  const keySets = new Map<string, RemoteJWKSet>()
  return (authority) => {
    const url = endpoints(authority).jwks
    const known = keySets.get(url)
    if (known) return known
    const keys = createRemoteJWKSet(new URL(url), {
      cacheMaxAge: KEYS_MAX_AGE_MS,
      cooldownDuration: KEYS_COOLDOWN_MS,
      // jose's own fetch does not bound the body. `getJson` does, and has its own timeout.
      [customFetch]: async () => {
        const result = await getJson(http, url)
        if (!result.ok || result.answer.status !== 200 || result.answer.defect !== null) {
          throw new Error('the signing keys cannot be fetched')
        }
        return Response.json(result.answer.json)
      },
    })
    keySets.set(url, keys)
    return keys
  }
}

/** Returns the key with this id, or null if there is none or more than one. */
export function signingKey(keys: RemoteJWKSet, kid: unknown): SigningKey | null {
  const [key, ...others] = keys.jwks()?.keys.filter((jwk) => jwk.kid === kid) ?? []
  return typeof kid === 'string' && key && others.length === 0 ? key : null
}
