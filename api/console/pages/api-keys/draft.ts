/** The form of a new API key: what was chosen, and what follows from it. Pure. */

import type { ApiKeyInput } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import type { Errors } from '../../ui/errors.ts'
import { endOfDay } from './words.ts'

export type Scope = ApiKeyInput['scopes'][number]

export type KeyDraft = {
  name: string
  scopes: readonly Scope[]
  accounts: 'all' | 'selected'
  /** Ids of the selected accounts. */
  selected: readonly string[]
  /** `app_only` if the key may fetch app-only tokens. */
  appOnly: readonly 'app_only'[]
  /** A day, as a date field gives it; empty for none. */
  expiresOn: string
}

export const emptyKeyDraft: KeyDraft = {
  name: '',
  scopes: [],
  accounts: 'all',
  selected: [],
  appOnly: [],
  expiresOn: '',
}

type Known = Pick<MailAccount, 'id' | 'authentication'>

const isAppOnly = ({ authentication }: Known) =>
  authentication.type === 'oauth' && authentication.flow === 'app_only'

/** Returns which questions the form asks of this draft. */
export function questionsOf(draft: KeyDraft, accounts: readonly Known[]) {
  const hasFullAccess = draft.scopes.includes('admin')
  const asksAccounts = !hasFullAccess && accounts.length > 0
  const isLimited = asksAccounts && draft.accounts === 'selected'
  return {
    hasFullAccess,
    asksAccounts,
    isLimited,
    /** True for a limited key that fetches tokens and has an app-only account. */
    asksAppOnly:
      isLimited &&
      draft.scopes.includes('tokens') &&
      accounts.some((account) => draft.selected.includes(account.id) && isAppOnly(account)),
  }
}

/** Returns what is missing, by JSON pointer. */
export function errorsOf(draft: KeyDraft, accounts: readonly Known[]): Errors {
  const { isLimited } = questionsOf(draft, accounts)
  return {
    ...(draft.scopes.length === 0 && { '/scopes': 'Choose at least one.' }),
    ...(isLimited && draft.selected.length === 0 && { '/mail_accounts': 'Choose at least one.' }),
  }
}

export function inputOf(draft: KeyDraft, accounts: readonly Known[]): ApiKeyInput {
  const { isLimited, asksAppOnly } = questionsOf(draft, accounts)
  return {
    name: draft.name,
    scopes: [...draft.scopes],
    ...(isLimited && { mail_accounts: [...draft.selected] }),
    app_only: asksAppOnly && draft.appOnly.length > 0,
    ...(draft.expiresOn && { expires_at: endOfDay(draft.expiresOn) }),
  }
}
