/** Labels of the page of an email account. Pure. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { MailServer } from '../../../../schema/mail-servers.ts'
import { isMailProtocol, PROTOCOL_NAMES } from '../../../../schema/protocols.ts'
import type { TestMessage } from '../../../../schema/test-message.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { describeUses, useOf } from '../../ui/mail-account.ts'
import { capitalised } from '../../ui/phrase.ts'
import type { Tone } from '../../ui/state.ts'
import { type Draft, delegateOf, type OwnerDraft, ownerOf, type ServerDraft } from './draft.ts'

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

/** Lists the permissions that the app registration needs for sending through Microsoft Graph. */
export function graphPermissions(draft: Draft): string {
  if (draft.authentication === 'app_only') return 'the application permission Mail.Send'
  return delegateOf(draft) === null
    ? 'the delegated permission Mail.Send'
    : 'the delegated permissions Mail.Send and Mail.Send.Shared'
}

/** A message that asks Mailgrant's administrator for the setting. `url`: of the page. */
export const requestOfSetting = (draft: Draft, url: string) =>
  `Microsoft refuses SMTP for ${draft.mailbox}. Please allow Microsoft Graph in Mailgrant's Microsoft settings, and add ${graphPermissions(draft)} of Microsoft Graph to the app registration. The mailbox: ${url}`

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
