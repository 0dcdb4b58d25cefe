/** Facts besides the form on which saving it depends, and the account as it is then. */
import { HOUR_MS } from '../../../schema/durations.ts'
import type { MailAccountInput } from '../../../schema/mail-account.ts'
import type { AppTokenRecord, GrantRecord } from '../../model/grant.ts'
import type { AppSettings } from '../../model/integration.ts'
import type { LoadedMailAccount } from '../../model/loaded-mail-account.ts'
import type { MailAccountRecord } from '../../model/mail-account.ts'
import type { ValidationRecord } from '../../model/validation.ts'
import type { Call, Services } from '../../services.ts'
import { grantIdOf, type MailAccountPlan, type PlanFacts, tenantOf } from './plan.ts'

/** Grants by id, app tokens by tenant. */
export type SaveFacts = {
  grants: ReadonlyMap<string, GrantRecord>
  appTokens: ReadonlyMap<string, AppTokenRecord>
  integration: AppSettings
}

export type ShownAccount = Omit<LoadedMailAccount, 'openPassword'>

/** Age up to which a validation of the same values becomes the account's last one on saving. */
const VALIDATION_MAX_AGE_MS = HOUR_MS

/** Reads what saving these forms depends on. */
export async function readSaveFacts(
  { store }: Services,
  { accessScope }: Call,
  forms: readonly MailAccountInput[],
): Promise<SaveFacts> {
  const [grants, appTokens, integration] = await Promise.all([
    store.grants.readMany(
      forms.flatMap((form) => grantIdOf(form) ?? []),
      accessScope,
    ),
    store.appTokens.readMany(forms.flatMap((form) => tenantOf(form) ?? [])),
    store.integrations.read(),
  ])
  return { grants, appTokens, integration }
}

export const planFactsOf = (
  form: MailAccountInput,
  { grants, integration }: SaveFacts,
): PlanFacts => ({ grant: grants.get(grantIdOf(form) ?? '') ?? null, integration })

export const validatedSince = (now: Date): Date => new Date(now.getTime() - VALIDATION_MAX_AGE_MS)

/**
 * Returns the account as it is once it is saved. Nothing is read after the write: a failure then would make the
 * caller save it again.
 */
export const savedAccount = (
  record: MailAccountRecord,
  lastResult: ValidationRecord | null,
  { grant, app }: MailAccountPlan,
  { appTokens, integration }: SaveFacts,
): ShownAccount => ({
  ...record,
  lastResult,
  grant: grant && { ...grant, savedAt: grant.savedAt ?? record.updatedAt, expiresAt: null },
  appToken: (app && appTokens.get(app.tenant)) ?? null,
  integrationActive: integration.active,
})
