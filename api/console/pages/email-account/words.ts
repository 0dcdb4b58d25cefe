/** Words of the pages of incoming and outgoing accounts. Pure. */
import type { Grant } from '../../../../schema/grant.ts'
import type { MailAccount, Owner } from '../../../../schema/mail-account.ts'
import type { MailServer, Protocol } from '../../../../schema/mail-servers.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { capitalised, joined } from '../../ui/words.ts'
import { type Draft, delegateOf, type OwnerDraft, type ServerDraft } from './draft.ts'

type Words = {
  list: string
  listHref: string
  add: string
  one: string
  use: string
  Use: string
}

export const words: Record<Protocol, Words> = {
  imap: {
    list: 'Email accounts',
    listHref: '#/email-accounts',
    add: 'Add email account',
    one: 'Email account',
    use: 'reading mail',
    Use: 'Reading mail',
  },
  smtp: {
    list: 'Outgoing email',
    listHref: '#/outgoing-email',
    add: 'Add outgoing account',
    one: 'Outgoing account',
    use: 'sending mail',
    Use: 'Sending mail',
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

/** "Read mail (IMAP)": a use that is chosen, or whose result is shown. */
export const useNames: Record<Protocol, string> = {
  imap: 'Read mail (IMAP)',
  smtp: 'Send mail (SMTP)',
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

const ownerWords = ({ type, id }: OwnerDraft) =>
  type === 'global' ? 'all brands' : `${type === 'other' ? 'owner' : type} ${id}`

/** Says in a line what the mailbox is for: "Reading mail, department Support". */
export function mailboxWords(draft: Draft): string {
  const owners = draft.protocols.map((protocol) => ownerWords(draft.owners[protocol]))
  const delegate = delegateOf(draft)
  return [
    capitalised(rightsOf(draft.protocols)),
    ...owners,
    ...(delegate ? [`${delegate} signs in`] : []),
  ].join(', ')
}

/** Returns a value of the form as people read it. `protocol`: the account's. */
export function valueText(draft: Draft, name: keyof Draft, protocol: Protocol): string {
  if (name === 'owners') return ownerWords(draft.owners[protocol])
  return name === 'servers' ? serverName(draft.servers[protocol]) : String(draft[name])
}

/** Says what a shared mailbox requires of Exchange, by its uses. */
export function sharedMailboxNeeds(person: string, protocols: readonly Protocol[]): string {
  const rights = [
    ...(protocols.includes('imap') ? ['Full Access to read it'] : []),
    ...(protocols.includes('smtp') ? ['Send As to send from it'] : []),
  ]
  return `In Exchange, ${person} needs ${joined(rights)}.`
}

/** Explains "Ask again", by the health of the account, and its results. */
export const askAgainWords = {
  blocked: 'Use it after an administrator has lifted the block at Microsoft.',
  cooling_down: 'Asks Microsoft now instead of later.',
  reconnect_required: 'Helps if the account was locked or disabled and works again.',
  still: 'Microsoft was asked just now, and still gives no access token',
  appOnly: '"Validate Authentication" asks Microsoft again at once.',
} as const

/** Says how the accounts of a mailbox work after a save. */
export function savedWords(
  accounts: readonly Pick<MailAccount, 'protocol' | 'health' | 'last_validation'>[],
): string {
  const uses = rightsOf(accounts.map(({ protocol }) => protocol))
  if (accounts.every(({ health }) => health === 'ok')) {
    return `It works, and stays connected for ${uses}.`
  }
  const failing = accounts.filter(({ last_validation: last }) => last?.outcome === 'failed')
  if (failing.length === 0) return 'Validate it below to know whether it works.'
  return failing.length === accounts.length
    ? 'It does not work yet. Why, and what to do, is below.'
    : `${words[failing[0]?.protocol ?? 'imap'].Use} does not work yet.`
}

/** Returns the link that adds the other account for the same access token, if the token covers it. */
export function otherAccountLink(
  { protocol, username, delegate }: Pick<MailAccount, 'protocol' | 'username' | 'delegate'>,
  grant: Pick<Grant, 'id' | 'protocols'> | null,
): { href: string; text: string } | undefined {
  const other = otherProtocol(protocol)
  if (!grant?.protocols.includes(other)) return undefined
  const asked = { mailbox: username, grant: grant.id, ...(delegate !== null && { delegate }) }
  return {
    href: newAccountHref(other, asked),
    text: `Use the same access token for ${words[other].use}`,
  }
}

/** Says the result of a login with earlier values: "Reading mail worked". */
export const pastWords = ({ protocol, outcome }: Pick<Validation, 'protocol' | 'outcome'>) =>
  `${words[protocol].Use} ${{ passed: 'worked', failed: 'did not work', inconclusive: 'could not be tried' }[outcome]}`

/** Says the result of a validation to screen readers. */
export function outcomeWords({
  outcome,
  diagnosis,
  protocol,
}: Pick<Validation, 'outcome' | 'diagnosis' | 'protocol'>): string {
  const cause = diagnosis?.candidates[0]?.title
  const use = words[protocol].Use
  if (outcome === 'passed') return `${use} works.`
  const verdict = outcome === 'failed' ? `${use} does not work` : `${use} could not be tried`
  return `${verdict}${cause ? `: ${cause}` : ''}. The details follow.`
}

/** Says what is deleted with an account. `users`: all accounts of its grant. */
export function deletionWords(
  { id, authentication, grant }: MailAccount,
  users: readonly Pick<MailAccount, 'id'>[],
): string {
  if (authentication.type === 'password') return 'Its stored password is deleted too.'
  if (authentication.flow === 'app_only') return 'The app keeps its right to the mailbox.'
  if (!grant) return 'It has no access token.'
  const others = users.filter((other) => other.id !== id)
  if (others.length === 0) {
    return `The access token of ${grant.signed_in_as} is deleted too: nothing else uses it.`
  }
  const who = others.length === 1 ? 'another account uses it' : `${others.length} others use it`
  return `The access token of ${grant.signed_in_as} stays: ${who}.`
}
