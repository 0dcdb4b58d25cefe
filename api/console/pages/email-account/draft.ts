/** Values of the account form without secrets, and the requests that they make. Pure. */
import type { MailAccount, MailAccountInput, Owner } from '../../../../schema/mail-account.ts'
import type {
  AccountType,
  MailProtocol,
  MailServer,
  Protocol,
  Security,
} from '../../../../schema/mail-servers.ts'
import { type Direction, directionOf, isMailProtocol } from '../../../../schema/protocols.ts'
import type { Errors } from '../../ui/form-state.ts'
import type { SignInRequest } from './sign-in.ts'

/** A server as typed. The port is text, since it might not be a number yet. */
export type ServerDraft = { host: string; port: string; security: Security }

/** `none`: without an owner, unless an ID is typed, which is then that of a department. */
export type OwnerDraft = { type: Owner['type'] | 'none'; id: string }

/**
 * Never contains a password, since a draft may be stored during a sign-in. The delegate is blank for the mailbox
 * itself.
 */
export type Draft = {
  name: string
  delegate: string
  from: string
  /** Uses of the mailbox. Each is saved as an account of its own. */
  protocols: readonly Protocol[]
  mailbox: string
  owners: Record<Protocol, OwnerDraft>
  servers: Record<Protocol, ServerDraft>
  authentication: 'oauth' | 'app_only' | 'password'
  /** Tenant of an app-only account. */
  tenant: string
}

const ADDRESS = /^[^\s@"(),:;<>[\]\\]+@[^\s@"(),:;<>[\]\\]+$/

export const isAddress = (text: string) => ADDRESS.test(text.trim())

export const sameAddress = (a: string, b: string) =>
  a.trim().toLowerCase() === b.trim().toLowerCase()

export const sameServer = (a: ServerDraft, b: ServerDraft) =>
  a.host.toLowerCase() === b.host.toLowerCase() && a.port === b.port && a.security === b.security

export const serverDraft = ({ host, port, security }: MailServer): ServerDraft => ({
  host,
  port: String(port),
  security,
})

/** Mail servers to choose from. Microsoft Graph has one host, which the API fills in. */
type Servers = Record<MailProtocol, readonly MailServer[]>

const usual: Record<Protocol, ServerDraft> = {
  imap: { host: '', port: '993', security: 'tls' },
  smtp: { host: '', port: '587', security: 'starttls' },
  graph_send: { host: 'graph.microsoft.com', port: '443', security: 'tls' },
}

/** Returns something for each protocol. */
export const eachProtocol = <Value>(
  read: (protocol: Protocol) => Value,
): Record<Protocol, Value> => ({
  imap: read('imap'),
  smtp: read('smtp'),
  graph_send: read('graph_send'),
})

const firstServer = (servers: Servers, protocol: MailProtocol): ServerDraft => {
  const [server] = servers[protocol]
  return server ? serverDraft(server) : usual[protocol]
}

/** Values from the address of the page. */
type Prefilled = {
  /** The result of ownerKey(). */
  owner?: string | null
  mailbox?: string | null
  delegate?: string | null
}

/** Returns the initial values of a new mailbox with these uses. */
export function emptyDraft(
  protocols: readonly Protocol[],
  servers: Servers,
  { owner, mailbox, delegate }: Prefilled = {},
): Draft {
  const [type, ...id] = (owner ?? 'none').split(':')
  const asked = { type, id: id.join(':') } as OwnerDraft
  return {
    protocols,
    mailbox: mailbox ?? '',
    owners: eachProtocol((protocol) =>
      (ownerTypes[directionOf(protocol)] as readonly unknown[]).includes(type) ? asked : NO_OWNER,
    ),
    name: '',
    delegate: delegate ?? '',
    from: '',
    servers: {
      ...usual,
      imap: firstServer(servers, 'imap'),
      smtp: firstServer(servers, 'smtp'),
    },
    authentication: 'oauth',
    tenant: '',
  }
}

const NO_OWNER: OwnerDraft = { type: 'none', id: '' }

/** Types of owners that an account for reading and one for sending can have. */
const ownerTypes: Record<Direction, readonly Owner['type'][]> = {
  read: ['department', 'other'],
  send: ['global', 'brand', 'other'],
}

const ownerDraft = (owner: Owner | null): OwnerDraft => ({
  type: owner?.type ?? 'none',
  id: owner && 'id' in owner ? owner.id : '',
})

