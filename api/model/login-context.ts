/** Everything that decides a login with a saved account or with a form, read together. */
import type { AppTokenWithToken } from './app-token.ts'
import type { GrantWithToken } from './grant.ts'
import type { AppSettings } from './integration.ts'
import type { StoredMailAccount } from './loaded-mail-account.ts'

export type LoginContext = {
  /** The saved account; null for a form that names none. */
  account: StoredMailAccount | null
  /** The grant that the form names, else that of the account; null if there is none. */
  grant: GrantWithToken | null
  /** The app's token at the tenant of the form, else of the account; null before the first one. */
  appToken: AppTokenWithToken | null
  integration: AppSettings
}
