/** The state of the simulated Entra, in memory: pending sign-ins, codes, grants, tokens, consent. */
import type { Cloud } from '../../../schema/mail-servers.ts'
import type { Resource } from '../../../schema/protocols.ts'
import { createExchange, type Exchange } from '../exchange.ts'
import { type AppRegistration, app, cast, type Person, tenants } from '../personas.ts'
import type { Counts, Fault } from './control-schema.ts'
import { createKeys, type Keys } from './keys.ts'
import { declaredScopes, resourceOf, type Scope, type ScopeSet } from './scopes.ts'
import type { TenantPath } from './tenants.ts'

export type EntraOptions = {
  people?: readonly Person[]
  app?: AppRegistration
  /** Cloud, which determines the valid scope prefixes. */
  cloud?: Cloud
  /** Milliseconds since the epoch. */
  now?: () => number
  /** Delay of the fault `slow`, milliseconds. */
  wait?: (ms: number) => Promise<void>
  /** True if reuse of a replaced refresh token revokes the grant. Entra itself allows reuse. */
  strictRotation?: boolean
  /**
   * True if `common` accepts refresh tokens, as Entra does. By default it refuses them, so that tests detect a client that
   * has lost the tenant.
   */
  refreshAnywhere?: boolean
  /** Fetches the documents of the issuers of federated credentials; by default over the network. */
  fetchIssuer?: (url: string) => Promise<Response>
  /** Signing keys; new ones by default. */
  keys?: Keys
  /** Origin of the authority in issuers and links; by default that of each request. */
  base?: string
}

/** A valid authorize request. */
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
  /** Claims request, as sent. */
  claims: string | null
}

/** A person on the pages: a sign-in or an admin consent. */
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

/** One sign-in of one person, shared by all refresh tokens that descend from it. */
export type Grant = {
  person: Person
  scopes: ScopeSet
  revoked: boolean
  /** The client that the tokens were issued to, if not the app of this sandbox. */
  clientId?: string | undefined
}

export type Code = {
  request: AuthorizeRequest
  grant: Grant
  expiresAt: number
  redeemed: boolean
}

export type RefreshToken = {
  grant: Grant
  replaced: boolean
  /** Issued to another product: the product under test cannot know the tenant of the account yet. */
  fromElsewhere: boolean
}

/** Rights of an access token, all that a mail server gets to know. */
export type IssuedToken = {
  /** Resource, such as `https://outlook.office.com`. */
  audience: string
  /** Permission names without prefix; the roles of an app-only token. */
  permissions: readonly string[]
  /** Null for app-only tokens. */
  person: Person | null
  tenantId: string
  /** Milliseconds since the epoch. */
  expiresAt: number
}

/** A call to the token endpoint, for assertions in tests. */
export type TokenCall = {
  tenant: string
  grantType: string
  scope: string | null
  /** HTTP status of the response. */
  status: number
}

/** A federated credential as an admin enters it under "Certificates & secrets > Federated credentials". */
export type FederatedCredential = { issuer: string; subject: string; audience: string }

export type State = {
  people: readonly Person[]
  app: AppRegistration
  cloud: Cloud
  now: () => number
  wait: (ms: number) => Promise<void>
  strictRotation: boolean
  refreshAnywhere: boolean
  base: string | null
  keys: Keys
  flows: Map<string, Flow>
  codes: Map<string, Code>
  grants: Grant[]
  refreshTokens: Map<string, RefreshToken>
  accessTokens: Map<string, IssuedToken>
  idTokens: string[]
  /** Scopes to which a person has consented, by `oid`. */
  consents: Map<string, readonly Scope[]>
  /** Resources to which an admin has consented for everyone, by tenant. */
  tenantConsents: Map<string, Set<Resource>>
  /** Resources whose application permissions an admin has consented to, by tenant. */
  appConsents: Map<string, Set<Resource>>
  exchange: Exchange
  /** Certificates of the app registration, PEM. */
  certificates: string[]
  /** Federated credentials of the app registration. */
  federated: FederatedCredential[]
  fetchIssuer: (url: string) => Promise<Response>
  /** Key sets of issuers, each cached for a day. */
  issuerKeys: Map<string, { keys: unknown[]; expiresAt: number }>
  /** `jti` of accepted client assertions, each valid once. */
  assertions: Set<string>
  /** People, by `oid`, whose last refresh got a claims challenge, which their next sign-in must carry. */
  challenged: Set<string>
  /** App roles by `oid`, where they are no longer those of the cast. */
  roles: Map<string, readonly string[]>
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
  refreshAnywhere: options.refreshAnywhere ?? false,
  base: options.base ?? null,
  keys: options.keys ?? createKeys(),
  flows: new Map(),
  codes: new Map(),
  grants: [],
  refreshTokens: new Map(),
  accessTokens: new Map(),
  idTokens: [],
  consents: new Map(),
  tenantConsents: new Map(),
  appConsents: new Map([[tenants.contoso.id, new Set<Resource>(['outlook'])]]),
  exchange: createExchange(),
  certificates: [],
  federated: [],
  fetchIssuer: options.fetchIssuer ?? ((url) => fetch(url)),
  issuerKeys: new Map(),
  assertions: new Set(),
  challenged: new Set(),
  roles: new Map(),
  tokenLifetime: null,
  faults: [],
  counts: noCounts(),
  tokenCalls: [],
})

/** Gives or withdraws an admin's consent to a resource. */
export function setConsent(
  consents: Map<string, Set<Resource>>,
  tenantId: string,
  resource: Resource,
  granted: boolean,
): void {
  const resources = new Set(consents.get(tenantId))
  if (granted) resources.add(resource)
  else resources.delete(resource)
  consents.set(tenantId, resources)
}

export const includesScope = (scopes: readonly Scope[], { text }: Scope): boolean =>
  scopes.some((scope) => scope.text === text)

/** Returns all scopes to which the person has consented, or an admin for everyone. */
export function consentedScopes(state: State, { oid, tenantId }: Person): readonly Scope[] {
  const forAll = [...(state.tenantConsents.get(tenantId) ?? [])]
  return [
    ...(state.consents.get(oid) ?? []),
    ...forAll.flatMap((resource) => declaredScopes(state.app, state.cloud, resource)),
  ]
}

/** Returns the resource scopes that still require consent. */
export function missingConsent(state: State, person: Person, scopes: ScopeSet): readonly Scope[] {
  const forAll = state.tenantConsents.get(person.tenantId)
  const own = state.consents.get(person.oid) ?? []
  return scopes.resourceScopes.filter((scope) => {
    const resource = resourceOf(scope)
    return !(resource !== null && forAll?.has(resource)) && !includesScope(own, scope)
  })
}

export function giveConsent(state: State, person: Person, scopes: ScopeSet): void {
  const before = state.consents.get(person.oid) ?? []
  const added = scopes.resourceScopes.filter((scope) => !includesScope(before, scope))
  state.consents.set(person.oid, [...before, ...added])
}

/** Encodes this many random bytes, for codes and tokens. */
export function randomBase64url(bytes: number): string {
  const octets = crypto.getRandomValues(new Uint8Array(bytes))
  return btoa(String.fromCharCode(...octets))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')
}

/** Reads a form body through `arrayBuffer()`, since workerd logs a warning for each `text()` of a form. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(new TextDecoder().decode(await request.arrayBuffer()))
}
