/** Mail accounts together with everything that decides their health, a login, or the issue of a token. */
import type { Health } from '../../schema/mail-account.ts'
import type { Outcome } from '../../schema/probe.ts'
import type {
  AppTokenRecord,
  GrantRecord,
  GrantWithToken,
  IssuedAppToken,
  RefreshableGrant,
  StoredAccessToken,
} from './grant.ts'
import type { AppSettings, FormSettings } from './integration.ts'
import type { MailAccountRecord, MailAccountValues } from './mail-account.ts'
import type { ValidationRecord } from './validation.ts'

// The health of a mail account, defined once: filters in SQL and responses follow these rules.

/** Facts that decide the health. A state is null where there is no grant or no app token. */
export type HealthFacts = {
  authentication: MailAccountValues['authentication']
  integrationActive: boolean
  /** State of the grant for the account. */
  grantState: GrantRecord['state'] | null
  appTokenState: AppTokenRecord['state'] | null
  lastOutcome: Outcome | null
}

/** A rule applies if every fact in it has that value. */
type HealthRule = { when: Partial<HealthFacts>; health: Health }

/** Rules in order of precedence. The first that applies decides. */
export const HEALTH_RULES: readonly HealthRule[] = [
  { when: { authentication: 'oauth', integrationActive: false }, health: 'inactive' },
  { when: { authentication: 'app_only', integrationActive: false }, health: 'inactive' },
  { when: { authentication: 'oauth', grantState: null }, health: 'reconnect_required' },
  ...(['cooling_down', 'reconnect_required', 'blocked'] as const).map((state) => ({
    when: { authentication: 'oauth' as const, grantState: state },
    health: state,
  })),
  ...(['cooling_down', 'blocked'] as const).map((state) => ({
    when: { authentication: 'app_only' as const, appTokenState: state },
    health: state,
  })),
  { when: { lastOutcome: 'failed' }, health: 'failing' },
  { when: { lastOutcome: 'passed' }, health: 'ok' },
]

/** The health when no rule applies. */
export const DEFAULT_HEALTH: Health = 'unverified'

const applies = ({ when }: HealthRule, facts: HealthFacts): boolean =>
  Object.entries(when).every(([name, value]) => facts[name as keyof HealthFacts] === value)

export const healthOf = (facts: HealthFacts): Health =>
  HEALTH_RULES.find((rule) => applies(rule, facts))?.health ?? DEFAULT_HEALTH

export type StoredMailAccount = MailAccountRecord & {
  /** Opens the stored password; null when there is none. Throws KeyMissing. */
  openPassword: () => Promise<string | null>
}

export type LoadedMailAccount = StoredMailAccount & {
  grant: GrantRecord | null
  /** State of the grant for this account: `blocked` if Microsoft no longer grants what it needs. */
  grantState: GrantRecord['state'] | null
  /** Set for `app_only` once a token was requested: the app's token in the tenant. */
  appToken: AppTokenRecord | null
  integrationActive: boolean
  /** The result behind `lastValidation`, as long as results are stored. */
  lastResult: ValidationRecord | null
}

/** The part of an account that responses show. */
export type ShownAccount = Omit<LoadedMailAccount, 'openPassword'>

const healthFacts = (account: ShownAccount): HealthFacts => ({
  authentication: account.authentication,
  integrationActive: account.integrationActive,
  grantState: account.grantState,
  appTokenState: account.appToken?.state ?? null,
  lastOutcome: account.lastValidation?.outcome ?? null,
})

export const accountHealth = (account: ShownAccount) => healthOf(healthFacts(account))

export type LoginContext = {
  /** The saved account; null for a form that names none. */
  account: StoredMailAccount | null
  /** The grant that the form names, else that of the account; null if there is none. */
  grant: GrantWithToken | null
  /** The app's token at the tenant of the form, else of the account; null before the first one. */
  appToken: IssuedAppToken | null
  integration: FormSettings
  /** True if the customer of the form, the account or the grant is suspended. */
  isSuspended: boolean
}

export type TokenIssueContext = {
  integration: AppSettings
  account: Omit<MailAccountValues, 'owner' | 'name' | 'grantId'> & {
    /** True if the customer is suspended. */
    isSuspended: boolean
  }
  /** Null for other accounts, and after the grant was detached or deleted. */
  grant: (RefreshableGrant & StoredAccessToken) | null
  /** Token of the app at the account's tenant; null for other accounts, and before the first one. */
  appToken: IssuedAppToken | null
}
