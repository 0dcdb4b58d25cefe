/** Bodies of alerts for chats: incoming webhooks of Slack, and Workflows webhooks of Microsoft Teams. Pure. */
import type { Alert, AlertLine } from '../../../model/webhook.ts'

/** Slack's control characters (https://docs.slack.dev/messaging/formatting-message-text, "Escaping text"). */
const escapeText = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** Builds a paragraph. With `verbatim`, Slack makes no link or mention of a word. */
const section = (text: string) => ({
  type: 'section',
  text: { type: 'mrkdwn', text, verbatim: true },
})

const link = (url: string, text: string) => `<${escapeText(url)}|${text}>`

const lineText = ({ subject, text, whoActs, url }: AlertLine) =>
  `${escapeText(`${subject}: ${text}.${whoActs === null ? '' : ` Who acts: ${whoActs}.`}`)} ${link(url, 'Open')}`

/**
 * Returns the body for Slack (https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks). Notifications
 * show the top-level text, which Slack parses, so it contains no name.
 */
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

type Style = { weight?: 'Bolder'; size?: 'Medium'; isSubtle?: true }

const run = (text: string, style: Style = {}) => ({ type: 'TextRun', text, ...style })

const openUrl = (url: string, text: string) => ({
  type: 'TextRun',
  text,
  selectAction: { type: 'Action.OpenUrl', title: text, url },
})

const paragraph = (...inlines: object[]) => ({ type: 'RichTextBlock', inlines })

const lineBlock = ({ subject, text, whoActs, url }: AlertLine) =>
  paragraph(
    run(subject, { weight: 'Bolder' }),
    run(`: ${text}. `),
    ...(whoActs === null ? [] : [run(`Who acts: ${whoActs}. `, { isSubtle: true })]),
    openUrl(url, 'Open'),
  )

/**
 * Returns the body for Teams, a message with an Adaptive Card. It is made of TextRuns
 * (https://adaptivecards.io/explorer/RichTextBlock.html), since a TextBlock would interpret Markdown.
 */
export const teamsBody = ({ title, lines, more }: Alert): string =>
  JSON.stringify({
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            paragraph(run(title, { weight: 'Bolder', size: 'Medium' })),
            ...lines.map(lineBlock),
            ...(more ? [paragraph(run(`${more.text} `), openUrl(more.url, 'Open the list'))] : []),
          ],
          msteams: { width: 'Full' },
        },
      },
    ],
  })
