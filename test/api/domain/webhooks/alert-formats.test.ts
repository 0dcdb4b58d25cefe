/** The text of messages for people, in which hostile names must not become links, mentions or lines. */
import { describe, expect, it } from 'vitest'
import {
  composeAlert,
  MAX_LINES,
  TYPES_BY_URGENCY,
} from '../../../../api/domain/webhooks/alerts/alert.ts'
import { slackBody, teamsBody } from '../../../../api/domain/webhooks/alerts/chat-bodies.ts'
import { mailText } from '../../../../api/domain/webhooks/alerts/send-alert.ts'
import { diagnosisExample } from '../../../../schema/diagnosis-example.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { WebhookMessageType } from '../../../../schema/webhook.ts'

const CONSOLE = 'https://mail.example.com/console/'

const HOSTILE = [
  '<!channel>@evil.com',
  '<https://evil.com|Sign in>@evil.com',
  '@here@evil.com',
  'a&b@evil.com',
  '*bold*_it_~s~`c`@evil.com',
  '[Sign in](https://evil.com)@evil.com',
  'a\r\nBcc: everyone@evil.com\r\n\r\nbody@evil.com',
  'a\u202egnp.exe@evil.com',
  `${'long'.repeat(200)}@evil.com`,
]

function alertFor(username: string) {
  const account = { id: 'ma_1', username, protocol: 'imap' } as MailAccount
  const delivery = { id: 'msg_1', type: 'validation.failed' as const, payload: '{"data":{}}' }
  const found = new Map([['msg_1', { account, count: 1 }]])
  return composeAlert([delivery], found, CONSOLE)
}

describe.each(HOSTILE)('a mailbox called %j', (name) => {
  const alert = alertFor(name)

  it('makes no link, mention or line of its own in Slack', () => {
    const { text, blocks } = JSON.parse(slackBody(alert))
    expect(text).toBe('Mailgrant: 1 problem needs attention')
    for (const block of blocks.slice(1)) {
      expect(block.text).toMatchObject({ type: 'mrkdwn', verbatim: true })
      expect(block.text.text.match(/<[^>]*>/g)).toEqual([`<${CONSOLE}#/mailboxes/ma_1|Open>`])
      expect(block.text.text).not.toMatch(/[\r\n\u202e]/)
      expect(block.text.text.replaceAll(/&(amp|lt|gt);/g, '')).not.toContain('&')
    }
  })

  it('is text and nothing else in Teams', () => {
    const [{ content }] = JSON.parse(teamsBody(alert)).attachments
    const inlines = content.body.flatMap((block: { inlines: object[] }) => block.inlines)
    for (const inline of inlines) expect(inline.type).toBe('TextRun')
    const links = inlines.flatMap((inline: { selectAction?: { url: string } }) =>
      inline.selectAction ? [inline.selectAction.url] : [],
    )
    expect(links).toEqual([`${CONSOLE}#/mailboxes/ma_1`])
  })

  it('is on one line of the mail, and in none of its headers', () => {
    const { subject, text } = mailText(alert)
    expect(subject).toBe('Mailgrant: 1 problem needs attention')
    expect(text.split('\n')[2]).toMatch(/@evil\.com|\.\.\.: /)
    expect(text).not.toMatch(/^Bcc:/m)
  })
})

it('names a problem of the integration before those of mailboxes', () => {
  const [first] = TYPES_BY_URGENCY
  expect(first).toMatch(/^integration\./)
  const lastProblem = TYPES_BY_URGENCY.indexOf('validation.failed')
  expect(TYPES_BY_URGENCY.indexOf('integration.credential_rejected')).toBeLessThan(lastProblem)
  expect(TYPES_BY_URGENCY.indexOf('grant.recovered')).toBeGreaterThan(lastProblem)
})

it('links to the list that has them all', () => {
  const found = ['imap', 'smtp'].map((protocol, index) => {
    const account = { id: `ma_${index}`, username: 'a@b.example', protocol } as MailAccount
    return [`msg_${index}`, { account, count: 1 }] as const
  })
  const gathered = Array.from({ length: MAX_LINES + 10 }, (_, index) => ({
    id: `msg_${index}`,
    type: 'validation.failed' as const,
    payload: '{"data":{}}',
  }))
  const { more } = composeAlert(gathered, new Map(found), CONSOLE)
  const list = '#/mailboxes?health=reconnect_required%2Cblocked%2Cfailing'
  expect(more).toEqual({ text: '10 more changes are not shown here.', url: `${CONSOLE}${list}` })
})

it.each(WebhookMessageType.options)('%s shows no proof of a cause', (type) => {
  const proof = { text: 'canary-of-the-proof', source: 'mail_server' }
  const problem = { diagnosis: { ...diagnosisExample, proof } }
  const account = {
    id: 'ma_1',
    username: 'a@b.example',
    protocol: 'imap',
    problem,
  } as unknown as MailAccount
  const delivery = { id: 'msg_1', type, payload: JSON.stringify({ data: { ...problem, proof } }) }
  for (const found of [new Map([['msg_1', { account, count: 1 }]]), new Map()]) {
    const alert = composeAlert([delivery], found, CONSOLE)
    const { subject, text } = mailText(alert)
    expect([slackBody(alert), teamsBody(alert), subject, text].join()).not.toContain('canary')
  }
})

it('every type of message has a place and a text', () => {
  expect([...TYPES_BY_URGENCY].sort()).toEqual([...WebhookMessageType.options].sort())
})

it('the largest message is within the limits of Slack and Teams', () => {
  const name = `${'x'.repeat(64)}@${'y'.repeat(180)}.example`
  const gathered = Array.from({ length: 1_000 }, (_, index) => ({
    id: `msg_${index}`,
    type: 'grant.blocked' as const,
    payload: JSON.stringify({ data: { signed_in_as: name } }),
  }))
  const alert = composeAlert(gathered, new Map(), CONSOLE)
  expect(teamsBody(alert).length).toBeLessThan(28_000)
  const { blocks } = JSON.parse(slackBody(alert))
  expect(blocks.length).toBeLessThanOrEqual(50)
  for (const { text } of blocks) expect(text.text.length).toBeLessThanOrEqual(3000)
  expect(mailText(alert).text.length).toBeLessThan(20_000)
})
