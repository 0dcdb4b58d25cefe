/**
 * Mail scopes: requested at sign-in, granted in a response, and declared by an app registration. An authorization request
 * may name those of both resources, Outlook and Microsoft Graph, but a token request only those of one.
 */
import { type Cloud, Protocol } from '../../schema/mail-servers.ts'
import { type Resource, resourceOf } from '../../schema/protocols.ts'
import { clouds } from './clouds.ts'

/** Delegated permissions. Ids: Microsoft Graph's permission catalogue. */
const PERMISSIONS: Record<Protocol, { name: string; id: string }> = {
  imap: { name: 'IMAP.AccessAsUser.All', id: '652390e4-393a-48de-9484-05f9b1212954' },
  smtp: { name: 'SMTP.Send', id: '258f6531-6087-4cc4-bb90-092c5fb3ed3f' },
  graph_send: { name: 'Mail.Send', id: 'e383f46e-2787-4529-855e-0e479a3ffac0' },
}
/** Further permissions for the mailbox of someone else. Only work accounts have them. */
const SHARED_PERMISSIONS: Partial<typeof PERMISSIONS> = {
  graph_send: { name: 'Mail.Send.Shared', id: 'a367ab51-6b49-43bf-a716-a1fb06d2a174' },
}
const SIGN_IN = ['offline_access', 'openid', 'profile']

const PREFIXES: Record<Resource, 'scopePrefix' | 'graphScopePrefix'> = {
  outlook: 'scopePrefix',
  graph: 'graphScopePrefix',
}
/** Resources in the order in which a sign-in names them. Its code is redeemed for the first. */
const RESOURCES: readonly Resource[] = ['outlook', 'graph']

/** Returns the resources of these protocols, Outlook first. */
export const resourcesOf = (protocols: readonly Protocol[]): Resource[] =>
  RESOURCES.filter((resource) => protocols.some((protocol) => resourceOf(protocol) === resource))

/**
 * Returns the scopes to request at a sign-in, those of Outlook first. `shared`: for the mailbox of someone else than
 * the person who signs in.
 */
export function mailScopes(
  cloud: Cloud,
  protocols: readonly Protocol[],
  { shared = false }: { shared?: boolean } = {},
): string[] {
  const requested = Protocol.options.filter((protocol) => protocols.includes(protocol))
  const scopes = requested.flatMap((protocol) =>
    permissionsOf(protocol)
      .slice(0, shared ? 2 : 1)
      .map(({ name }) => scopeAt(cloud, resourceOf(protocol), name)),
  )
  return [...scopes, ...SIGN_IN]
}

/** Returns the scope for this permission at the resource. */
export const scopeAt = (cloud: Cloud, resource: Resource, name: string): string =>
  clouds[cloud][PREFIXES[resource]] + name

/** Returns the permissions of the protocol, its own first. */
function permissionsOf(protocol: Protocol) {
  const shared = SHARED_PERMISSIONS[protocol]
  return [PERMISSIONS[protocol], ...(shared ? [shared] : [])]
}

/** Returns the scopes of an access token for these protocols. */
export const tokenScopes = (cloud: Cloud, protocols: readonly Protocol[]): string[] =>
  mailScopes(cloud, protocols).slice(0, -SIGN_IN.length)

/** Returns the scope of the app's own token. */
export const appOnlyScope = (cloud: Cloud, resource: Resource): string =>
  resource === 'graph' ? `${clouds[cloud].graphScopePrefix}.default` : clouds[cloud].appOnlyScope

/** Returns whether the space-separated scopes name one of Microsoft Graph. */
export const namesGraph = (cloud: Cloud, scope: string): boolean =>
  scope
    .toLowerCase()
    .split(/\s+/)
    .some((name) => name.startsWith(clouds[cloud].graphScopePrefix))

const lastSegment = (scope: string): string => scope.slice(scope.lastIndexOf('/') + 1).toLowerCase()

const protocolsAt = (resource: Resource) =>
  Protocol.options.filter((protocol) => resourceOf(protocol) === resource)

const isNamed = (scope: string, protocol: Protocol): boolean =>
  permissionsOf(protocol).some(({ name }) => name.toLowerCase() === lastSegment(scope))

/**
 * Returns those of a sign-in's scopes that a token request for this resource names. Exchange and refresh must name the same
 * ones, and none of another resource. `wanted`: asked for if the sign-in named none of this one; default: all its protocols.
 */