/** Returns the owner to save, or null without one. */
export function ownerOf({ type, id }: OwnerDraft): Owner | null {
  if (type === 'global') return { type }
  if (id.trim() === '') return null
  return { type: type === 'none' ? 'department' : type, id: id.trim() }
}

/** Returns the names of the owners of a type. */
export const namesOf = (type: Owner['type'], owners: readonly (Owner | null)[]): string[] =>
  owners.flatMap((owner) => (owner?.type === type && 'id' in owner ? [owner.id] : []))

/** Returns the uses as they were chosen. A mailbox sends in one way, so the new choice replaces the other. */
export function chooseUses(before: readonly Protocol[], chosen: readonly Protocol[]): Protocol[] {
  const directions = chosen.filter((one) => !before.includes(one)).map(directionOf)
  return chosen.filter((one) => !before.includes(one) || !directions.includes(directionOf(one)))
}

/** Accounts of one mailbox that one sign-in serves, with one use each. */
export type Accounts = readonly [MailAccount, ...MailAccount[]]

/** `accountType`: of the person who signed in, whose server is offered for a new way to send. */
export function draftOf(
  accounts: Accounts,
  servers: Servers,
  accountType: AccountType = 'work',
): Draft {
  const protocols = accounts.map(({ protocol }) => protocol)
  const begin = emptyDraft(protocols, servers)
  const [first] = accounts
  const of = <Value>(read: (account: MailAccount) => Value) =>
    Object.fromEntries(accounts.map((account) => [account.protocol, read(account)]))
  return {
    ...begin,
    mailbox: first.username,
    owners: { ...begin.owners, ...of(({ owner }) => ownerDraft(owner)) },
    name: first.name ?? '',
    delegate: first.delegate ?? '',
    from: accounts.find(({ protocol }) => directionOf(protocol) === 'send')?.from ?? '',
    servers: {
      ...begin.servers,
      smtp: personalServer(begin.servers.smtp, servers.smtp, accountType),
      ...of(serverDraft),
    },
    ...authenticationDraft(first.authentication),
  }
}

/**
 * Divides the accounts of a mailbox into those that one form can save: the same values but for use, owner and server, and
 * one account for each use. A password is for one server only.
 */
export function groupsOf(accounts: readonly MailAccount[]): [MailAccount, ...MailAccount[]][] {
  const groups: [MailAccount, ...MailAccount[]][] = []
  const shared = ({ name, delegate, authentication, host }: MailAccount) =>
    JSON.stringify([
      name,
      delegate,
      authentication,
      authentication.type === 'password' && host.toLowerCase(),
    ])
  for (const account of accounts) {
    const direction = directionOf(account.protocol)
    const group = groups.find(
      ([first, ...others]) =>
        shared(first) === shared(account) &&
        [first, ...others].every(({ protocol }) => directionOf(protocol) !== direction),
    )
    if (group) group.push(account)
    else groups.push([account])
  }
  return groups
}

const authenticationDraft = (
  authentication: MailAccount['authentication'],
): Pick<Draft, 'authentication' | 'tenant'> =>
  authentication.type === 'oauth' && authentication.flow === 'app_only'
    ? { authentication: 'app_only', tenant: authentication.tenant }
    : { authentication: authentication.type, tenant: '' }

const PERSONAL_SERVERS = ['smtp.office365.com', 'smtp-mail.outlook.com'] as const

/**
 * Returns the SMTP server for the account type if the form has Microsoft's other one, since personal accounts have
 * their own. Returns any other server as it is.
 */
export function personalServer(
  chosen: ServerDraft,
  known: readonly MailServer[],
  accountType: AccountType,
): ServerDraft {
  const [work, personal] = PERSONAL_SERVERS
  const [from, to] = accountType === 'personal' ? [work, personal] : [personal, work]
  const better = known.find(({ host }) => host === to)
  return chosen.host === from && better ? serverDraft(better) : chosen
}

/**
 * Returns the draft with its own members only, without surrounding spaces, and without a name for an owner that has
 * none.
 */
export function tidy(draft: Draft): Draft {
  const owner = ({ type, id }: OwnerDraft) => ({ type, id: type === 'global' ? '' : id.trim() })
  const server = ({ host, port, security }: ServerDraft) => ({
    host: host.trim(),
    port: port.trim(),
    security,
  })
  return {
    protocols: draft.protocols,
    mailbox: draft.mailbox.trim(),
    owners: eachProtocol((protocol) => owner(draft.owners[protocol])),
    name: draft.name.trim(),
    delegate: draft.delegate.trim(),
    from: draft.from.trim(),
    servers: eachProtocol((protocol) => server(draft.servers[protocol])),
    authentication: draft.authentication,
    tenant: draft.tenant.trim(),
  }
}

