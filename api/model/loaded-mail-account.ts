/** Mail accounts as they are read, with their password and everything that their health depends on. */
import type { AppTokenRecord } from './app-token.ts'
import { type GrantRecord, stateForProtocol } from './grant.ts'
import { type HealthFacts, healthOf } from './health.ts'
import type { MailAccountRecord } from './mail-account.ts'
import type { ValidationRecord } from './validation.ts'

export type StoredMailAccount = MailAccountRecord & {
  /** Opens the stored password; null when there is none. Throws KeyMissing. */
  openPassword: () => Promise<string | null>
}

export type LoadedMailAccount = StoredMailAccount & {
  grant: GrantRecord | null
  /** Set for `app_only` once a token was requested: the app's token in the tenant. */
  appToken: AppTokenRecord | null
  integrationActive: boolean
  /** The result behind `lastValidation`, as long as results are stored. */
  lastResult: ValidationRecord | null
}

const healthFacts = (account: Omit<LoadedMailAccount, 'openPassword'>): HealthFacts => ({
  authentication: account.authentication,
  integrationActive: account.integrationActive,
  grantState: account.grant && stateForProtocol(account.grant, account.protocol),
  appTokenState: account.appToken?.state ?? null,
  lastOutcome: account.lastValidation?.outcome ?? null,
})

export const accountHealth = (account: Omit<LoadedMailAccount, 'openPassword'>) =>
  healthOf(healthFacts(account))
