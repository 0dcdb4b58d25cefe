/**
 * The Entra client: all functions that require the network, bound to one `fetch`. Create one per isolate,
 * since it caches signing keys. Pure functions are imported from their own files.
 */
import { isGuid } from '../../schema/integration.ts'
import type { Cloud } from '../../schema/mail-servers.ts'
import { startDeadline } from '../deadline.ts'
import { type Authority, authorityOf, endpoints, issuerOf } from './authority.ts'
import { ENTRA_DEADLINE_MS, type EntraHttp, getJson } from './http.ts'
import { type IdTokenExpectation, verifyIdToken } from './id-token.ts'
import { createSigningKeys, type KeyRequest } from './signing-keys.ts'
import { clientCredentials, exchangeCode, refreshTokens } from './token.ts'

type Input<F extends (http: never, input: never) => unknown> = Parameters<F>[1]

export function createEntra(options: {
  fetch: typeof fetch
  authorityOverride?: string
  timeoutMs?: number
  deadlineMs?: number
}) {
  const { authorityOverride, deadlineMs = ENTRA_DEADLINE_MS, ...http } = options
  const keysOf = createSigningKeys(http)
  return {
    /** Starts the deadline of all exchanges for one purpose. */
    startDeadline: () => startDeadline(deadlineMs),
    authority: (cloud: Cloud, tenant: string) => authorityOf(cloud, tenant, authorityOverride),
    exchangeCode: (input: Input<typeof exchangeCode>) => exchangeCode(http, input),
    refresh: (input: Input<typeof refreshTokens>) => refreshTokens(http, input),
    clientCredentials: (input: Input<typeof clientCredentials>) => clientCredentials(http, input),
    resolveTenant: (authority: Authority) => resolveTenant(http, authority),
    /** Fetches Microsoft's signing keys unless they are cached. Returns the reason if there are none. */
    loadSigningKeys: (authority: Authority, request: KeyRequest) => keysOf(authority).load(request),
    verifyIdToken: (idToken: string, expected: IdTokenExpectation) =>
      verifyIdToken(keysOf(expected.authority), idToken, expected),
  }
}

export type Entra = ReturnType<typeof createEntra>

/** `unknown`: Microsoft knows no tenant with this domain. */
type ResolvedTenant =
  | { ok: true; tenantId: string }
  | { ok: false; reason: 'unknown' | 'unavailable' }

/**
 * Returns the GUID in the tenant's issuer (OpenID Connect Discovery section 4.2). Entra responds to a domain that it
 * does not know with 400. The GUID outlives the domain, which another tenant may register later.
 */
export async function resolveTenant(
  http: EntraHttp,
  authority: Authority,
): Promise<ResolvedTenant> {
  const result = await getJson(http, endpoints(authority).metadata)
  const unavailable = { ok: false, reason: 'unavailable' } as const
  if (!result.ok) return unavailable
  const { status, defect, json } = result.response
  if (status === 400 || status === 404) return { ok: false, reason: 'unknown' }
  if (status !== 200 || defect !== null) return unavailable
  const { issuer } = (json ?? {}) as { issuer?: unknown }
  const tenantId = typeof issuer === 'string' ? issuer.split('/').at(-2)?.toLowerCase() : undefined
  return isGuid(tenantId) && issuer === issuerOf(authority, tenantId)
    ? { ok: true, tenantId }
    : unavailable
}
