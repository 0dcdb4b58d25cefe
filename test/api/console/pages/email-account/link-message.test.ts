import { describe, expect, it } from 'vitest'
import {
  languages,
  linkMessage,
  mailtoOf,
  ownLanguage,
} from '../../../../../api/console/pages/email-account/link-message.ts'

const facts = {
  asker: 'Ada Admin',
  mailbox: 'frank@contoso.test',
  url: 'https://mail.test/oauth/microsoft/authorize?authorization=az_1&secret=s',
  expiresAt: '2026-11-25T09:05:00.000Z',
  loginHost: 'login.microsoftonline.com',
}

describe.each(languages)('the message in $label', ({ value }) => {
  it('says who asks, which mailbox, until when, where the password belongs, and whom to ask', () => {
    const { subject, body } = linkMessage(value, facts)
    expect(subject).toContain(facts.mailbox)
    expect(body.split('\n')).toContain(facts.url)
    expect(body).toContain(facts.mailbox)
    expect(body.match(/Ada Admin/g)).toHaveLength(2)
    expect(body).toMatch(/25/)
    expect(body).toContain('https://login.microsoftonline.com')
    // Personal accounts sign in at another host, as do organisations that have their own sign-in page.
    expect(body).toMatch(/login\.live\.com.+organi[sz]|login\.live\.com.+組織/i)
  })

  it('reports the administrator where the root key asks', () => {
    expect(linkMessage(value, { ...facts, asker: null }).body.match(/Mailgrant/g)).toHaveLength(2)
  })

  it('opens in a mail program, short enough for Outlook', () => {
    const message = linkMessage(value, facts)
    const url = new URL(mailtoOf('frank+mail&x@contoso.test', message))
    expect(decodeURIComponent(url.pathname)).toBe('frank+mail&x@contoso.test')
    expect(url.searchParams.get('subject')).toBe(message.subject)
    expect(url.searchParams.get('body')?.replaceAll('\r\n', '\n')).toBe(message.body)
    expect(url.href.length).toBeLessThan(2083)
  })
})

it('a hostile name stays on its line', () => {
  const asker = 'Ada\r\nhttps://evil.test\u202e\u0000 Admin'
  const { body } = linkMessage('en', { ...facts, asker })
  expect(body).toContain('Ask Ada https://evil.test Admin in person')
})

it.each([
  [['de-AT', 'en'], 'de'],
  [['pt', 'fr-FR'], 'fr'],
  [['pt'], 'en'],
  [[], 'en'],
])('a browser of %j begins in %s', (tags, language) => {
  expect(ownLanguage(tags)).toBe(language)
})
