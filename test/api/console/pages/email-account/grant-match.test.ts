import { expect, it } from 'vitest'
import { type Draft, emptyDraft } from '../../../../../api/console/pages/email-account/draft.ts'
import {
  coveringGrant,
  fitOf,
  whoSignsIn,
} from '../../../../../api/console/pages/email-account/grant-match.ts'
import type { Grant } from '../../../../../schema/grant.ts'

const token = (changes: Partial<Grant> = {}) =>
  ({
    status: 'active',
    protocols: ['imap'],
    signed_in_as: 'alice@contoso.test',
    ...changes,
  }) as Grant
const draft = (asked: { mailbox: string; delegate?: string }) =>
  emptyDraft(['imap'], { imap: [], smtp: [] }, asked)
const own = draft({ mailbox: 'Alice@contoso.test' })
const shared = draft({ mailbox: 'support@contoso.test', delegate: 'alice@contoso.test' })
const both: Draft = { ...own, protocols: ['imap', 'smtp'] }

it('fits the mailbox itself, and another one for its delegate', () => {
  for (const fitting of [own, shared]) {
    expect(fitOf(token(), fitting)).toMatchObject({
      tone: 'good',
      isOtherAccount: false,
      missing: [],
    })
  }
})

it('does not fit another mailbox, or a use that it does not cover', () => {
  const other = { ...shared, delegate: '' }
  expect(fitOf(token(), other)).toMatchObject({ tone: 'ask', isOtherAccount: true })
  expect(fitOf(token(), both)).toMatchObject({ tone: 'ask', missing: ['smtp'] })
})

it('is bad once Microsoft refuses it, whatever it fits', () => {
  expect(fitOf(token({ status: 'reconnect_required' }), own)).toMatchObject({
    tone: 'bad',
    text: 'Microsoft no longer accepts it: a new sign-in is required.',
  })
  expect(fitOf(token({ status: 'blocked' }), own)).toMatchObject({
    tone: 'bad',
    text: 'Microsoft refuses it until an administrator changes something there.',
  })
})

it('is offered only where it covers every use and works', () => {
  const whole = token({ protocols: ['imap', 'smtp'] })
  expect(coveringGrant([token(), whole], both)).toBe(whole)
  expect(coveringGrant([token()], own)).toBeDefined()
  expect(coveringGrant([token()], both)).toBeUndefined()
  expect(coveringGrant([token({ status: 'reconnect_required' })], own)).toBeUndefined()
  expect(coveringGrant([whole], { protocols: [] })).toBeUndefined()
})

it('says who is to sign in', () => {
  expect(whoSignsIn(own)).toBe(
    'A window opens. Sign in there as Alice@contoso.test; for a shared mailbox, as a person with access to it.',
  )
  expect(whoSignsIn(shared)).toBe('A window opens. Sign in there as alice@contoso.test.')
  expect(whoSignsIn({ ...own, mailbox: '' })).toMatch('as the mailbox;')
})