export function scopesFor(
  cloud: Cloud,
  scopes: readonly string[],
  resource: Resource,
  wanted: readonly Protocol[] = protocolsAt(resource),
): string[] {
  const own = scopes.filter((scope) =>
    protocolsAt(resource).some((protocol) => isNamed(scope, protocol)),
  )
  return own.length > 0 ? [...own, ...SIGN_IN] : mailScopes(cloud, wanted)
}

/** Returns the resources that these scopes name, Outlook first; none for scopes of the sign-in alone. */
export const resourcesIn = (scopes: readonly string[]): Resource[] =>
  resourcesOf(
    Protocol.options.filter((protocol) => scopes.some((scope) => isNamed(scope, protocol))),
  )

/** Returns the scopes of a grant after a further sign-in, which replaces those of the resources that it was for. */
export const mergedScopes = (before: readonly string[], fresh: readonly string[]): string[] => {
  const resources = resourcesIn(fresh)
  const kept = before.filter((scope) =>
    resourcesIn([scope]).some((one) => !resources.includes(one)),
  )
  return [...new Set([...kept, ...fresh])]
}

/** Checks that the scopes of a sign-in, as `mailScopes` returns them, include this protocol. */
export const includesProtocol = (scopes: readonly string[], protocol: Protocol): boolean =>
  scopes.some((scope) => lastSegment(scope) === PERMISSIONS[protocol].name.toLowerCase())

const scopesIn = (scope: string): string[] => scope.split(/\s+/).filter(Boolean)

/**
 * Parses the space-separated `scope` of the response to a token request for this resource. Prefixes say nothing, since Entra
 * gives each consented permission that of the resource which was asked for. Entra never lists `offline_access`; the refresh
 * token is the proof of it.
 */
export function grantedProtocols(resource: Resource, scope: string): Protocol[] {
  const granted = scopesIn(scope)
  return protocolsAt(resource).filter((protocol) => includesProtocol(granted, protocol))
}

type MailPermission = {
  name: string
  /** Id of the delegated permission under Microsoft Graph; invalid under any other resource. */
  id: string
  /** The protocol that requires it, and its resource; null if every sign-in does. */
  protocol: Protocol | null
  resource: Resource | null
}

/**
 * Permissions of the app registration, all under Graph: the portal lists the mail permissions there, and
 * the sign-in requests consent for the Outlook resource. Ids: Graph's permission catalogue.
 */
const MAIL_PERMISSIONS: readonly MailPermission[] = [
  ...Protocol.options.flatMap((protocol) =>
    permissionsOf(protocol).map((permission) => ({
      ...permission,
      protocol,
      resource: resourceOf(protocol),
    })),
  ),
  ...[
    { name: 'offline_access', id: '7427e0e9-2fba-42fe-b0c0-848c9e6a8182' },
    { name: 'openid', id: '37f7f235-527c-4136-accd-4a02d197296e' },
    { name: 'profile', id: '14dad69e-099b-42c9-810b-d002981feec1' },
  ].map((permission) => ({ ...permission, protocol: null, resource: null })),
]

/**
 * Names that are no surprise in a token: what a sign-in for any mailbox asks for, which Entra repeats in later tokens of the
 * same person, and what its portal gives each new app registration.
 */
const EXPECTED = [...MAIL_PERMISSIONS.map(({ name }) => name.toLowerCase()), 'email', 'user.read']

/** Returns the names in the `scope` of a response that no sign-in of this product asks for. */
export const unaskedScopes = (scope: string): string[] =>
  scopesIn(scope)
    .map((name) => name.slice(name.lastIndexOf('/') + 1))
    .filter((name) => !EXPECTED.includes(name.toLowerCase()))

/**
 * Application permissions for app-only access: of Office 365 Exchange Online, and `Mail.Send` of Microsoft Graph. Microsoft
 * does not publish the ids of the former: look them up by name in the tenant.
 */
export const APP_ONLY_PERMISSIONS: Record<Protocol, string> = {
  imap: 'IMAP.AccessAsApp',
  smtp: 'SMTP.SendAsApp',
  graph_send: 'Mail.Send',
}

/** Returns the permissions that the app registration declares for these protocols. */
export const declaredPermissions = (protocols: readonly Protocol[]): readonly MailPermission[] =>
  MAIL_PERMISSIONS.filter(({ protocol }) => protocol === null || protocols.includes(protocol))
