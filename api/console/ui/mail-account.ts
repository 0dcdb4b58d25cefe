/** Email accounts in plain words, with the addresses of their pages. Pure. */
import type { MailAccount, Owner } from '../../../schema/mail-account.ts'
import type { Protocol } from '../../../schema/mail-servers.ts'
import { directionOf } from '../../../schema/protocols.ts'

/** The list of mailboxes, as the page above others. */
export const mailboxList = { href: '#/mailboxes', text: 'Mailboxes' }

export const accountHref = ({ id }: { id: string }) => `${mailboxList.href}/${id}`

/** `asked`: initial values of the form. */
export function newMailboxHref(asked: Record<string, string> = {}): string {
  const query = new URLSearchParams(asked).toString()
  return `${mailboxList.href}/new${query && `?${query}`}`
}

/** Names of the uses of a mailbox, to choose from and in results. */
export const protocolLabels: Record<Protocol, string> = {
  imap: 'Read mail (IMAP)',
  smtp: 'Send mail (SMTP)',
  graph_send: 'Send mail (Microsoft Graph)',
}

const uses = { read: 'reading mail', send: 'sending mail' } as const

export const useOf = (protocol: Protocol) => uses[directionOf(protocol)]

export function ownerName(owner: Owner | null): string {
  if (owner === null) return 'No owner'
  return owner.type === 'global' ? 'All brands' : owner.id
}

/** "department:Support", "global", or "none" without an owner. */
export function ownerKey(owner: Owner | null): string {
  if (owner === null) return 'none'
  return owner.type === 'global' ? owner.type : `${owner.type}:${owner.id}`
}

export const accountName = ({ name, username }: Pick<MailAccount, 'name' | 'username'>) =>
  name ?? username

/** "reading and sending mail" */
export function describeUses(protocols: readonly Protocol[]): string {
  if (new Set(protocols.map(directionOf)).size === 2) return 'reading and sending mail'
  const [only] = protocols
  return only ? useOf(only) : 'neither reading nor sending mail'
}

/** Owners of outgoing accounts, to choose from. */
export const senderTypes = [
  { value: 'global', label: 'All brands' },
  { value: 'brand', label: 'One brand' },
  { value: 'other', label: 'Another owner' },
] as const