/** Returns what a sign-in for this draft asks for. */
export const signInRequestOf = (
  draft: Draft,
  protocols: Protocol[],
  saved: Pick<MailAccount, 'id' | 'delegate'> | undefined,
  customer: string | null,
): SignInRequest => ({
  ...(!saved && customer !== null && { customer }),
  username: draft.mailbox,
  // Without it, the saved delegate would be used, who no longer signs in.
  delegate: delegateOf(draft) ?? (saved?.delegate ? draft.mailbox : undefined),
  protocols,
  mail_account_id: saved?.id,
})

/** Returns the person who signs in for the mailbox, or null if it is the mailbox itself or the app. */
export function delegateOf({ authentication, delegate, mailbox }: Draft): string | null {
  if (authentication === 'app_only' || sameAddress(delegate, mailbox)) return null
  return delegate.trim() || null
}

/** Every field of a request: one that a save left out would be wiped, but for the customer and the server of Graph. */
export type Whole<Input> = Partial<MailServer> & {
  [Field in Exclude<keyof Input, 'customer' | keyof MailServer>]-?: Input[Field]
}

/** Returns the request for one use. `customer`: that of a use that is new; a saved one keeps its own. */
export function bodyOf(
  draft: Draft,
  protocol: Protocol,
  authentication: MailAccountInput['authentication'],
  customer: string | null = null,
): Whole<MailAccountInput> & Pick<MailAccountInput, 'customer'> {
  const { host, port, security } = draft.servers[protocol]
  // Microsoft Graph has only one server, which is not sent.
  const server = isMailProtocol(protocol) && { host: host.trim(), port: Number(port), security }
  return {
    ...(customer !== null && { customer }),
    name: draft.name.trim() || null,
    delegate: delegateOf(draft),
    from: (directionOf(protocol) === 'send' && draft.from.trim()) || null,
    owner: ownerOf(draft.owners[protocol]),
    protocol,
    ...server,
    username: draft.mailbox.trim(),
    authentication,
  }
}

const PER_PROTOCOL = /^\/(?:host|port|security|owner)\b/

/** Returns the pointer of a field of the form, where each protocol has its own server and owner. */
export const pointerAt = (protocol: Protocol, pointer: string) =>
  PER_PROTOCOL.test(pointer) ? `/${protocol}${pointer}` : pointer

const addressErrors = (pointer: string, text: string, empty = ''): Errors => {
  const message = text.trim() === '' ? empty : 'Enter an address such as name@example.com.'
  return message === '' || isAddress(text) ? {} : { [pointer]: message }
}

/** Returns what prevents a sign-in, by JSON pointer. */
export const signInErrors = (draft: Draft): Errors => ({
  ...addressErrors('/username', draft.mailbox, 'Enter the mailbox.'),
  ...(draft.protocols.length === 0 && { '/protocol': 'Choose reading, sending or both.' }),
  ...(draft.authentication !== 'app_only' && addressErrors('/delegate', draft.delegate)),
})

/** Returns what prevents a login or a save, apart from the credential. */
export const errorsOf = (draft: Draft): Errors => ({
  ...signInErrors(draft),
  ...Object.assign({}, ...draft.protocols.map((protocol) => protocolErrors(draft, protocol))),
  ...(draft.protocols.some((one) => directionOf(one) === 'send') &&
    addressErrors('/from', draft.from)),
})

function protocolErrors({ owners, servers }: Draft, protocol: Protocol): Errors {
  const { type, id } = owners[protocol]
  const { host, port } = servers[protocol]
  const number = Number(port)
  const isPort = Number.isInteger(number) && number > 0 && number < 65_536
  return {
    // A blank department is none; a brand or another owner was chosen from a list.
    ...(directionOf(protocol) === 'send' &&
      (type === 'brand' || type === 'other') &&
      id.trim() === '' && {
        [`/${protocol}/owner/id`]: `Enter the ${type === 'other' ? 'owner' : type}.`,
      }),
    ...(host.trim() === '' && { [`/${protocol}/host`]: 'Enter the host.' }),
    ...(!isPort && { [`/${protocol}/port`]: 'Enter a number from 1 to 65535.' }),
  }
}
