import { describe, expect, it } from 'vitest'
import {
  emptyKeyDraft,
  errorsOf,
  inputOf,
  type KeyDraft,
  questionsOf,
} from '../../../../../api/console/pages/api-keys/draft.ts'
import { ApiKeyInput } from '../../../../../schema/api-key.ts'
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
  it('asks which accounts, unless the key has full access or there are none', () => {
    expect(questionsOf(draft({}), accounts).asksAccounts).toBe(true)
    expect(questionsOf(draft({}), []).asksAccounts).toBe(false)
    const everything = draft({ scopes: ['admin'], accounts: 'selected' })
    expect(questionsOf(everything, accounts)).toMatchObject({
      asksAccounts: false,
      isLimited: false,
    })
  })

  it('asks about app-only tokens only where the answer matters', () => {
    const asks = (changes: Partial<KeyDraft>) =>
      questionsOf(draft({ accounts: 'selected', selected: [APP], ...changes }), accounts)
        .asksAppOnly
    expect(asks({})).toBe(true)
    expect(asks({ selected: [PERSON] })).toBe(false)
    expect(asks({ scopes: ['read'] })).toBe(false)
    expect(asks({ accounts: 'all' })).toBe(false)
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
      appOnly: ['app_only'],
      expiresOn: '2027-01-31',
    })
    const input = inputOf(chosen, accounts)
    expect(ApiKeyInput.parse(input)).toEqual(input)
    expect(input).toMatchObject({ mail_accounts: [APP], app_only: true })
    expect(new Date(input.expires_at ?? '').getTime()).toBe(
      new Date('2027-01-31T23:59:59').getTime(),
    )
    expect(inputOf({ ...chosen, accounts: 'all', expiresOn: '' }, accounts)).toEqual({
      name: 'Worker',
      scopes: ['tokens'],
      app_only: false,
    })
  })
})
