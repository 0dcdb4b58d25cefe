/** Creates mail accounts, one or hundreds, with a fixed number of statements. */
import type { MailAccount, MailAccountInput } from '../../../schema/mail-account.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import type { LoadedMailAccount } from '../../model/loaded-mail-account.ts'
import { ok, type Result, type Versioned } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { retryOnConflict } from '../retry-on-conflict.ts'
import { idOf } from '../secrets.ts'
import { retryUntilAnswered } from '../write-with-retry.ts'
import { saveRefusal, summary, VALIDATION_MAX_AGE_MS, versionConflict } from './mail-accounts.ts'
import { grantIdOf, type MailAccountPlan, type PlanFacts, planMailAccount } from './plan.ts'
import { mailAccountView } from './view.ts'

type CreateResult = Result<Versioned<MailAccount>>
type NewAccount = { id: string; input: MailAccountInput }
type PlannedAccount = { id: string; plan: MailAccountPlan }
type ShownAccount = Omit<LoadedMailAccount, 'openPassword'>

export async function createMailAccount(
  services: Services,
  call: Call,
  input: MailAccountInput,
): Promise<CreateResult> {
  const id = idOf('mailAccount', call.work, services.random)
  const results = await createAll(services, call, [{ id, input }])
  return results.get(id) ?? versionConflict
}

/**
 * Creates the accounts of one request and returns their results by `index`, the position in the request. A refusal
 * of one prevents no other. The id derives from the position, so that a repeated request finds its accounts.
 */
export async function createMailAccounts(
  services: Services,
  call: Call,
  rows: readonly { index: number; input: MailAccountInput }[],
): Promise<Map<number, CreateResult>> {
  const accounts = rows.map(({ index, input }) => {
    const work = call.work && JSON.stringify([call.work, index])
    return { index, id: idOf('mailAccount', work, services.random), input }
  })
  const results = await createAll(services, call, accounts)
  return new Map(accounts.map(({ index, id }) => [index, results.get(id) ?? versionConflict]))
}

async function createAll(
  services: Services,
  call: Call,
  accounts: readonly NewAccount[],
): Promise<Map<string, CreateResult>> {
  const results = new Map<string, CreateResult>()
  await retryOnConflict(async () => {
    const remaining = accounts.filter(({ id }) => !results.has(id))
    if (remaining.length === 0) return results
    // D1 may have applied an attempt without answering: the next one finds its accounts.
    const certain = await retryUntilAnswered(services, () => createOnce(services, call, remaining))
    for (const [id, result] of certain) results.set(id, result)
    // An account without a result lost its grant after that was read, which the next attempt reports.
    return results.size === accounts.length ? results : null
  })
  return results
}

/** Returns the results by id, without those of accounts whose grant was deleted in the meantime. */
async function createOnce(
  services: Services,
  call: Call,
  accounts: readonly NewAccount[],
): Promise<Map<string, CreateResult>> {
  const { store } = services
  const [stored, grants, integration] = await Promise.all([
    store.mailAccounts.readMany(accounts.map(({ id }) => id)),
    store.grants.readMany(accounts.flatMap(({ input }) => grantIdOf(input) ?? [])),
    store.integrations.read(),
  ])
  const results = new Map<string, CreateResult>()
  const add = (account: ShownAccount) => {
    const value = mailAccountView(account, services.settings)
    results.set(account.id, ok({ value, version: account.version }))
  }
  for (const account of stored.values()) add(account)
  const plans: PlannedAccount[] = []
  for (const { id, input } of accounts) {
    if (results.has(id)) continue
    const grant = grants.get(grantIdOf(input) ?? '') ?? null
    const planned = await planToSave(services, call, input, { grant, integration })
    if (planned.ok) plans.push({ id, plan: planned.value })
    else results.set(id, planned)
  }
  if (plans.length === 0) return results
  const now = services.now()
  const created = await completeAccounts(services, plans, integration, now)
  const changes = created.map(({ account, plan }) => ({
    id: account.id,
    values: plan.values,
    password: plan.password?.text ?? null,
    lastValidation: account.lastValidation,
    event: newEvent(services, call, 'mail_account.created', account.id, summary(plan.values)),
  }))
  const ids = await store.mailAccounts.create(changes, now)
  for (const { account } of created) if (ids.has(account.id)) add(account)
  return results
}

async function planToSave(
  services: Services,
  call: Call,
  input: MailAccountInput,
  facts: PlanFacts,
): Promise<Result<MailAccountPlan>> {
  const planned = await planMailAccount(services, call, input, null, facts)
  return (planned.ok && saveRefusal(planned.value, null, services.settings)) || planned
}

/**
 * Returns the accounts as they will be once they are saved. Nothing is read after the write: a failure then
 * would make the caller create a second account.
 */
async function completeAccounts(
  { store }: Services,
  plans: readonly PlannedAccount[],
  { active, clientId, cloud }: IntegrationRecord,
  now: Date,
): Promise<{ plan: MailAccountPlan; account: ShownAccount }[]> {
  const tenants = plans.flatMap(({ plan }) => plan.app?.tenant ?? [])
  const [validations, appTokens] = await Promise.all([
    store.validations.latestOf(
      plans.map(({ plan }) => plan.fingerprint),
      new Date(now.getTime() - VALIDATION_MAX_AGE_MS),
    ),
    clientId ? store.appTokens.readMany({ clientId, cloud }, tenants) : null,
  ])
  return plans.map(({ id, plan }) => {
    const { values, grant, app } = plan
    const lastResult = validations.get(plan.fingerprint) ?? null
    return {
      plan,
      account: {
        ...values,
        id,
        version: 1,
        createdAt: now,
        updatedAt: now,
        lastValidation: lastResult,
        lastResult,
        grant: grant && { ...grant, savedAt: grant.savedAt ?? now, expiresAt: null },
        appToken: (app && appTokens?.get(app.tenant)) ?? null,
        integrationActive: active,
      },
    }
  })
}
