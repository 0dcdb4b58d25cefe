/** The text of an alert that is sent by email. Pure. */
import type { Alert, AlertLine } from '../../../model/alert.ts'

const lineText = ({ subject, text, whoActs, url }: AlertLine) =>
  [`${subject}: ${text}.`, ...(whoActs === null ? [] : [`Who acts: ${whoActs}.`]), url].join('\n')

/** Returns subject and text. Lines end in LF; the checker encodes them. */
export function mailText({ title, lines, more }: Alert): { subject: string; text: string } {
  const paragraphs = [
    title,
    ...lines.map(lineText),
    ...(more ? [`${more.text}\n${more.url}`] : []),
    'You get this message because Mailgrant is set up to report to this address. Reply to nobody: change it in the console of Mailgrant, under Webhooks.',
  ]
  const subject = lines.length > 0 ? title : 'Mailgrant: test message'
  return { subject, text: `${paragraphs.join('\n\n')}\n` }
}
