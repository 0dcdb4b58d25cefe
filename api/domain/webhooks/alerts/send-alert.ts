/** Sends a message for people to an endpoint of Slack, Teams or email. */
import { UNLIMITED } from '../../../model/access.ts'
import type { Alert, AlertLine, LeasedDelivery, SendTarget } from '../../../model/webhook.ts'
import type { Services } from '../../../services.ts'
import { mailAccountView } from '../../mail-accounts/view.ts'
import { post, type SendResult } from '../send.ts'
import { accountsOf, type ConcernedAccount, chooseFirst, composeAlert } from './alert.ts'
import { slackBody, teamsBody } from './chat-bodies.ts'
import { sendMail } from './send-mail.ts'

/** Sends messages that were gathered as one. Throws on an internal error only, not because of the receiver. */
export async function sendAlert(
  services: Services,
  target: SendTarget,
  gathered: readonly LeasedDelivery[],
): Promise<SendResult> {
  const first = chooseFirst(gathered)
  const consoleUrl = `${services.settings.publicUrl}/console/`
  const alert = composeAlert(gathered, await readConcerned(services, first), consoleUrl)
  // For Slack and Teams, the secret is the URL.
  const address = { url: target.secrets[0] ?? '', customer: target.customer }
  if (target.type === 'slack') return post(services, address, {}, slackBody(alert))
  if (target.type === 'teams') return post(services, address, {}, teamsBody(alert))
  // The ID is the same for each attempt, so that copies of a message can be recognised.
  const id = first[0]?.id.replace('msg_', '') ?? ''
  return sendMail(services, target, mailText(alert), id)
}

/** Reads the accounts that the first messages are about, as they are now, by the id of the message. */
async function readConcerned({ store, settings }: Services, first: readonly LeasedDelivery[]) {
  const found = new Map<string, ConcernedAccount>()
  for (const delivery of first) {
    const ids = accountsOf(delivery)
    const account = ids[0] === undefined ? null : await store.mailAccounts.read(ids[0], UNLIMITED)
    if (!account) continue
    found.set(delivery.id, { account: mailAccountView(account, settings), count: ids.length })
  }
  return found
}

const lineText = ({ subject, text, whoActs, url }: AlertLine) =>
  [`${subject}: ${text}.`, ...(whoActs === null ? [] : [`Who acts: ${whoActs}.`]), url].join('\n')

/** Returns subject and text. Lines end in LF; the checker composes the message. */
export function mailText({ title, lines, more }: Alert): { subject: string; text: string } {
  const paragraphs = [
    title,
    ...lines.map(lineText),
    ...(more ? [`${more.text}\n${more.url}`] : []),
    'Mailgrant sends these messages because this address was entered in its console, under Alerts and webhooks. Change or delete it there.',
  ]
  const subject = lines.length > 0 ? title : 'Mailgrant: test message'
  return { subject, text: `${paragraphs.join('\n\n')}\n` }
}
