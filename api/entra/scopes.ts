/**
 * Mail scopes: requested at sign-in, granted in a response, and declared by an app registration. An authorization
 * request may contain scopes of both resources, Outlook and Microsoft Graph, but a token request only those of one.
 */
import { type Cloud, Protocol, Resource } from '../../schema/mail-servers.ts'
import { resourceOf } from '../../schema/protocols.ts'
import { clouds } from './clouds.ts'

type Permission = { name: string; id: string }

/**
 * Delegated permissions, each with a second one for other people's mailboxes, which only work accounts have. Ids:
 * Microsoft Graph's permission catalogue.
 */
const PERMISSIONS: Record<Protocol, readonly [Permission, ...Permission[]]> = {
  imap: [{ name: 'IMAP.AccessAsUser.All', id: '652390e4-393a-48de-9484-05f9b1212954' }],
  smtp: [{ name: 'SMTP.Send', id: '258f6531-6087-4cc4-bb90-092c5fb3ed3f' }],
  graph_send: [
    { name: 'Mail.Send', id: 'e383f46e-2787-4529-855e-0e479a3ffac0' },
    { name: 'Mail.Send.Shared', id: 'a367ab51-6b49-43bf-a716-a1fb06d2a174' },
  ],
}
const SIGN_IN_PERMISSIONS: readonly Permission[] = [
  { name: 'offline_access', id: '7427e0e9-2fba-42fe-b0c0-848c9e6a8182' },
  { name: 'openid', id: '37f7f235-527c-4136-accd-4a02d197296e' },
  { name: 'profile', id: '14dad69e-099b-42c9-810b-d002981feec1' },
]
const SIGN_IN = SIGN_IN_PERMISSIONS.map(({ name }) => name)

/** Returns the resources of these protocols, Outlook first, since the code of a sign-in is redeemed for the first. */
export const resourcesOf = (protocols: readonly Protocol[]): Resource[] =>
  Resource.options.filter((resource) =>
    protocols.some((protocol) => resourceOf(protocol) === resource),
  )

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
    PERMISSIONS[protocol]
      .slice(0, shared ? 2 : 1)
      .map(({ name }) => scopeAt(cloud, resourceOf(protocol), name)),
  )
  return [...scopes, ...SIGN_IN]
}

/** Returns the scope for this permission at the resource. */
export const scopeAt = (cloud: Cloud, resource: Resource, name: string): string =>
  clouds[cloud][resource === 'graph' ? 'graphScopePrefix' : 'scopePrefix'] + name

/** Returns the mail scopes alone, without `openid`, `profile` and `offline_access`. */
export const tokenScopes = (cloud: Cloud, protocols: readonly Protocol[]): string[] =>
  mailScopes(cloud, protocols).slice(0, -SIGN_IN.length)

/** Returns the scope of the app's own token. */
export const appOnlyScope = (cloud: Cloud, resource: Resource): string =>
  resource === 'graph' ? scopeAt(cloud, resource, '.default') : clouds[cloud].appOnlyScope

/** Returns true if one of the space-separated scopes belongs to Microsoft Graph. */
export const namesGraph = (cloud: Cloud, scope: string): boolean =>
  scopesIn(scope).some((name) => name.toLowerCase().startsWith(clouds[cloud].graphScopePrefix))

const scopesIn = (scope: string): string[] => scope.split(/\s+/).filter(Boolean)

/** Drops the prefix, because Entra gives every consented permission the prefix of the requested resource. */
const nameOf = (scope: string): string => scope.slice(scope.lastIndexOf('/') + 1)

const isSameName = (scope: string, name: string): boolean =>
  nameOf(scope).toLowerCase() === name.toLowerCase()

const isAmong = (scopes: readonly string[], name: string): boolean =>
  scopes.some((scope) => isSameName(scope, name))

/** Returns the protocols that these scopes are for, whatever their prefixes. */
export const protocolsIn = (scopes: readonly string[]): Protocol[] =>
  Protocol.options.filter((protocol) => isAmong(scopes, PERMISSIONS[protocol][0].name))

/** Returns the resource that a sign-in requests with this scope, or undefined for `openid` and the like. */
const resourceIn = (scope: string): Resource | undefined =>
  resourcesOf(
    Protocol.options.filter((protocol) =>
      PERMISSIONS[protocol].some(({ name }) => isSameName(scope, name)),
    ),
  )[0]

/** Returns the resources of these scopes, Outlook first. Scopes such as `openid` have none. */
export const resourcesIn = (scopes: readonly string[]): Resource[] =>
  Resource.options.filter((resource) => scopes.some((scope) => resourceIn(scope) === resource))

