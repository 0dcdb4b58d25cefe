/**
 * The scope rules of Entra: a bare name means Microsoft Graph, OIDC scopes belong to no resource, a token
 * is for one resource, and only existing, declared permissions may be requested.
 */
import type { Cloud } from '../../../schema/mail-servers.ts'
import type { Resource } from '../../../schema/protocols.ts'
import type { AppRegistration, Person } from '../personas.ts'
import { type EntraError, entraError } from './errors.ts'

const OIDC = ['openid', 'profile', 'email', 'offline_access']

/** Microsoft Graph per cloud: its address and the prefix of its scopes. */
export const graphOrigins: Record<Cloud, string> = {
  global: 'https://graph.microsoft.com',
  us_gov_high: 'https://graph.microsoft.us',
  us_gov_dod: 'https://dod-graph.microsoft.us',
  china: 'https://microsoftgraph.chinacloudapi.cn',
}

/** Resources with the mail permissions per cloud; the first is the documented one. */
export const mailResources: Record<Cloud, readonly string[]> = {
  global: ['https://outlook.office.com', 'https://outlook.office365.com'],
  us_gov_high: ['https://outlook.office365.us'],
  us_gov_dod: ['https://outlook.office365.us', 'https://outlook-dod.office365.us'],
  china: ['https://partner.outlook.cn'],
}

export type Scope = { text: string; resource: string | null; permission: string }

export type ScopeSet = {
  /** OIDC scopes, which belong to no resource. */
  oidc: readonly string[]
  resourceScopes: readonly Scope[]
  /** Distinct resources in the requested order. */
  resources: readonly string[]
}

export type ScopeResult = { ok: true; scopes: ScopeSet } | { ok: false; failure: EntraError }

function parseScope(text: string, cloud: Cloud): Scope {
  if (OIDC.includes(text)) return { text, resource: null, permission: text }
  const slash = text.startsWith('https://') ? text.lastIndexOf('/') : -1
  if (slash < 'https://'.length) return { text, resource: graphOrigins[cloud], permission: text }
  return { text, resource: text.slice(0, slash), permission: text.slice(slash + 1) }
}

function scopeError(scope: Scope, app: AppRegistration, cloud: Cloud): EntraError | null {
  const { resource, permission, text } = scope
  const isOfGraph = resource === graphOrigins[cloud]
  if (resource !== null) {
    if (!isOfGraph && !mailResources[cloud].includes(resource)) {
      return entraError(500011, { resource, tenant: 'common' })
    }
    // `.default` means everything declared; admin consent and client credentials use it.
    if (permission === '.default') return null
  }
  const declared = isOfGraph ? [...app.permissions, ...app.graphPermissions] : app.permissions
  return declared.includes(permission)
    ? null
    : entraError(65005, { client: app.clientId, scope: text })
}

/** Parses and validates a scope parameter. Allows several resources; only a token is limited to one. */
export function parseScopes(parameter: string, app: AppRegistration, cloud: Cloud): ScopeResult {
  const all = parameter.split(' ').filter((text) => text !== '')
  if (all.length === 0) return { ok: false, failure: entraError(900144, { name: 'scope' }) }
  const scopes = all.map((text) => parseScope(text, cloud))
  for (const scope of scopes) {
    const failure = scopeError(scope, app, cloud)
    if (failure) return { ok: false, failure }
  }
  const resourceScopes = scopes.filter((scope) => scope.resource !== null)
  // `.default` cannot be combined with a named scope of any resource.
  const hasDefault = resourceScopes.some((scope) => scope.permission === '.default')
  if (hasDefault && resourceScopes.length > 1) {
    return { ok: false, failure: entraError(70011, { scope: parameter }) }
  }
  return {
    ok: true,
    scopes: {
      oidc: scopes.filter((scope) => scope.resource === null).map((scope) => scope.text),
      resourceScopes,
      resources: [...new Set(resourceScopes.flatMap((scope) => scope.resource ?? []))],
    },
  }
}

/**
 * Returns the error for scopes that a personal account does not support. Only the documented resource works, and
 * sending by Graph under its full name; others were observed to fail with `invalid_scope`. Personal accounts do not
 * exist in the national clouds at all.
 */
export function personScopeError(
  scopes: ScopeSet,
  person: Person,
  cloud: Cloud,
): EntraError | null {
  if (person.accountType === 'work') return null
  const [documented] = mailResources[cloud]
  const unsupported = scopes.resourceScopes.find(
    ({ resource, text }) => resource !== documented && text !== `${graphOrigins[cloud]}/Mail.Send`,
  )
  return unsupported ? entraError(70011, { scope: unsupported.text }) : null
}

/** Returns the scopes of the first resource, which Entra picks for an access token. */
export const forFirstResource = (scopes: ScopeSet): readonly Scope[] =>
  scopes.resourceScopes.filter((scope) => scope.resource === scopes.resources[0])

/** Returns true for a mail resource of any cloud. */
export const isMailResource = (resource: string): boolean =>
  Object.values(mailResources).some((resources) => resources.includes(resource))

export const isGraph = (audience: string): boolean => Object.values(graphOrigins).includes(audience)

/** Returns the resource that a scope is for; null for an OIDC scope. */
export function resourceOf({ resource }: Scope): Resource | null {
  if (resource === null) return null
  return isGraph(resource) ? 'graph' : 'outlook'
}

/** Returns what `.default` of a resource stands for: every delegated permission that the app declares there. */
export function declaredScopes(app: AppRegistration, cloud: Cloud, resource: Resource): Scope[] {
  const isForGraph = resource === 'graph'
  const origin = isForGraph ? graphOrigins[cloud] : (mailResources[cloud][0] ?? '')
  const names = isForGraph ? app.graphPermissions : app.permissions
  return names
    .filter((name) => !OIDC.includes(name))
    .map((name) => ({ text: `${origin}/${name}`, resource: origin, permission: name }))
}
