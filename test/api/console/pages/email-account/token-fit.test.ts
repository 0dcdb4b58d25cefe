import { expect, it } from 'vitest'
import { emptyDraft } from '../../../../../api/console/pages/email-account/draft.ts'
import { fitOf, whoSignsIn } from '../../../../../api/console/pages/email-account/token-fit.ts'
import type { Grant } from '../../../../../schema/grant.ts'

const token = (changes: Partial<Grant> = {}) =>
  ({
    status: 'active',
    protocols: ['imap'],
    signed_in_as: 'alice@contoso.test',
    ...changes,
  }) as Grant
const own = emptyDraft('imap', [], { mailbox: 'Alice@contoso.test' })
const shared = emptyDraft('imap', [], {
  mailbox: 'support@contoso.test',
  delegate: 'alice@contoso.test',
})

it('fits the mailbox itself, and a shared one for its delegate', () => {
  for (const draft of [own, shared]) {
    expect(fitOf(token(), draft, 'imap')).toMatchObject({
      tone: 'good',
      isOfOther: false,
      covers: true,
    })
  }
})

it('does not fit another mailbox, or another protocol', () => {
  const other = { ...shared, shared: false }
  expect(fitOf(token(), other, 'imap')).toMatchObject({ tone: 'ask', isOfOther: true })
  expect(fitOf(token(), own, 'smtp')).toMatchObject({ tone: 'ask', covers: false })
})

it('is bad once Microsoft refuses it, whatever it fits', () => {
  expect(fitOf(token({ status: 'reconnect_required' }), own, 'imap')).toMatchObject({
    tone: 'bad',
    text: 'Microsoft does not take this access token any more: reset it and get a new one.',
  })
  expect(fitOf(token({ status: 'blocked' }), own, 'imap')).toMatchObject({
    tone: 'bad',
    text: 'Microsoft refuses it until an administrator changes something there.',
  })
})

it('says who is to sign in', () => {
  expect(whoSignsIn(own)).toBe('A window opens. Sign in there as Alice@contoso.test.')
  expect(whoSignsIn(shared)).toBe('A window opens. Sign in there as alice@contoso.test.')
  expect(whoSignsIn({ ...own, mailbox: '' })).toMatch('as the mailbox.')
  expect(whoSignsIn({ ...shared, delegate: '' })).toMatch('Say above who signs in')
})
