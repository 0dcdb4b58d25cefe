/** The health of a mail account, defined once: filters in SQL and answers follow these rules. */
import type { Health } from '../../schema/mail-account.ts'
import type { Outcome } from '../../schema/probe.ts'
import type { AppTokenRecord } from './app-token.ts'
import type { GrantRecord } from './grant.ts'
import type { MailAccountValues } from './mail-account.ts'

/** Facts that decide the health. A state is null where there is no grant or no app token. */
export type HealthFacts = {
  authentication: MailAccountValues['authentication']
  integrationActive: boolean
  /** State of the grant for the protocol of the account. */
  grantState: GrantRecord['state'] | null
  appTokenState: AppTokenRecord['state'] | null
  lastOutcome: Outcome | null
}

/** A rule applies when every fact that it names has that value. */
type HealthRule = { when: Partial<HealthFacts>; health: Health }

/** Rules in order of precedence: the first that applies decides. */
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
