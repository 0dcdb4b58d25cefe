/**
 * Tokens in Microsoft's formats: v2 id_tokens, v1 JWT access tokens for work accounts, opaque strings for
 * personal ones. Access tokens are opaque by contract; the formats are for programs that decode them to
 * explain a failure.
 */
import type { Person } from '../personas.ts'
import type { AuthorizeRequest, Grant, State } from './state.ts'
import { randomBase64url } from './state.ts'

const HOUR_SECONDS = 3600

/** Returns the lifetime in seconds: random between 60 and 90 minutes as at Entra, unless overridden. */
function accessTokenLifetime(state: State): number {
  if (state.tokenLifetime !== null) return state.tokenLifetime
  const [random = 0] = crypto.getRandomValues(new Uint16Array(1))
  return HOUR_SECONDS + (random % 1800)
}

/** Returns the `sub` claim, unique and stable per person and app (pairwise). */
async function pairwiseSubject(person: Person, clientId: string): Promise<string> {
  const text = new TextEncoder().encode(`${person.tenantId}/${person.oid}/${clientId}`)
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text))
  return btoa(String.fromCharCode(...digest)).replace(/[+/=]/g, '_')
}

export type AccessTokenRequest = {
  audience: string
  permissions: readonly string[]
  /** Null for an app-only token. */
  person: Person | null
  tenantId: string
}

/** Issues an access token and stores its rights. `expiresIn` is in seconds. */
export async function mintAccessToken(state: State, request: AccessTokenRequest) {
  const { audience, permissions, person, tenantId } = request
  const expiresIn = accessTokenLifetime(state)
  const issuedAt = Math.floor(state.now() / 1000)
  const token =
    person?.accountType === 'personal'
      ? `EwB${randomBase64url(900)}`
      : await state.keys.sign(
          'work',
          {
            aud: audience,
            iss: `https://sts.windows.net/${tenantId}/`,
            iat: issuedAt,
            nbf: issuedAt,
            exp: issuedAt + expiresIn,
            appid: state.app.clientId,
            appidacr: '1',
            tid: tenantId,
            uti: randomBase64url(16),
            ver: '1.0',
            ...(person
              ? {
                  name: person.name,
                  oid: person.oid,
                  upn: person.username,
                  unique_name: person.username,
                  scp: permissions.join(' '),
                  puid: '1003200000000000',
                }
              : { idtyp: 'app', ...(permissions.length > 0 && { roles: permissions }) }),
            // Stands for Entra's other claims, so that a user's token has 2,400 characters, as at Entra.
            rh: randomBase64url(696),
          },
          { nonce: randomBase64url(32) },
        )
  state.accessTokens.set(token, {
    audience,
    permissions,
    person,
    tenantId,
    expiresAt: (issuedAt + expiresIn) * 1000,
  })
  return { token, expiresIn }
}

export type IdTokenRequest = {
  base: string
  person: Person
  oidc: readonly string[]
  nonce: string | null
  /** Claims that a fault replaces; null removes a claim. */
  overrides: Record<string, unknown>
}

/** Issues an id_token. `oid`, `name` and `preferred_username` require `profile`, as at Entra. */
export async function mintIdToken(state: State, request: IdTokenRequest): Promise<string> {
  const { base, person, oidc, nonce, overrides } = request
  const issuedAt = Math.floor(state.now() / 1000)
  const roles = state.roles.get(person.oid) ?? person.roles
  const claims = {
    ver: '2.0',
    iss: `${base}/${person.tenantId}/v2.0`,
    sub: await pairwiseSubject(person, state.app.clientId),
    aud: state.app.clientId,
    iat: issuedAt,
    nbf: issuedAt,
    exp: issuedAt + HOUR_SECONDS,
    tid: person.tenantId,
    uti: randomBase64url(16),
    ...(nonce === null ? {} : { nonce }),
    ...(oidc.includes('email') ? { email: person.username } : {}),
    ...(oidc.includes('profile')
      ? { name: person.name, oid: person.oid, preferred_username: person.username }
      : {}),
    ...(roles.length > 0 && { roles }),
    ...overrides,
  }
  const present = Object.entries(claims).filter(([, value]) => value !== null)
  const token = await state.keys.sign(person.accountType, Object.fromEntries(present))
  state.idTokens.push(token)
  return token
}

/** Issues an authorization code: single use, ten minutes. The format depends on the account type, as at Microsoft. */
export function issueCode(state: State, request: AuthorizeRequest, person: Person): string {
  const grant: Grant = { person, scopes: request.scopes, revoked: false }
  const body = randomBase64url(220)
  const code = person.accountType === 'personal' ? `M.C522_BL2.2.U.${body}` : `1.AX${body}`
  state.grants.push(grant)
  state.codes.set(code, {
    request,
    grant,
    expiresAt: state.now() + 10 * 60_000,
    redeemed: false,
  })
  return code
}

export function issueRefreshToken(
  state: State,
  grant: Grant,
  { fromElsewhere = false }: { fromElsewhere?: boolean } = {},
): string {
  const body = randomBase64url(500)
  const token =
    grant.person.accountType === 'personal' ? `M.C522_BL2.0.U.-C${body}` : `1.AXoA${body}`
  state.refreshTokens.set(token, { grant, replaced: false, fromElsewhere })
  return token
}
