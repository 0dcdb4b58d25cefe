/**
 * The scope rules of Entra: a bare name means Microsoft Graph, OIDC scopes belong to no resource,
 * a token is for one resource, and only what exists and is declared may be asked for.
 */
import type { Cloud } from '../../../schema/mail-servers.ts'
import type { AppRegistration, Person } from '../cast.ts'
import { type EntraError, entraError } from './errors.ts'

const OIDC = ['openid', 'profile', 'email', 'offline_access']
const GRAPH = 'https://graph.microsoft.com'

/** Resources that hold the mail permissions, per cloud; the first is the one Microsoft documents. */
const mailResources: Record<Cloud, readonly string[]> = {
  global: ['https://outlook.office.com', 'https://outlook.office365.com'],
  us_gov_high: ['https://outlook.office365.us'],
  us_gov_dod: ['https://outlook.office365.us', 'https://outlook-dod.office365.us'],
  china: ['https://partner.outlook.cn'],
}

/** Delegated permissions that exist on the mail resource and, as twins, on Graph. */
const MAIL_PERMISSIONS = ['IMAP.AccessAsUser.All', 'POP.AccessAsUser.All', 'SMTP.Send']
const GRAPH_PERMISSIONS = [...MAIL_PERMISSIONS, 'User.Read']

export type Scope = { text: string; resource: string | null; permission: string }

export type ScopeSet = {
  /** OIDC scopes: they count for no resource. */
  oidc: readonly string[]
  resourceScopes: readonly Scope[]
  /** Distinct, in the order asked. */
  resources: readonly string[]
}

export type ScopeResult = { ok: true; scopes: ScopeSet } | { ok: false; failure: EntraError }

function readScope(text: string): Scope {
  if (OIDC.includes(text)) return { text, resource: null, permission: text }
  const slash = text.startsWith('https://') ? text.lastIndexOf('/') : -1
  if (slash < 'https://'.length) return { text, resource: GRAPH, permission: text }
  return { text, resource: text.slice(0, slash), permission: text.slice(slash + 1) }
}

function refuse(scope: Scope, app: AppRegistration, cloud: Cloud): EntraError | null {
  const { resource, permission, text } = scope
  if (resource !== null) {
    const isMail = mailResources[cloud].includes(resource)
    if (!isMail && resource !== GRAPH) {
      return entraError(500011, { resource, tenant: 'common' })
    }
    // `.default` stands for all that is declared: admin consent and client credentials use it.
    if (permission === '.default') return null
    const known = isMail ? MAIL_PERMISSIONS : GRAPH_PERMISSIONS
    if (!known.includes(permission)) {
      return entraError(650053, { client: app.clientId, scope: permission, resource })
    }
  }
  return app.permissions.includes(permission)
    ? null
    : entraError(65005, { client: app.clientId, scope: text })
}

/** Reads and judges a scope parameter. Several resources are fine here: only a token has one. */
export function readScopes(parameter: string, app: AppRegistration, cloud: Cloud): ScopeResult {
  const all = parameter.split(' ').filter((text) => text !== '')
  if (all.length === 0) return { ok: false, failure: entraError(900144, { name: 'scope' }) }
  const scopes = all.map(readScope)
  for (const scope of scopes) {
    const failure = refuse(scope, app, cloud)
    if (failure) return { ok: false, failure }
  }
  const resourceScopes = scopes.filter((scope) => scope.resource !== null)
  // `.default` cannot stand beside a named scope of any resource.
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
 * Personal accounts know only the documented prefix, and no Graph scope beside it: both were seen
 * refused with `invalid_scope`. They do not exist in the national clouds at all.
 */
export function refuseForPerson(scopes: ScopeSet, person: Person, cloud: Cloud): EntraError | null {
  if (person.accountType === 'work') return null
  const [documented] = mailResources[cloud]
  const wrong = scopes.resourceScopes.find((scope) => scope.resource !== documented)
  return wrong ? entraError(70011, { scope: wrong.text }) : null
}

/** The part of the scopes that one access token is for: the first resource, as Entra picks. */
export const forFirstResource = (scopes: ScopeSet): readonly Scope[] =>
  scopes.resourceScopes.filter((scope) => scope.resource === scopes.resources[0])

/** Whether a token for this resource is one for mailboxes, in any cloud. */
export const isMailResource = (resource: string): boolean =>
  Object.values(mailResources).some((resources) => resources.includes(resource))
