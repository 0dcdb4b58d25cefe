/**
 * The body for a Workflows webhook of Microsoft Teams: a message with an Adaptive Card
 * (https://adaptivecards.io/explorer/RichTextBlock.html). A TextRun is used because a TextBlock would interpret
 * Markdown. Pure.
 */
import type { Alert, AlertLine } from '../../../model/webhook.ts'

type Style = { weight?: 'Bolder'; size?: 'Medium'; isSubtle?: true }

const run = (text: string, style: Style = {}) => ({ type: 'TextRun', text, ...style })

const link = (url: string, text: string) => ({
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
    link(url, 'Open'),
  )

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
            ...(more ? [paragraph(run(`${more.text} `), link(more.url, 'Open the list'))] : []),
          ],
          msteams: { width: 'Full' },
        },
      },
    ],
  })
