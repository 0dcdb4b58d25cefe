/** Values of the account form without secrets, and the requests that they make. Pure. */
import type { MailAccount, MailAccountInput, Owner } from '../../../../schema/mail-account.ts'
import type { MailServer, Protocol, Security } from '../../../../schema/mail-servers.ts'
import { capitalised } from '../../ui/words.ts'

/** A server as typed. The port is text: it may not be a number yet. */
export type ServerDraft = { host: string; port: string; security: Security }

export type OwnerDraft = { type: Owner['type']; id: string }

/** Never contains a password: a draft may be stored during a sign-in. */
export type Draft = {
  /** Uses of the mailbox. Each is saved as an account of its own. */
  protocols: readonly Protocol[]
  mailbox: string
  owners: Record<Protocol, OwnerDraft>
  name: string
  /** Address that signs in, blank for the mailbox itself. */
  delegate: string
  from: string
  servers: Record<Protocol, ServerDraft>
  authentication: 'oauth' | 'app_only' | 'password'
  /** Tenant of an app-only account. */
  tenant: string
}

/** An error of the form, by the pointer of its field (`pointerAt`). */
export type Fault = { pointer: string; message: string }

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

type Servers = Record<Protocol, readonly MailServer[]>

const usual: Record<Protocol, ServerDraft> = {
  imap: { host: '', port: '993', security: 'tls' },
  smtp: { host: '', port: '587', security: 'starttls' },
}

const firstServer = (servers: Servers, protocol: Protocol): ServerDraft => {
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
  owners: Record<Protocol, readonly Owner[]>,
  { owner, mailbox, delegate, scope }: Prefilled = {},
): Draft {
  const named = (of: Protocol) => (of === protocol && owner) || null
  const brand = named('smtp')
  const isBrand = protocol === 'smtp' && (scope === 'brand' || brand !== null)
  return {
    protocols: [protocol],
    mailbox: mailbox ?? '',
    owners: {
      imap: {
        type: 'department',
        id: named('imap') ?? departmentFor(mailbox ?? '', idsOf(owners.imap)),
      },
      smtp: isBrand ? { type: 'brand', id: brand ?? '' } : lastSender(owners.smtp),
    },
    name: '',
    delegate: delegate ?? '',
    from: '',
    servers: { imap: firstServer(servers, 'imap'), smtp: firstServer(servers, 'smtp') },
    authentication: 'oauth',
    tenant: '',
  }
}

const ownerDraft = (owner: Owner): OwnerDraft => ({
  type: owner.type,
  id: owner.type === 'global' ? '' : owner.id,
})

const lastSender = ([last]: readonly Owner[]): OwnerDraft =>
  last && last.type !== 'other' ? ownerDraft(last) : { type: 'global', id: '' }

/** Returns the distinct names of the owners, in the same order. */
export const idsOf = (owners: readonly Owner[]): string[] => [
  ...new Set(owners.flatMap((owner) => (owner.type === 'global' ? [] : [owner.id]))),
]

/** Proposes a department: one named like the address, the last used one, or a name from the address. */
export function departmentFor(mailbox: string, departments: readonly string[]): string {
  const [local = ''] = mailbox.trim().split('@')
  const named = departments.find((department) => sameAddress(department, local))
  const proposal = local === '' ? 'Support' : capitalised(local)
  return named ?? departments[0] ?? proposal
}

export function draftOf(account: MailAccount, servers: Servers): Draft {
  const { protocol } = account
  const begin = emptyDraft(protocol, servers, { imap: [], smtp: [] })
  return {
    ...begin,
    mailbox: account.username,
    owners: { ...begin.owners, [protocol]: ownerDraft(account.owner) },
    name: account.name ?? '',
    delegate: account.delegate ?? '',
    from: account.from ?? '',
    servers: { ...begin.servers, [protocol]: serverDraft(account) },
    ...authenticationDraft(account.authentication),
  }
}

const authenticationDraft = (
  authentication: MailAccount['authentication'],
): Pick<Draft, 'authentication' | 'tenant'> =>
  authentication.type === 'oauth' && authentication.flow === 'app_only'
    ? { authentication: 'app_only', tenant: authentication.tenant }
    : { authentication: authentication.type, tenant: '' }

/** Returns who signs in for the mailbox, or null where that is the mailbox itself, or the app. */
export function delegateOf({ authentication, delegate, mailbox }: Draft): string | null {
  if (authentication === 'app_only' || sameAddress(delegate, mailbox)) return null
  return delegate.trim() || null
}

export function bodyOf(
  draft: Draft,
  protocol: Protocol,
  authentication: MailAccountInput['authentication'],
): MailAccountInput {
  const [name, from, delegate] = [draft.name.trim(), draft.from.trim(), delegateOf(draft)]
  const { type, id } = draft.owners[protocol]
  const { host, port, security } = draft.servers[protocol]
  return {
    ...(name && { name }),
    owner: type === 'global' ? { type } : { type, id: id.trim() },
    protocol,
    host: host.trim(),
    port: Number(port),
    security,
    username: draft.mailbox.trim(),
    ...(delegate && { delegate }),
    ...(protocol === 'smtp' && from && { from }),
    authentication,
  }
}

const addressFault = (pointer: string, text: string, empty: string): Fault[] => {
  if (text.trim() === '') return empty === '' ? [] : [{ pointer, message: empty }]
  return isAddress(text) ? [] : [{ pointer, message: 'Enter an address such as name@example.com.' }]
}

const PER_PROTOCOL = /^\/(?:host|port|security|owner)\b/

/** Returns the pointer of a field of the form, where each protocol has its own server and owner. */
export const pointerAt = (protocol: Protocol, pointer: string) =>
  PER_PROTOCOL.test(pointer) ? `/${protocol}${pointer}` : pointer

/** Returns what prevents a sign-in. */
export const signInFaults = (draft: Draft): Fault[] => [
  ...addressFault('/username', draft.mailbox, 'Enter the mailbox.'),
  ...(draft.protocols.length === 0
    ? [{ pointer: '/protocol', message: 'Choose reading, sending or both.' }]
    : []),
  ...(draft.authentication === 'app_only' ? [] : addressFault('/delegate', draft.delegate, '')),
]

/** Returns what prevents a login or a save, apart from the credential. */
export const faultsOf = (draft: Draft): Fault[] => [
  ...signInFaults(draft),
  ...draft.protocols.flatMap((protocol) => [
    ...ownerFaults(draft, protocol),
    ...serverFaults(draft, protocol),
  ]),
  ...(draft.protocols.includes('smtp') ? addressFault('/from', draft.from, '') : []),
]

function ownerFaults({ owners }: Draft, protocol: Protocol): Fault[] {
  const { type, id } = owners[protocol]
  if (type === 'global' || id.trim() !== '') return []
  const message = `Enter the ${type === 'other' ? 'owner' : type}.`
  return [{ pointer: pointerAt(protocol, '/owner/id'), message }]
}

function serverFaults({ servers }: Draft, protocol: Protocol): Fault[] {
  const { host, port } = servers[protocol]
  const number = Number(port)
  const isPort = Number.isInteger(number) && number > 0 && number < 65_536
  return [
    ...(host.trim() === ''
      ? [{ pointer: pointerAt(protocol, '/host'), message: 'Enter the host.' }]
      : []),
    ...(isPort
      ? []
      : [{ pointer: pointerAt(protocol, '/port'), message: 'Enter a number from 1 to 65535.' }]),
  ]
}
