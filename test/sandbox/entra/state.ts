/** What the simulated Entra remembers, in memory: sign-ins under way, codes, grants, tokens, consent. */
import type { Cloud } from '../../../schema/mail-servers.ts'
import { type AppRegistration, app, cast, type Person, tenants } from '../cast.ts'
import { createExchange, type Exchange } from '../exchange.ts'
import type { Counts, Fault } from './control-schema.ts'
import { createKeys, type Keys } from './keys.ts'
import type { Scope, ScopeSet } from './scopes.ts'
import type { TenantPath } from './tenants.ts'

export type EntraOptions = {
  people?: readonly Person[]
  app?: AppRegistration
  /** Decides which scope prefix is right. */
  cloud?: Cloud
  /** Milliseconds since the epoch. */
  now?: () => number
  /** For the fault `slow`, milliseconds. */
  wait?: (ms: number) => Promise<void>
  /** Using a refresh token again after it was replaced ends the grant. Entra itself is lenient. */
  strictRotation?: boolean
  /** What signs; keys of its own by default. */
  keys?: Keys
  /** Origin of the authority in issuers and links; by default that of each request. */
  base?: string
}

/** An authorize request that was found good. */
export type AuthorizeRequest = {
  tenantPath: TenantPath
  segment: string
  redirectUri: string
  scopes: ScopeSet
  state: string | null
  nonce: string | null
  challenge: string
  prompt: string | null
  loginHint: string | null
}

/** A person before the pages. `request` is null on the way to admin consent. */
export type Flow =
  | { kind: 'sign_in'; request: AuthorizeRequest; person: Person | null }
  | {
      kind: 'admin_consent'
      tenantPath: TenantPath
      segment: string
      redirectUri: string
      scope: string
      scopes: ScopeSet
      state: string | null
      person: Person | null
    }

/** One sign-in of one person, and the family of refresh tokens that grew from it. */
export type Grant = { person: Person; scopes: ScopeSet; revoked: boolean }

export type Code = {
  request: AuthorizeRequest
  grant: Grant
  expiresAt: number
  redeemed: boolean
}

export type RefreshToken = { grant: Grant; replaced: boolean }

/** What a mail server learns of a token: enough to decide, nothing more. */
export type IssuedToken = {
  /** The resource: `https://outlook.office.com`. */
  audience: string
  /** Permission names without prefix; of an app-only token its roles. */
  permissions: readonly string[]
  /** Null for app-only tokens. */
  person: Person | null
  tenantId: string
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** A call to the token endpoint, for assertions about who called where. */
export type TokenCall = {
  tenant: string
  grantType: string
  scope: string | null
  /** The HTTP status that was answered. */
  status: number
}

export type State = {
  people: readonly Person[]
  app: AppRegistration
  cloud: Cloud
  now: () => number
  wait: (ms: number) => Promise<void>
  strictRotation: boolean
  base: string | null
  keys: Keys
  flows: Map<string, Flow>
  codes: Map<string, Code>
  grants: Grant[]
  refreshTokens: Map<string, RefreshToken>
  accessTokens: Map<string, IssuedToken>
  idTokens: string[]
  /** Scope texts that a person has consented to, by `oid`. */
  consents: Map<string, Set<string>>
  /** Tenants in which an admin has consented for everyone. */
  tenantConsents: Set<string>
  /** Tenants in which an admin has consented to the application permissions. */
  appConsents: Set<string>
  exchange: Exchange
  /** Certificates that were uploaded to the app registration, PEM. */
  certificates: string[]
  /** `jti` of assertions that were taken: each is good once. */
  assertions: Set<string>
  tokenLifetime: number | null
  faults: Fault[]
  counts: Counts
  tokenCalls: TokenCall[]
}

export const noCounts = (): Counts => ({
  authorize: 0,
  admin_consent: 0,
  keys: 0,
  metadata: 0,
  token: { authorization_code: 0, refresh_token: 0, client_credentials: 0, other: 0 },
})

export const newState = (options: EntraOptions): State => ({
  people: options.people ?? cast,
  app: options.app ?? app,
  cloud: options.cloud ?? 'global',
  now: options.now ?? Date.now,
  wait: options.wait ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms))),
  strictRotation: options.strictRotation ?? false,
  base: options.base ?? null,
  keys: options.keys ?? createKeys(),
  flows: new Map(),
  codes: new Map(),
  grants: [],
  refreshTokens: new Map(),
  accessTokens: new Map(),
  idTokens: [],
  consents: new Map(),
  tenantConsents: new Set(),
  appConsents: new Set([tenants.contoso.id]),
  exchange: createExchange(),
  certificates: [],
  assertions: new Set(),
  tokenLifetime: null,
  faults: [],
  counts: noCounts(),
  tokenCalls: [],
})

/** Scopes that are neither OIDC nor consented to yet. */
export function missingConsent(state: State, person: Person, scopes: ScopeSet): readonly Scope[] {
  if (state.tenantConsents.has(person.tenantId)) return []
  const given = state.consents.get(person.oid)
  return scopes.resourceScopes.filter((scope) => !given?.has(scope.text))
}

export function giveConsent(state: State, person: Person, scopes: ScopeSet): void {
  const given = state.consents.get(person.oid) ?? new Set()
  for (const scope of scopes.resourceScopes) given.add(scope.text)
  state.consents.set(person.oid, given)
}

/** Base64url of random bytes: the body of codes and tokens. */
export function random(bytes: number): string {
  const octets = crypto.getRandomValues(new Uint8Array(bytes))
  return btoa(String.fromCharCode(...octets))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** By way of bytes: workerd warns when `text()` reads a form, and a warning per call hides others. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(new TextDecoder().decode(await request.arrayBuffer()))
}
