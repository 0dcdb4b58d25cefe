import { describe, expect, it } from 'vitest'
import {
  draftOf,
  emptyKeyDraft,
  errorsOf,
  inputOf,
  isKeyOf,
  type KeyDraft,
  keyOf,
  presetFor,
  questionsOf,
  replacementOf,
} from '../../../../../api/console/pages/api-keys/draft.ts'
import { type ApiKey, ApiKeyInput, ApiKeyReplacement } from '../../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../../schema/mail-account.ts'

const microsoft = { type: 'oauth', provider: 'microsoft' } as const
const account = (id: string, authentication: MailAccount['authentication']) => ({
  id,
  authentication,
})
const PERSON = `ma_${'p'.repeat(26)}`
const APP = `ma_${'a'.repeat(26)}`
const accounts = [
  account(PERSON, { ...microsoft, flow: 'delegated', grant_id: 'gr_1' }),
  account(APP, { ...microsoft, flow: 'app_only', tenant: 'contoso.com' }),
]
const draft = (changes: Partial<KeyDraft>): KeyDraft => ({
  ...emptyKeyDraft,
  name: 'Worker',
  scopes: ['tokens'],
  ...changes,
})

describe('the form of a new API key', () => {
  it('limits no key with full access', () => {
    for (const limit of ['selected', 'customer'] as const) {
      const everything = draft({ scopes: ['admin'], accounts: limit })
      expect(questionsOf(everything, accounts)).toMatchObject({ limit: 'all', asksAppOnly: false })
    }
  })

  it('asks about app-only tokens only where the answer matters', () => {
    const asks = (changes: Partial<KeyDraft>) =>
      questionsOf(draft({ accounts: 'selected', selected: [APP], ...changes }), accounts)
        .asksAppOnly
    expect(asks({})).toBe(true)
    expect(asks({ selected: [PERSON] })).toBe(false)
    expect(asks({ scopes: ['read'] })).toBe(false)
    expect(asks({ accounts: 'all' })).toBe(false)
    expect(asks({ accounts: 'customer', selected: [] })).toBe(true)
  })

  it('requires a permission, and the accounts of a limited key', () => {
    expect(errorsOf(draft({ scopes: [], accounts: 'selected' }), accounts)).toEqual({
      '/scopes': 'Choose at least one.',
      '/mail_accounts': 'Choose at least one.',
    })
    expect(errorsOf(draft({}), accounts)).toEqual({})
  })

  it('sends the choices, without those of hidden fields', () => {
    const chosen = draft({
      accounts: 'selected',
      selected: [APP],
      appOnly: true,
      expiresOn: '2027-01-31',
    })
    const input = inputOf(chosen, accounts)
    expect(ApiKeyInput.parse(input)).toEqual(input)
    expect(input).toMatchObject({ mail_accounts: [APP], app_only: true })
    expect(new Date(input.expires_at ?? '').getTime()).toBe(
      new Date('2027-01-31T23:59:59').getTime(),
    )
    const rest = { name: 'Worker', scopes: ['tokens'] }
    const all = inputOf({ ...chosen, accounts: 'all', expiresOn: '' }, accounts)
    expect(all).toEqual({ ...rest, app_only: false })
    const one = draft({ accounts: 'customer', customer: ' 4711 ', appOnly: true })
    expect(inputOf(one, accounts)).toEqual({ ...rest, customer: '4711', app_only: true })
  })
})

describe('the rights and limits of a purpose', () => {
  it.each([
    ['program', ['tokens'], 'selected'],
    ['backend', ['write'], 'all'],
    ['monitoring', ['read'], 'all'],
  ] as const)('are the least that a %s needs', (purpose, scopes, limit) => {
    const preset = presetFor(purpose)
    expect(preset).toMatchObject({ scopes, accounts: limit })
    expect(preset.expiresOn !== '').toBe(purpose !== 'backend')
  })
})

describe('the key of a mailbox', () => {
  const mailbox = accounts.map((each) => ({ ...each, name: null, username: 'a'.repeat(320) }))
  const input = keyOf(mailbox as unknown as MailAccount[])
  const key = { status: 'active', scopes: ['tokens'], mail_accounts: [PERSON, APP] } as ApiKey

  it('only fetches the tokens of its accounts, for a year, under its name', () => {
    expect(ApiKeyInput.parse(input)).toEqual(input)
    expect(input).toMatchObject({
      name: 'a'.repeat(100),
      scopes: ['tokens'],
      mail_accounts: [PERSON, APP],
      app_only: true,
    })
    expect(keyOf(mailbox.slice(0, 1) as unknown as MailAccount[]).app_only).toBe(false)
  })

  it('is known from those that do more, work for others, or work no longer', () => {
    expect(isKeyOf(key, accounts)).toBe(true)
    expect(isKeyOf({ ...key, mail_accounts: [APP] }, accounts)).toBe(true)
    expect(isKeyOf({ ...key, mail_accounts: [APP, `ma_${'x'.repeat(26)}`] }, accounts)).toBe(false)
    expect(isKeyOf({ ...key, mail_accounts: null }, accounts)).toBe(false)
    expect(isKeyOf({ ...key, scopes: ['tokens', 'read'] }, accounts)).toBe(false)
    expect(isKeyOf({ ...key, status: 'expired' }, accounts)).toBe(false)
  })
})

describe('the form of a stored API key', () => {
  const stored: ApiKey = {
    id: `key_${'a'.repeat(26)}`,
    name: 'Worker',
    status: 'active',
    scopes: ['tokens'],
    mail_accounts: [PERSON, `ma_${'d'.repeat(26)}`, APP],
    customer: null,
    app_only: true,
    created_at: '2026-11-24T09:00:00.000Z',
    created_by: 'root',
    created_by_name: null,
    expires_at: '2027-01-31T12:00:00.000Z',
    last_used_at: null,
    revoked_at: null,
  }

  it('sends what is stored if nothing is changed, without accounts that were deleted', () => {
    const unchanged = replacementOf(draftOf(stored, accounts), stored)
    expect(ApiKeyReplacement.parse(unchanged)).toEqual(unchanged)
    expect(unchanged).toEqual({
      name: 'Worker',
      scopes: ['tokens'],
      mail_accounts: [APP, PERSON],
      app_only: true,
      expires_at: '2027-01-31T12:00:00.000Z',
    })
  })

  it('sends another expiry, or none, and never a limit that the key does not have', () => {
    const unlimited = { ...stored, mail_accounts: null }
    const form = { ...draftOf(unlimited, accounts), appOnly: false }
    const sent = (expiresOn: string) => replacementOf({ ...form, expiresOn }, unlimited)
    expect(sent('')).toMatchObject({ mail_accounts: null, app_only: false, expires_at: null })
    const end = new Date('2027-02-01T23:59:59').toISOString()
    expect(sent('2027-02-01')).toMatchObject({ expires_at: end })
  })
})
