/** Values of the account form without secrets, and the requests that they make. Pure. */
import type {
  MailAccount,
  MailAccountInput,
  Owner,
  PlainField,
} from '../../../../schema/mail-account.ts'
import type {
  AccountType,
  MailProtocol,
  MailServer,
  Protocol,
  Security,
} from '../../../../schema/mail-servers.ts'
import { directionOf, isMailProtocol } from '../../../../schema/protocols.ts'
import type { Errors } from '../../ui/form-state.ts'
import { capitalised } from '../../ui/words.ts'

/** A server as typed. The port is text: it may not be a number yet. */
export type ServerDraft = { host: string; port: string; security: Security }

/** `none`: without an owner, unless an id is typed: it is then a department. */
export type OwnerDraft = { type: Owner['type'] | 'none'; id: string }

/** The optional texts of an account, in the order of the form. An entry is all that the form, its request and a conflict need. */
export const plainFields: Record<
  PlainField,
  { label: string; help: string; type?: 'email'; isUsed?: (draft: Draft) => boolean }
> = {
  name: { label: 'Name', help: 'What people call this account.' },
  delegate: {
    label: 'Who signs in',
    type: 'email',
    help: "Leave blank if the mailbox itself signs in. Otherwise enter the person's other address, or a person with access to the shared mailbox.",
    isUsed: ({ authentication }) => authentication !== 'app_only',
  },
  from: {
    label: 'Sender address',
    type: 'email',
    help: 'Leave blank to use the mailbox.',
    isUsed: ({ protocols }) => protocols.some((one) => directionOf(one) === 'send'),
  },
}

const names = Object.keys(plainFields) as PlainField[]

/** Returns the plain fields that count for this draft. */
export const usedFields = (draft: Draft): PlainField[] =>
  names.filter((name) => plainFields[name].isUsed?.(draft) ?? true)

/** Returns something for each plain field. */
export const eachPlain = <Value>(read: (name: PlainField) => Value) =>
  Object.fromEntries(names.map((name) => [name, read(name)])) as Record<PlainField, Value>

/** Never contains a password: a draft may be stored during a sign-in. The delegate is blank for the mailbox itself. */
export type Draft = Record<PlainField, string> & {
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

/** Those of mail servers to choose from. Microsoft Graph has one host, which the API knows. */
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
  owner?: string | null
  mailbox?: string | null
  delegate?: string | null
  scope?: string | null
}

/** Returns the initial values of a new account. `owners`: existing ones, the last used first. */
export function emptyDraft(
  protocol: Protocol,
  servers: Servers,
  owners: Record<MailProtocol, readonly (Owner | null)[]>,
  { owner, mailbox, delegate, scope }: Prefilled = {},
): Draft {
  const named = (of: Protocol) => (of === protocol && owner) || null
  const brand = named('smtp')
  const isBrand = protocol === 'smtp' && (scope === 'brand' || brand !== null)
  const sender: OwnerDraft = isBrand ? { type: 'brand', id: brand ?? '' } : lastSender(owners.smtp)
  return {
    protocols: [protocol],
    mailbox: mailbox ?? '',
    owners: {
      imap: {
        type: 'department',
        id: named('imap') ?? departmentFor(mailbox ?? '', idsOf(owners.imap)),
      },
      smtp: sender,
      graph_send: sender,
    },
    ...eachPlain(() => ''),
    delegate: delegate ?? '',
    servers: {
      ...usual,
      imap: firstServer(servers, 'imap'),
      smtp: firstServer(servers, 'smtp'),
    },
    authentication: 'oauth',
    tenant: '',
  }
}

const ownerDraft = (owner: Owner | null): OwnerDraft => ({
  type: owner?.type ?? 'none',
  id: owner && 'id' in owner ? owner.id : '',
})

/** Returns the owner to save, or null without one. */
export function ownerOf({ type, id }: OwnerDraft): Owner | null {
  if (type === 'global') return { type }
  if (type !== 'none') return { type, id: id.trim() }
  return id.trim() === '' ? null : { type: 'department', id: id.trim() }
}

const lastSender = ([last]: readonly (Owner | null)[]): OwnerDraft =>
  last && last.type !== 'other' ? ownerDraft(last) : { type: 'global', id: '' }