/**
 * Returns the scopes of a token request for this resource, out of those of the sign-in. The code exchange and the
 * refresh must request the same ones, and none of another resource. `wanted`: protocols to request if the sign-in had
 * no scope of this resource, by default all.
 */
export function scopesFor(
  cloud: Cloud,
  scopes: readonly string[],
  resource: Resource,
  wanted: readonly Protocol[] = Protocol.options.filter((one) => resourceOf(one) === resource),
  options: { shared?: boolean } = {},
): string[] {
  const own = scopes.filter((scope) => resourceIn(scope) === resource)
  return own.length > 0 ? [...own, ...SIGN_IN] : mailScopes(cloud, wanted, options)
}

/**
 * Returns true if these scopes allow other people's mailboxes, for which some protocols require a further permission.
 */
export const allowShared = (scopes: readonly string[], protocol: Protocol): boolean =>
  PERMISSIONS[protocol].slice(1).every(({ name }) => isAmong(scopes, name))

/**
 * Returns the grant's scopes after a token response for this resource. The response decides whether the permission for
 * other people's mailboxes is one of them, because Entra repeats earlier consents and refuses a refresh that requests
 * more.
 */
export function scopesAfter(
  cloud: Cloud,
  scopes: readonly string[],
  resource: Resource,
  scope: string,
): string[] {
  const granted = scopesIn(scope)
  if (granted.length === 0) return [...scopes]
  const further = Protocol.options
    .filter((protocol) => resourceOf(protocol) === resource)
    .flatMap((protocol) => PERMISSIONS[protocol].slice(1).map(({ name }) => name))
  return [
    ...scopes.filter((one) => !further.some((name) => isSameName(one, name))),
    ...further
      .filter((name) => isAmong(granted, name))
      .map((name) => scopeAt(cloud, resource, name)),
  ]
}

/** Returns the scopes of a grant after a further sign-in, which replaces those of the resources that it was for. */
export function mergedScopes(before: readonly string[], fresh: readonly string[]): string[] {
  const replaced = [undefined, ...resourcesIn(fresh)]
  return [...before.filter((scope) => !replaced.includes(resourceIn(scope))), ...fresh]
}

/**
 * Parses the space-separated `scope` of the response to a token request for this resource. Entra never lists
 * `offline_access`; the refresh token is the proof of it.
 */
export const grantedProtocols = (resource: Resource, scope: string): Protocol[] =>
  protocolsIn(scopesIn(scope)).filter((protocol) => resourceOf(protocol) === resource)

/**
 * Application permissions for app-only access, of Office 365 Exchange Online and of Microsoft Graph (`Mail.Send`).
 * Microsoft does not publish the IDs of the former, so look them up by name in the tenant.
 */
export const APP_ONLY_PERMISSIONS: Record<Protocol, string> = {
  imap: 'IMAP.AccessAsApp',
  smtp: 'SMTP.SendAsApp',
  graph_send: 'Mail.Send',
}

/**
 * Permissions that are expected in a token. A sign-in for any mailbox requests them, and Entra repeats these in the
 * person's later tokens, or app-only access needs them, or the portal gives them to each new app registration.
 */
const EXPECTED = [
  ...Object.values(PERMISSIONS).flatMap((permissions) => permissions.map(({ name }) => name)),
  ...Object.values(APP_ONLY_PERMISSIONS),
  ...SIGN_IN,
  'email',
  'User.Read',
]

/** Returns the names of the permissions in a response's `scope` that Mailgrant never requests. */
export const unaskedPermissions = (scope: string): string[] =>
  scopesIn(scope)
    .map(nameOf)
    .filter((name) => !EXPECTED.some((expected) => isSameName(name, expected)))

/** `protocol`: the one that requires it; null if every sign-in does. `shared`: only for the mailbox of someone else. */
type MailPermission = Permission & { protocol: Protocol | null; shared: boolean }

/**
 * Returns the permissions that the app registration declares for these protocols. All are under Graph, where the portal
 * lists the mail permissions, although the sign-in requests consent for the Outlook resource.
 */
export const declaredPermissions = (protocols: readonly Protocol[]): readonly MailPermission[] => [
  ...Protocol.options
    .filter((protocol) => protocols.includes(protocol))
    .flatMap((protocol) =>
      PERMISSIONS[protocol].map((one, index) => ({ ...one, protocol, shared: index > 0 })),
    ),
  ...SIGN_IN_PERMISSIONS.map((one) => ({ ...one, protocol: null, shared: false })),
]
