/**
 * Creates one or hundreds of mail accounts with the same number of statements. Their ids derive from the
 * Idempotency-Key and the position, so that a repetition after a crash finds what was stored.
 */
import type { MailAccount, MailAccountInput, NewMailAccount } from '../../../schema/mail-account.ts'
import type { LoadedMailAccount, ShownAccount } from '../../model/loaded-mail-account.ts'
import { err, ok, type Result, type Versioned } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { admitCustomer } from '../access/limits.ts'
import { newEvent } from '../events.ts'
import { idOf } from '../secrets.ts'
import { retryOnConflict, retryOnStorageError } from '../write-with-retry.ts'
import { summary, versionConflict } from './mail-accounts.ts'
import type { MailAccountPlan } from './plan.ts'
import { planToSave, readSaveFacts, type SaveFacts, savedAccount, validatedSince } from './save.ts'
import { mailAccountView } from './view.ts'

type CreateResult = Result<Versioned<MailAccount>>
/** `unique`: refused if the owner has an account with this mailbox and protocol. */
type NewAccount = { id: string; input: MailAccountInput; unique: boolean }
type PlannedAccount = { id: string; plan: MailAccountPlan; unique: boolean }

/** Creates one account, as a batch of one. */
export async function createMailAccount(
  services: Services,
  call: Call,
  { unique = false, ...input }: NewMailAccount,
): Promise<CreateResult> {
  const id = idOf('mailAccount', call.work, services.random)
  const results = await createAll(services, call, [{ id, input, unique }])
  return results.get(id) ?? versionConflict
}

/** Creates each account that can be, and returns the results by `index`, the position in the request. */
export async function createMailAccounts(
  services: Services,
  call: Call,
  rows: readonly { index: number; input: MailAccountInput }[],
): Promise<Map<number, CreateResult>> {
  const accounts = rows.map(({ index, input }) => {
    const work = call.work && JSON.stringify([call.work, index])
    return { index, id: idOf('mailAccount', work, services.random), input, unique: false }
  })
  const results = await createAll(services, call, accounts)
  return new Map(accounts.map(({ index, id }) => [index, results.get(id) ?? versionConflict]))
}

async function createAll(services: Services, call: Call, accounts: readonly NewAccount[]) {
  const results = new Map<string, CreateResult>()
  // An earlier attempt of this request, or of a repeated one, may have stored them.
  let mayExist = call.isRepetition === true
  await retryOnConflict(async () => {
    const remaining = accounts.filter(({ id }) => !results.has(id))
    if (remaining.length === 0) return results
    // D1 may have applied an attempt without responding, so the next one finds its accounts.
    const certain = await retryOnStorageError(services, async () => {
      const inputs = remaining.map(({ input }) => input)
      const [stored, facts] = await Promise.all([
        mayExist ? services.store.mailAccounts.readMany(remaining.map(({ id }) => id)) : none,
        readSaveFacts(services, call, inputs),
      ])
      mayExist = true
      return createOnce(services, call, remaining, stored, facts)
    })
    for (const [id, result] of certain) results.set(id, result)
    // An account without a result lost its grant, or is no longer unique: the next attempt reports which.
    return results.size === accounts.length ? results : null
  })
  return results
}

const none: ReadonlyMap<string, LoadedMailAccount> = new Map()

/** Returns the results by id, without those of accounts that the store refused because of a change in the meantime. */
async function createOnce(
  services: Services,
  call: Call,
  accounts: readonly NewAccount[],
  stored: ReadonlyMap<string, LoadedMailAccount>,
  facts: SaveFacts,
): Promise<Map<string, CreateResult>> {
  const results = new Map<string, CreateResult>()
  const add = (account: ShownAccount) => {
    const value = mailAccountView(account, services.settings)
    results.set(account.id, ok({ value, version: account.version }))
  }
  for (const account of stored.values()) add(account)
  const plans: PlannedAccount[] = []
  const known = new Map<MailAccountInput['customer'], Awaited<ReturnType<typeof admitCustomer>>>()
  for (const { id, input, unique } of accounts) {
    if (results.has(id)) continue
    const admitted =
      known.get(input.customer) ?? (await admitCustomer(services, call.accessScope, input.customer))
    known.set(input.customer, admitted)
    const planned = admitted.ok ? await planToSave(services, call, input, null, facts) : admitted
    const existing =
      planned.ok && unique ? await services.store.mailAccounts.findSame(planned.value.values) : null
    if (existing !== null) results.set(id, err({ reason: 'mail_account_exists', id: existing }))
    else if (planned.ok) plans.push({ id, plan: planned.value, unique })
    else results.set(id, planned)
  }
  if (plans.length === 0) return results
  const now = services.now()
  const changes = plans.map(({ id, plan, unique }) => ({
    id,
    unique,
    values: plan.values,
    password: plan.password?.text ?? null,
    fingerprint: plan.fingerprint,
    event: newEvent(
      services,
      call,
      'mail_account.created',
      { id, customer: plan.values.customer },
      summary(plan.values),
    ),
  }))
  const created = await services.store.mailAccounts.create(changes, now, validatedSince(now))
  for (const { id, plan } of plans) {
    if (!created.ids.has(id)) continue
    const last = created.validations.get(plan.fingerprint) ?? null
    const times = { createdAt: now, updatedAt: now }
    const record = { ...plan.values, id, version: 1, lastValidation: last, ...times }
    add(savedAccount(record, last, plan, facts))
  }
  return results
}
