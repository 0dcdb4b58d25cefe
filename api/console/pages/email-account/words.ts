/** What is called what on the pages of incoming and outgoing accounts. Pure. */
import type { Owner } from '../../../../schema/mail-account.ts'
import type { MailServer, Protocol } from '../../../../schema/mail-servers.ts'
import type { ServerDraft } from './draft.ts'

type Words = {
  list: string
  listHref: string
  add: string
  one: string
  use: string
  other: string
}

export const words: Record<Protocol, Words> = {
  imap: {
    list: 'Email accounts',
    listHref: '#/email-accounts',
    add: 'Add email account',
    one: 'Email account',
    use: 'reading mail',
    other: 'sending mail',
  },
  smtp: {
    list: 'Outgoing email',
    listHref: '#/outgoing-email',
    add: 'Add outgoing account',
    one: 'Outgoing account',
    use: 'sending mail',
    other: 'reading mail',
  },
}

export const otherProtocol = (protocol: Protocol): Protocol =>
  protocol === 'imap' ? 'smtp' : 'imap'

export const accountHref = ({ id, protocol }: { id: string; protocol: Protocol }) =>
  `${words[protocol].listHref}/${id}`

/** `asked` are the fields that the form begins with. */
export function newAccountHref(protocol: Protocol, asked: Record<string, string> = {}): string {
  const query = new URLSearchParams(asked).toString()
  return `${words[protocol].listHref}/new${query && `?${query}`}`
}

export const ownerName = (owner: Owner) => (owner.type === 'global' ? 'All brands' : owner.id)

const securities = { tls: 'TLS', starttls: 'STARTTLS' } as const

export const serverName = ({ host, port, security }: MailServer | ServerDraft) =>
  `${host}, port ${port}, ${securities[security]}`

/** "reading and sending mail" */
export function rightsOf(protocols: readonly Protocol[]): string {
  if (protocols.length === 2) return 'reading and sending mail'
  const [only] = protocols
  return only ? words[only].use : 'neither reading nor sending mail'
}

/** Explains "Ask again", by the health of the account, and its results. */
export const askAgainWords = {
  blocked: 'Use it after an administrator has lifted the block at Microsoft.',
  cooling_down: 'Asks Microsoft now instead of later.',
  reconnect_required: 'Helps if the account was locked or disabled and works again.',
  still: 'Microsoft was asked just now, and still gives no access token',
  appOnly: '"Validate Authentication" asks Microsoft again at once.',
} as const
