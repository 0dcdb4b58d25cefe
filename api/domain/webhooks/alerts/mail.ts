/** The text of an alert that is sent by email. Pure. */
import type { Alert, AlertLine } from '../../../model/webhook.ts'

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
