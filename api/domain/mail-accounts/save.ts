/** Steps that creating and replacing an account share. */
import { HOUR_MS } from '../../../schema/durations.ts'
import type { MailAccountInput } from '../../../schema/mail-account.ts'
import { resourceOf } from '../../../schema/protocols.ts'
import { type AppTokenRecord, forProtocol, type WholeGrant } from '../../model/grant.ts'
import type { FormSettings } from '../../model/integration.ts'
import type { LoadedMailAccount, ShownAccount } from '../../model/loaded-mail-account.ts'
import type { MailAccountRecord } from '../../model/mail-account.ts'
import { err, type Result } from '../../model/result.ts'
import type { ValidationRecord } from '../../model/validation.ts'
import type { Call, Services } from '../../services.ts'
import { diagnoseSignIn } from '../failures/authorization.ts'
import { mismatchFacts } from '../failures/facts.ts'
import { grantProblem } from '../failures/token.ts'
import type { Where } from '../failures/values.ts'
import { loginMeans, type MailAccountPlan, planMailAccount } from './plan.ts'

export type SaveFacts = {
  /** Keyed by ID. */
  grants: ReadonlyMap<string, WholeGrant>
  appTokens: readonly AppTokenRecord[]
  integration: FormSettings
}

/** Age up to which a validation of the same values becomes the account's last one on saving. */
const VALIDATION_MAX_AGE_MS = HOUR_MS

/** Reads what saving these forms depends on. */
export async function readSaveFacts(
  { store }: Services,
  { accessScope }: Call,
  forms: readonly MailAccountInput[],
): Promise<SaveFacts> {
  const means = forms.map(loginMeans)
  const [grants, appTokens, integration] = await Promise.all([
    store.grants.readMany(
      means.flatMap(({ grantId }) => grantId ?? []),
      accessScope,
    ),
    store.appTokens.readMany(means.flatMap(({ tenant }) => tenant ?? [])),
    store.integrations.read(),
  ])
  return { grants, appTokens, integration }
}

/** Plans a form that is saved. `stored`: the account that it replaces. */
export async function planToSave(
  services: Services,
  call: Call,
  input: MailAccountInput,
  stored: LoadedMailAccount | null,
  facts: SaveFacts,
): Promise<Result<MailAccountPlan>> {
  const named = facts.grants.get(loginMeans(input).grantId ?? '')
  const grants = named ? [forProtocol(named, input.protocol)] : []
  const planned = await planMailAccount(services, call, input, stored, { ...facts, grants })
  return (planned.ok && saveRefusal(planned.value, stored, services.settings)) || planned
}

/** Returns why the plan cannot be saved, or null. A validation only warns of these reasons or reports them. */
function saveRefusal(
  { values, grant, mismatch }: MailAccountPlan,
  stored: LoadedMailAccount | null,
  where: Where,
) {
  if (!grant) return null
  const previous = stored?.grantId === grant.id ? stored : null
  // An account can be changed while its grant waits to be reconnected, but must not begin to use such a grant.
  const isCurrent = previous !== null && resourceOf(previous.protocol) === grant.resource
  if (!isCurrent && (grant.state === 'reconnect_required' || grant.state === 'blocked')) {
    const problem = grantProblem(grant, where)
    return err({
      reason: 'grant_not_usable',
      signedInAs: grant.signedInAs,
      detail: problem?.detail ?? grant.state,
      ...(problem?.diagnosis && { diagnosis: problem.diagnosis }),
    })
  }
  const sameNames = previous?.username === values.username && previous.delegate === values.delegate
  if (mismatch === null || sameNames) return null
  const { username, delegate } = values
  const signIn = { ...grant, tenant: grant.tenantId }
  const facts = mismatchFacts(grant.signedInAs)
  const diagnosis = diagnoseSignIn({ username, delegate, signIn }, facts, where, null)
  return err({ reason: 'account_mismatch', detail: mismatch, diagnosis })
}

export const validatedSince = (now: Date): Date => new Date(now.getTime() - VALIDATION_MAX_AGE_MS)

/** Returns the saved account without reading it, since a failure then would make the caller save it again. */
export const savedAccount = (
  record: MailAccountRecord,
  lastResult: ValidationRecord | null,
  { grant, app }: MailAccountPlan,
  { appTokens, integration }: SaveFacts,
): ShownAccount => ({
  ...record,
  lastResult,
  grant: grant && { ...grant, savedAt: grant.savedAt ?? record.updatedAt, expiresAt: null },
  // It lacks no permission for the account, since a plan that needs more was refused.
  grantState: grant?.state ?? null,
  appToken:
    appTokens.find(
      ({ tenant, resource }) => tenant === app?.tenant && resource === resourceOf(record.protocol),
    ) ?? null,
  integrationActive: integration.active,
})
