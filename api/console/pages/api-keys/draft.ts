/** The form of a new API key: its values, and what follows from them. Pure. */
import type { ApiKey, ApiKeyInput } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { Errors } from '../../ui/form-state.ts'
import { accountName } from '../../ui/mail-account.ts'
import { dateValue, endOfDay, inOneYear } from './labels.ts'

export type Scope = ApiKeyInput['scopes'][number]

export type KeyDraft = {
  name: string
  scopes: readonly Scope[]
  accounts: 'all' | 'selected' | 'customer'
  /** Ids of the selected accounts. */
  selected: readonly string[]
  customer: string
  /** True if the key may fetch app-only tokens. */
  appOnly: boolean
  /** A day, as a date field gives it; empty for none. */
  expiresOn: string
}

export const emptyKeyDraft: KeyDraft = {
  name: '',
  scopes: [],
  accounts: 'all',
  selected: [],
  customer: '',
  appOnly: false,
  expiresOn: '',
}

type Known = Pick<MailAccount, 'id' | 'authentication'>

const isAppOnly = ({ authentication }: Known) =>
  authentication.type === 'oauth' && authentication.flow === 'app_only'

export type Purpose = 'program' | 'backend' | 'monitoring'

/** Returns the rights and limits that a purpose requires. */
export const presetFor = (
  purpose: Purpose,
): Pick<KeyDraft, 'scopes' | 'accounts' | 'expiresOn'> => ({
  scopes: ({ program: ['tokens'], backend: ['write'], monitoring: ['read'] } as const)[purpose],
  accounts: purpose === 'program' ? 'selected' : 'all',
  expiresOn: purpose === 'backend' ? '' : inOneYear(),
})

/** Returns a key with which a mail program can use a mailbox, named after it. `accounts`: all those of the mailbox. */
export const keyOf = (accounts: readonly MailAccount[]) =>
  ({
    name: accounts.map(accountName)[0]?.slice(0, 100) ?? '',
    scopes: ['tokens'],
    mail_accounts: accounts.map(({ id }) => id),
    app_only: accounts.some(isAppOnly),
    expires_at: endOfDay(inOneYear()),
  }) satisfies ApiKeyInput

/**
 * Returns true for an active key that works for accounts of this mailbox and no others, and does nothing but fetch
 * tokens.
 */
export const isKeyOf = ({ status, scopes, mail_accounts }: ApiKey, accounts: readonly Known[]) =>
  status === 'active' &&
  scopes.every((scope) => scope === 'tokens') &&
  mail_accounts?.every((each) => accounts.some(({ id }) => id === each)) === true

/** Returns which questions the form asks of this draft. */
export function questionsOf(draft: KeyDraft, accounts: readonly Known[]) {
  const hasFullAccess = draft.scopes.includes('admin')
  const limit = hasFullAccess ? 'all' : draft.accounts
  const hasAppOnly = accounts.some(
    (account) => draft.selected.includes(account.id) && isAppOnly(account),
  )
  return {
    hasFullAccess,
    /** Email accounts that the key covers. */
    limit,
    /**
     * True for a key that is limited to accounts, fetches tokens and has an app-only account; a customer can get one
     * later.
     */
    asksAppOnly:
      draft.scopes.includes('tokens') &&
      (limit === 'customer' || (limit === 'selected' && hasAppOnly)),
  }
}

/** Returns what is missing, by JSON pointer. */
export function errorsOf(draft: KeyDraft, accounts: readonly Known[]): Errors {
  const { limit } = questionsOf(draft, accounts)
  return {
    ...(draft.scopes.length === 0 && { '/scopes': 'Choose at least one.' }),
    ...(limit === 'selected' &&
      draft.selected.length === 0 && { '/mail_accounts': 'Choose at least one.' }),
  }
}

export function inputOf(draft: KeyDraft, accounts: readonly Known[]): ApiKeyInput {
  const { limit, asksAppOnly } = questionsOf(draft, accounts)
  return {
    name: draft.name,
    scopes: [...draft.scopes],
    ...(limit === 'selected' && { mail_accounts: [...draft.selected] }),
    ...(limit === 'customer' && { customer: draft.customer.trim() }),
    app_only: asksAppOnly && draft.appOnly,
    ...(draft.expiresOn && { expires_at: endOfDay(draft.expiresOn) }),
  }
}

/** Returns the form of a stored key. Accounts that were deleted since are left out. */
export function draftOf(key: ApiKey, accounts: readonly Known[]): KeyDraft {
  const existing = new Set(accounts.map(({ id }) => id))
  return {
    name: key.name,
    scopes: key.scopes,
    accounts: key.customer !== null ? 'customer' : key.mail_accounts ? 'selected' : 'all',
    selected: (key.mail_accounts ?? []).filter((id) => existing.has(id)).sort(),
    customer: key.customer ?? '',
    appOnly: key.app_only,
    expiresOn: key.expires_at === null ? '' : dateValue(new Date(key.expires_at)),
  }
}

/** Returns what is sent to change a key. An expiry date that was not changed keeps its time of day. */
export function replacementOf(draft: KeyDraft, stored: ApiKey) {
  const { expires_at: before } = stored
  const sameDay = before !== null && dateValue(new Date(before)) === draft.expiresOn
  return {
    name: draft.name,
    scopes: [...draft.scopes],
    mail_accounts: stored.mail_accounts && [...draft.selected],
    app_only: draft.appOnly,
    expires_at: sameDay ? before : draft.expiresOn ? endOfDay(draft.expiresOn) : null,
  }
}
