/** The text of messages for people, without any part of a server's response and without sign-in links. Pure. */
import { messages, messageTypes } from '../../../../schema/events.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { whoActs } from '../../../../schema/responsible.ts'
import type { WebhookMessageType } from '../../../../schema/webhook.ts'
import type { Alert, AlertLine, DeliveryRecord } from '../../../model/webhook.ts'

type Message = Pick<DeliveryRecord, 'id' | 'type' | 'payload'>

/** Most lines of a message, so that it fits into a chat even with the longest mailbox in each. */
export const MAX_LINES = 10

const isAboutMailbox = (type: WebhookMessageType) =>
  /^(?:authorization|grant|mail_account|validation)\./.test(type)

/** Message types in the order of an alert's lines. The integration's problems come first, since they explain others. */
export const TYPES_BY_URGENCY = (['problem', 'recovery', 'test'] as const).flatMap((kind) => {
  const same = messageTypes.filter((type) => messages[type].kind === kind)
  return [...same.filter((type) => !isAboutMailbox(type)), ...same.filter(isAboutMailbox)]
})

/** Returns the messages that get a line: those that require action first. */
export const chooseFirst = <M extends Message>(gathered: readonly M[]): M[] =>
  TYPES_BY_URGENCY.flatMap((type) => gathered.filter((one) => one.type === type)).slice(
    0,
    MAX_LINES,
  )

/** Returns the sentence of a type, and the party that acts if there is no cause. */
function wordsOf(type: WebhookMessageType) {
  const { title, kind, alert = title, who = null, stopsTokens } = messages[type]
  const text = stopsTokens ? `${alert}, so no mailbox gets new access tokens` : alert
  return { kind, text, whoActs: who && whoActs[who] }
}

/** The first account that a message is about, as it is now, and how many there are. */
export type ConcernedAccount = { account: MailAccount; count: number }

/** Returns the ids of the email accounts that a message is about. */
export function accountsOf({ payload }: Pick<Message, 'payload'>): string[] {
  const { data } = JSON.parse(payload) as { data: { mail_accounts: string[] } }
  return data.mail_accounts
}

/** Composes one message of all. `accountOf`: the accounts that the first ones are about, as far as they exist. */
export function composeAlert(
  gathered: readonly Message[],
  accountOf: ReadonlyMap<string, ConcernedAccount>,
  consoleUrl: string,
): Alert {
  const named = chooseFirst(gathered).filter(({ type }) => messages[type].kind !== 'test')
  const lines = named.map((delivery) =>
    isAboutMailbox(delivery.type)
      ? mailboxLine(delivery, accountOf.get(delivery.id), consoleUrl)
      : integrationLine(delivery, consoleUrl),
  )
  const countOf = (kind: 'problem' | 'recovery') =>
    gathered.filter(({ type }) => messages[type].kind === kind).length
  const [problems, recoveries] = [countOf('problem'), countOf('recovery')]
  const left = problems + recoveries - lines.length
  return {
    title: titleOf(problems, recoveries),
    lines,
    more:
      left > 0
        ? {
            text: `${left.toLocaleString('en')} more ${left === 1 ? 'change is' : 'changes are'} not shown here.`,
            url: `${consoleUrl}${accountOf.size > 0 ? PROBLEMS : '#/'}`,
          }
        : null,
  }
}

/** The list of all mailboxes with a problem. */
const PROBLEMS = '#/mailboxes?health=reconnect_required%2Cblocked%2Cfailing'

function titleOf(problems: number, recoveries: number): string {
  const need = problems === 1 ? 'problem needs' : 'problems need'
  const parts = [
    problems > 0 ? `${problems.toLocaleString('en')} ${need} attention` : '',
    recoveries > 0 ? `${recoveries.toLocaleString('en')} resolved` : '',
  ].filter(Boolean)
  return parts.length > 0
    ? `Mailgrant: ${parts.join(', ')}`
    : 'Mailgrant: this is a test message. It has arrived, so alerts will too.'
}

function mailboxLine(
  { type, payload }: Message,
  concerned: ConcernedAccount | undefined,
  consoleUrl: string,
): AlertLine {
  const { kind, text, whoActs: who } = wordsOf(type)
  if (!concerned) {
    const { data } = JSON.parse(payload) as { data: { signed_in_as?: string; username?: string } }
    return {
      subject: asName(data.username ?? data.signed_in_as ?? 'A mailbox that was deleted'),
      text,
      whoActs: who,
      url: consoleUrl,
    }
  }
  const { account, count } = concerned
  const line = {
    subject: `${asName(account.username)}${count > 1 ? ` (${count} email accounts)` : ''}`,
    url: `${consoleUrl}#/mailboxes/${account.id}`,
  }
  if (kind !== 'problem') return { ...line, text, whoActs: null }
  // The problem can be over before the message is sent.
  if (!account.problem) return { ...line, text: `${text}, but it works now`, whoActs: null }
  const cause = account.problem.diagnosis?.candidates[0]
  return { ...line, text: cause?.title ?? text, whoActs: cause ? whoActs[cause.responsible] : who }
}

function integrationLine({ type, payload }: Message, consoleUrl: string): AlertLine {
  const { text, whoActs } = wordsOf(type)
  const { data } = JSON.parse(payload) as { data: { days_left?: number } }
  const days = data.days_left
  return {
    subject: 'Microsoft integration',
    text:
      type === 'integration.secret_expiring' && days !== undefined
        ? `The client secret or certificate expires in ${days} ${days === 1 ? 'day' : 'days'}`
        : text,
    whoActs,
    url: `${consoleUrl}#/integrations/microsoft`,
  }
}

const MAX_NAME = 120

/** Returns a name on one line, without characters that hide or reorder text. */
function asName(text: string): string {
  const plain = text.replaceAll(/[\p{C}\p{Zl}\p{Zp}\s]+/gu, ' ').trim()
  return plain.length > MAX_NAME ? `${plain.slice(0, MAX_NAME)}...` : plain
}
