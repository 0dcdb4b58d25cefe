/**
 * Microsoft's signing keys, cached per authority. Lifetimes follow Microsoft's advice on signing key
 * rollover: keys are kept for a day, and a key that is not known is asked for once in five minutes, so
 * that made-up key ids cannot drive requests.
 */
import { createRemoteJWKSet, customFetch, type JWK, type RemoteJWKSet } from 'jose'
import { type Authority, endpoints } from './authority.ts'
import { ENTRA_TIMEOUT, type EntraHttp, getJson } from './http.ts'

/** Entra adds to each key of its set whom it may speak for; `{tenantid}` stands for any tenant. */
export type SigningKey = JWK & { issuer?: unknown }

const KEYS_MAX_AGE = 24 * 3600_000
const KEYS_COOLDOWN = 5 * 60_000

/** The key set of an authority. Authorities come from settings, so they stay few. */
export function createSigningKeys(http: EntraHttp): (authority: Authority) => RemoteJWKSet {
  const keySets = new Map<string, RemoteJWKSet>()
  return (authority) => {
    const url = endpoints(authority).jwks
    const known = keySets.get(url)
    if (known) return known
    const keys = createRemoteJWKSet(new URL(url), {
      timeoutDuration: http.timeoutMs ?? ENTRA_TIMEOUT,
      cacheMaxAge: KEYS_MAX_AGE,
      cooldownDuration: KEYS_COOLDOWN,
      // jose's own fetch bounds neither the body nor the time that it takes.
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

/** The one key of that name; null when there is none, several, or no name to go by. */
export function signingKey(keys: RemoteJWKSet, kid: unknown): SigningKey | null {
  const [key, ...others] = keys.jwks()?.keys.filter((jwk) => jwk.kid === kid) ?? []
  return typeof kid === 'string' && key && others.length === 0 ? key : null
}
