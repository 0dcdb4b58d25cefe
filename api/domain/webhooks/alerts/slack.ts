/**
 * The body for an incoming webhook of Slack (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks).
 * Pure.
 */
import type { Alert, AlertLine } from '../../../model/webhook.ts'

/** Slack's control characters (https://docs.slack.dev/messaging/formatting-message-text, "Escaping text"). */
const escapeText = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/**
 * Builds a paragraph. `verbatim`: Slack makes no link or mention of a word. A mention that someone wrote out,
 * such as `<!channel>`, is escaped.
 */
const section = (text: string) => ({
  type: 'section',
  text: { type: 'mrkdwn', text, verbatim: true },
})

const link = (url: string, text: string) => `<${escapeText(url)}|${text}>`

const lineText = ({ subject, text, whoActs, url }: AlertLine) =>
  `${escapeText(`${subject}: ${text}.${whoActs === null ? '' : ` Who acts: ${whoActs}.`}`)} ${link(url, 'Open')}`

/** Notifications show the top-level text, which Slack parses, so it contains no name. */
export const slackBody = ({ title, lines, more }: Alert): string =>
  JSON.stringify({
    text: escapeText(title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title.slice(0, 150), emoji: false } },
      ...lines.map((line) => section(lineText(line))),
      ...(more ? [section(`${escapeText(more.text)} ${link(more.url, 'Open the list')}`)] : []),
    ],
    unfurl_links: false,
    unfurl_media: false,
  })
