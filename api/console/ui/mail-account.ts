/** Email accounts in plain words, with the addresses of their pages. Pure. */
import type { MailAccount, Owner } from '../../../schema/mail-account.ts'
import type { MailProtocol, Protocol } from '../../../schema/mail-servers.ts'
import { directionOf } from '../../../schema/protocols.ts'

type AccountWords = {
  list: string
  listHref: string
  add: string
  one: string
  use: string
}

const outgoing: AccountWords = {
  list: 'Outgoing email',
  listHref: '#/outgoing-email',
  add: 'Add outgoing account',
  one: 'Outgoing account',
  use: 'sending mail',
}

export const accountWords: Record<Protocol, AccountWords> = {
  imap: {
    list: 'Email accounts',
    listHref: '#/email-accounts',
    add: 'Add email account',
    one: 'Email account',
    use: 'reading mail',
  },
  smtp: outgoing,
  graph_send: outgoing,
}

/** Returns the protocol of a mail server for the other direction. */
export const otherProtocol = (protocol: Protocol): MailProtocol =>
  directionOf(protocol) === 'read' ? 'smtp' : 'imap'

export const accountHref = ({ id, protocol }: { id: string; protocol: Protocol }) =>
  `${accountWords[protocol].listHref}/${id}`

/** `asked`: initial values of the form. */
export function newAccountHref(protocol: Protocol, asked: Record<string, string> = {}): string {
  const query = new URLSearchParams(asked).toString()
  return `${accountWords[protocol].listHref}/new${query && `?${query}`}`
}

/** Names of the uses of a mailbox, to choose from and in results. */
export const protocolLabels: Record<Protocol, string> = {
  imap: 'Read mail (IMAP)',
  smtp: 'Send mail (SMTP)',
  graph_send: 'Send mail (Microsoft Graph)',
}

export function ownerName(owner: Owner | null): string {
  if (owner === null) return 'No owner'
  return owner.type === 'global' ? 'All brands' : owner.id
}

export const accountName = ({ name, username }: Pick<MailAccount, 'name' | 'username'>) =>
  name ?? username

/** "reading and sending mail" */
export function describeUses(protocols: readonly Protocol[]): string {
  if (new Set(protocols.map(directionOf)).size === 2) return 'reading and sending mail'
  const [only] = protocols
  return only ? accountWords[only].use : 'neither reading nor sending mail'
}

/** Uses of a mailbox, to choose from. */
export const protocolOptions = (['imap', 'smtp'] as const).map((value) => ({
  value,
  label: protocolLabels[value],
}))

/** Owners of outgoing accounts, to choose from. */
export const senderTypes = [
  { value: 'global', label: 'All brands' },
  { value: 'brand', label: 'One brand' },
  { value: 'other', label: 'Another owner' },
] as const
