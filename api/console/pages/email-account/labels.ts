/** Labels of the page of an email account. Pure. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { MailServer, Protocol } from '../../../../schema/mail-servers.ts'
import { isMailProtocol, PROTOCOL_NAMES } from '../../../../schema/protocols.ts'
import type { TestMessage } from '../../../../schema/test-message.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { describeUses, useOf } from '../../ui/mail-account.ts'
import { capitalised, joined } from '../../ui/phrase.ts'
import type { Tone } from '../../ui/state.ts'
import {
  type Accounts,
  authenticationDraft,
  type Draft,
  delegateOf,
  type OwnerDraft,
  ownerOf,
  type ServerDraft,
} from './draft.ts'

const securities = { tls: 'TLS', starttls: 'STARTTLS' } as const

export const serverName = ({ host, port, security }: MailServer | ServerDraft) =>
  `${host}, port ${port}, ${securities[security]}`

function ownerLabel(draft: OwnerDraft): string | null {
  const owner = ownerOf(draft)
  if (owner === null) return null
  if (owner.type === 'global') return 'all brands'
  return `${owner.type === 'other' ? 'owner' : owner.type} ${owner.id}`
}

/** Returns the uses of the mailbox in a line: "Reading mail, department Support". */
export function mailboxLabel(draft: Draft): string {
  const owners = draft.protocols.flatMap((protocol) => ownerLabel(draft.owners[protocol]) ?? [])
  const delegate = delegateOf(draft)
  return [
    capitalised(describeUses(draft.protocols)),
    ...owners,
    ...draft.protocols.filter((one) => !isMailProtocol(one)).map((one) => PROTOCOL_NAMES[one]),
    ...(delegate ? [`${delegate} signs in`] : []),
  ].join(', ')
}

/** Explains "Ask again", by the health of the account, and its results. */
export const retryLabels = {
  blocked: 'Use it after an administrator has lifted the block at Microsoft.',
  cooling_down: 'Asks Microsoft now instead of later.',
  reconnect_required: 'Helps if the account was locked or disabled and works again.',
  still: 'Microsoft was asked just now and still issues no access token',
  appOnly: '"Validate Authentication" asks Microsoft again at once.',
} as const

/** The guide about what Microsoft Graph requires of a program. */
export const GRAPH_GUIDE = '/docs/guides/smtp-or-graph'

/** An account that sends, saved or not. */
export type Sender = Pick<MailAccount, 'protocol' | 'username' | 'delegate'> &
  Pick<Draft, 'authentication'>

export const senderOf = ({ authentication, ...account }: MailAccount): Sender => ({
  ...account,
  authentication: authenticationDraft(authentication).authentication,
})

/** Lists the permissions that the app registration needs for sending through Microsoft Graph. */
export function graphPermissions({ authentication, delegate }: Omit<Sender, 'protocol'>): string {
  if (authentication === 'app_only') return 'the application permission Mail.Send'
  return delegate === null
    ? 'the delegated permission Mail.Send'
    : 'the delegated permissions Mail.Send and Mail.Send.Shared'
}

/** A message that asks Mailgrant's administrator for the setting. `url`: of the page. */
export const requestOfSetting = (sender: Sender, url: string) =>
  `Microsoft refuses SMTP for ${sender.username}. Please allow Microsoft Graph in Mailgrant's Microsoft settings, and add ${graphPermissions(sender)} of Microsoft Graph to the app registration. The mailbox: ${url}`

/** Says how an account sends after it was switched, and what that does not change. */
export const switchedFlash = (protocol: Protocol) =>
  protocol === 'graph_send'
    ? {
        title: 'It sends through Microsoft Graph now',
        text: '"Send through SMTP again", below, undoes this.',
      }
    : {
        title: 'It sends through SMTP again',
        text: 'The consent to Mail.Send stays until it is withdrawn at Microsoft.',
      }