/** Returns the distinct names of the owners, in the same order. */
export const idsOf = (owners: readonly (Owner | null)[]): string[] => [
  ...new Set(owners.flatMap((owner) => (owner && 'id' in owner ? [owner.id] : []))),
]

/** Proposes a department: one named like the address, the last used one, or a name from the address. */
export function departmentFor(mailbox: string, departments: readonly string[]): string {
  const [local = ''] = mailbox.trim().split('@')
  const named = departments.find((department) => sameAddress(department, local))
  const proposal = local === '' ? 'Support' : capitalised(local)
  return named ?? departments[0] ?? proposal
}

/** Returns the uses as they were chosen. A mailbox sends in one way: the new choice replaces the other. */
export function chooseUses(before: readonly Protocol[], chosen: readonly Protocol[]): Protocol[] {
  const directions = chosen.filter((one) => !before.includes(one)).map(directionOf)
  return chosen.filter((one) => !before.includes(one) || !directions.includes(directionOf(one)))
}

export function draftOf(account: MailAccount, servers: Servers): Draft {
  const { protocol } = account
  const begin = emptyDraft(protocol, servers, { imap: [], smtp: [] })
  return {
    ...begin,
    mailbox: account.username,
    owners: { ...begin.owners, [protocol]: ownerDraft(account.owner) },
    ...eachPlain((name) => account[name] ?? ''),
    servers: { ...begin.servers, [protocol]: serverDraft(account) },
    ...authenticationDraft(account.authentication),
  }
}

export const authenticationDraft = (
  authentication: MailAccount['authentication'],
): Pick<Draft, 'authentication' | 'tenant'> =>
  authentication.type === 'oauth' && authentication.flow === 'app_only'
    ? { authentication: 'app_only', tenant: authentication.tenant }
    : { authentication: authentication.type, tenant: '' }

const PERSONAL_SERVERS = ['smtp.office365.com', 'smtp-mail.outlook.com'] as const

/** Returns the SMTP server for the account type, if the form has Microsoft's other one: personal accounts have their own. */
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

/** Returns the draft without surrounding spaces and without anything else, and without a name for an owner that has none. */
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
    ...eachPlain((name) => draft[name].trim()),
    servers: eachProtocol((protocol) => server(draft.servers[protocol])),
    authentication: draft.authentication,
    tenant: draft.tenant.trim(),
  }
}

/** Returns who signs in for the mailbox, or null where that is the mailbox itself, or the app. */
export function delegateOf({ authentication, delegate, mailbox }: Draft): string | null {
  if (authentication === 'app_only' || sameAddress(delegate, mailbox)) return null
  return delegate.trim() || null
}

/** Every field of a request: one that a save left out would be wiped, but for the customer and the server of Graph. */
export type Whole<Input> = Partial<MailServer> & {
  [Field in Exclude<keyof Input, 'customer' | keyof MailServer>]-?: Input[Field]
}

export function bodyOf(
  draft: Draft,
  protocol: Protocol,
  authentication: MailAccountInput['authentication'],
): Whole<MailAccountInput> {
  const { host, port, security } = draft.servers[protocol]
  // That of Microsoft Graph is not a choice.
  const server = isMailProtocol(protocol) && { host: host.trim(), port: Number(port), security }
  const used = usedFields({ ...draft, protocols: [protocol] })
  return {
    ...eachPlain((name) => (used.includes(name) && draft[name].trim()) || null),
    delegate: delegateOf(draft),
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
  ...(usedFields(draft).includes('from') && addressErrors('/from', draft.from)),
})

function protocolErrors({ owners, servers }: Draft, protocol: Protocol): Errors {
  const { type, id } = owners[protocol]
  const { host, port } = servers[protocol]
  const number = Number(port)
  const isPort = Number.isInteger(number) && number > 0 && number < 65_536
  return {
    ...(type !== 'global' &&
      type !== 'none' &&
      id.trim() === '' && {
        [`/${protocol}/owner/id`]: `Enter the ${type === 'other' ? 'owner' : type}.`,
      }),
    ...(host.trim() === '' && { [`/${protocol}/host`]: 'Enter the host.' }),
    ...(!isPort && { [`/${protocol}/port`]: 'Enter a number from 1 to 65535.' }),
  }
}
