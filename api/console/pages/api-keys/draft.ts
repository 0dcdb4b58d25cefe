/** The form of a new API key: what was chosen, and what follows from it. Pure. */
import type { ApiKeyInput } from '../../../../schema/api-key.ts'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { endOfDay } from './words.ts'

export type Scope = ApiKeyInput['scopes'][number]

export type KeyDraft = {
  name: string
  scopes: readonly Scope[]
  reach: 'all' | 'chosen'
  /** Ids of the chosen accounts. */
  chosen: readonly string[]
  appOnly: boolean
  /** A day, as a date field gives it; empty for none. */
  end: string
}

export const emptyKeyDraft: KeyDraft = {
  name: '',
  scopes: [],
  reach: 'all',
  chosen: [],
  appOnly: false,
  end: '',
}

type Known = Pick<MailAccount, 'id' | 'authentication'>

const isAppOnly = ({ authentication }: Known) =>
  authentication.type === 'oauth' && authentication.flow === 'app_only'

/** Returns which questions the form asks of this draft. */
export function questionsOf(draft: KeyDraft, accounts: readonly Known[]) {
  const isEverything = draft.scopes.includes('admin')
  const asksReach = !isEverything && accounts.length > 0
  const isLimited = asksReach && draft.reach === 'chosen'
  return {
    isEverything,
    asksReach,
    isLimited,
    /** True for a limited key that fetches tokens, with an app-only account among its own. */
    asksAppOnly:
      isLimited &&
      draft.scopes.includes('tokens') &&
      accounts.some((account) => draft.chosen.includes(account.id) && isAppOnly(account)),
  }
}

/** Returns what is missing, by JSON pointer. */
export function errorsOf(draft: KeyDraft, accounts: readonly Known[]): Record<string, string> {
  const { isLimited } = questionsOf(draft, accounts)
  return {
    ...(draft.scopes.length === 0 && { '/scopes': 'Choose at least one.' }),
    ...(isLimited && draft.chosen.length === 0 && { '/mail_accounts': 'Choose at least one.' }),
  }
}

export function inputOf(draft: KeyDraft, accounts: readonly Known[]): ApiKeyInput {
  const { isLimited, asksAppOnly } = questionsOf(draft, accounts)
  return {
    name: draft.name,
    scopes: [...draft.scopes],
    ...(isLimited && { mail_accounts: [...draft.chosen] }),
    app_only: asksAppOnly && draft.appOnly,
    ...(draft.end && { expires_at: endOfDay(draft.end) }),
  }
}