/** Returns a message after a save, or an empty one if the page shows what has to be done. */
export const savedFlash = (accounts: readonly Pick<MailAccount, 'protocol' | 'health'>[]) =>
  accounts.every(({ health }) => health === 'ok')
    ? `It works, and stays connected for ${describeUses(accounts.map(({ protocol }) => protocol))}.`
    : ''

/** Returns the result of a login with earlier values: "Reading mail worked". */
export const pastLabel = ({ protocol, outcome }: Pick<Validation, 'protocol' | 'outcome'>) =>
  `${capitalised(useOf(protocol))} ${{ passed: 'worked', failed: 'did not work', inconclusive: 'could not be tried' }[outcome]}`

/** Returns the result of a validation for screen readers. */
export function outcomeLabel({
  outcome,
  diagnosis,
  protocol,
}: Pick<Validation, 'outcome' | 'diagnosis' | 'protocol'>): string {
  const cause = diagnosis?.candidates[0]?.title
  const use = capitalised(useOf(protocol))
  if (outcome === 'passed') return `${use} works.`
  const verdict = outcome === 'failed' ? `${use} does not work` : `${use} could not be tried`
  return `${verdict}${cause ? `: ${cause}` : ''}. The details follow.`
}

/** Returns a sentence about whose accounts are deleted, and what else. `users`: all accounts of their grants. */
export function deletionText(
  accounts: Accounts,
  users: readonly Pick<MailAccount, 'id' | 'grant'>[],
): string {
  const isLeft = ({ id }: Pick<MailAccount, 'id'>) => !accounts.some((account) => account.id === id)
  const left = users.filter(isLeft)
  const sentences = accounts.map((account) => consequenceText(account, left))
  return [...ownerLabels(accounts), ...new Set(sentences)].join(' ')
}

function ownerLabels(accounts: Accounts): string[] {
  const names = accounts.flatMap(({ owner }) =>
    owner ? [owner.type === 'global' ? 'all brands' : owner.id] : [],
  )
  const owners = joined([...new Set(names)])
  if (accounts.length === 1) return owners ? [`It belongs to ${owners}.`] : []
  const number = accounts.length
  return [
    owners ? `These ${number} accounts belong to ${owners}.` : `These are ${number} accounts.`,
  ]
}

function consequenceText(
  { authentication, grant }: MailAccount,
  left: readonly Pick<MailAccount, 'grant'>[],
): string {
  if (authentication.type === 'password') return 'The stored password is deleted too.'
  if (authentication.flow === 'app_only') return 'The app keeps its right to the mailbox.'
  if (!grant) return 'It has no sign-in.'
  const others = left.filter((user) => user.grant?.id === grant.id)
  if (others.length === 0) {
    return `The sign-in of ${grant.signed_in_as} is deleted too, because nothing else uses it.`
  }
  const who = others.length === 1 ? 'another account uses it' : `${others.length} others use it`
  return `The sign-in of ${grant.signed_in_as} stays, because ${who}.`
}

type Sending = Pick<TestMessage, 'outcome' | 'sent' | 'to' | 'steps'>

/** Returns the result of a test message. */
export function sendingLabel(result: Sending): { tone: Tone; title: string; text: string } {
  const { sent, outcome, to } = result
  if (sent) {
    const text = 'If the message does not arrive, look in the junk folder.'
    return { tone: 'good', title: `The server accepted the message for ${to}`, text }
  }
  const text = reasonIn(result)
  if (sent === null) return { tone: 'ask', title: 'The message may have been sent', text }
  return outcome === 'failed'
    ? { tone: 'bad', title: 'The message was not sent', text }
    : { tone: 'ask', title: 'The message could not be sent now', text }
}

/** Returns the sentence of the step that ended it, or of the login that was not tried. */
function reasonIn({ steps }: Sending): string {
  const ended =
    steps.find(({ outcome }) => outcome === 'failed' || outcome === 'inconclusive') ??
    steps.find(({ detail }) => detail !== null)
  return ended?.detail ?? ''
}
