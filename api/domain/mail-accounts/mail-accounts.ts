/** Mail accounts. Saving one keeps its grant; a grant is deleted with its last account. */
import type {
  MailAccount,
  MailAccountFilters,
  MailAccountInput,
  MailAccountOwners,
  MailAccountQuery,
  Owner,
} from '../../../schema/mail-account.ts'
import { directionOf, resourceOf } from '../../../schema/protocols.ts'
import type { EventRecord } from '../../model/event.ts'
import type { LoadedMailAccount } from '../../model/loaded-mail-account.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import { err, invalid, ok, type Result, type Versioned } from '../../model/result.ts'
import { listPage } from '../../model/storage.ts'
import type { Call, Services } from '../../services.ts'
import { admitCustomer, limitRefusal } from '../access/limits.ts'
import { newEvent } from '../events.ts'
import { type Lack, regainProtocol } from '../tokens/delegated.ts'
import { retryOnConflict, retryOnStorageError, writeWithEvent } from '../write-with-retry.ts'
import { isLoginOf } from './fingerprint.ts'
import { loginMeans, type MailAccountPlan } from './plan.ts'
import { planToSave, readSaveFacts, type SaveFacts, savedAccount, validatedSince } from './save.ts'
import { mailAccountView } from './view.ts'

export const noSuchAccount = err({ reason: 'not_found', resource: 'mail_account' })

/** Returns a page of the accounts that match the query and that the caller's access scope includes. */
export async function listMailAccounts(services: Services, call: Call, query: MailAccountQuery) {
  const page = await services.store.mailAccounts.list(query, call.accessScope)
  return listPage(page, (account) => mailAccountView(account, services.settings))
}

export const summarizeMailAccounts = (
  { store }: Services,
  { accessScope }: Call,
  filters: MailAccountFilters,
) => store.mailAccounts.readSummary(filters, accessScope)

/** Returns up to 500 owners of accounts that match the filters, each with the number of these accounts. */
export async function listOwners(
  { store }: Services,
  { accessScope }: Call,
  filters: MailAccountFilters,
): Promise<MailAccountOwners> {
  const owners = await store.mailAccounts.listOwners(filters, accessScope)
  return { data: owners.map(({ owner, accounts }) => ({ owner, mail_accounts: accounts })) }
}

/** Returns the account with its version, which is the ETag. */
export async function readMailAccount(services: Services, call: Call, id: string) {
  const account = await services.store.mailAccounts.read(id, call.accessScope)
  return account
    ? ok({ value: mailAccountView(account, services.settings), version: account.version })
    : noSuchAccount
}

/** Replaces an account. `ifMatch`: the version that the caller saw; null overwrites any version. */
export async function replaceMailAccount(
  services: Services,
  call: Call,
  id: string,
  input: MailAccountInput,
  ifMatch: number | null,
): Promise<Result<Versioned<MailAccount>>> {
  const admitted = await admitCustomer(services, call.accessScope, input.customer)
  if (!admitted.ok) return admitted
  let hasAskedMicrosoft = false
  const replace = async () => {
    const [stored, facts] = await Promise.all([
      services.store.mailAccounts.read(id, call.accessScope),
      readSaveFacts(services, call, [input]),
    ])
    if (!stored) return noSuchAccount
    if (ifMatch !== null && ifMatch !== stored.version) return versionConflict
    // With another owner it would be another account, and a global one could send for everyone.
    const changesOwner = ownerName(input.owner ?? null) !== ownerName(stored.owner)
    const refusal = changesOwner && limitRefusal(call.accessScope, 'unchanged_owner')
    if (refusal) return refusal
    const direction = directionOf(stored.protocol)
    if (directionOf(input.protocol) !== direction) {
      return invalid('/protocol', { issue: 'fixed_direction', direction })
    }
    const planned = await planToSave(services, call, input, stored, facts)
    if (planned.ok) return writeReplacement(services, call, planned.value, stored, facts)
    const { error } = planned
    const isLacking = error.reason === 'protocol_not_granted'
    if (!isLacking || hasAskedMicrosoft || input.protocol === stored.protocol) return planned
    hasAskedMicrosoft = true
    // Null makes the caller read again.
    return (await gainProtocol(services, call, input, error, facts)) ? null : planned
  }
  return (await retryOnConflict(replace)) ?? versionConflict
}

/** Asks Microsoft whether the person has consented to the new protocol since. Returns whether the grant has it now. */
async function gainProtocol(
  services: Services,
  call: Call,
  input: MailAccountInput,
  lack: Lack,
  { integration }: SaveFacts,
): Promise<boolean> {
  const { grantId } = loginMeans(input)
  const grant =
    grantId === null
      ? null
      : await services.store.grants.readWithToken(grantId, resourceOf(lack.protocol))
  return grant !== null && (await regainProtocol(services, call, grant, integration, lack))
}

/** Returns null on a version conflict. */
async function writeReplacement(
  services: Services,
  call: Call,
  plan: MailAccountPlan,
  stored: LoadedMailAccount,
  facts: SaveFacts,
): Promise<Result<Versioned<MailAccount>> | null> {
  const { id } = stored
  const event = newEvent(
    services,
    call,
    'mail_account.updated',
    { id, customer: plan.values.customer },
    { ...summary(plan.values), changed: changedMembers(plan, stored).join(' ') },
  )
  const change = {
    values: plan.values,
    ...(plan.password?.typed !== false && { password: plan.password?.text ?? null }),
    fingerprint: plan.fingerprint,
    sameLogin: await isLoginOf(stored, plan),
    event,
    furtherEvents: furtherEvents(services, call, plan, stored),
  }
  const released =
    plan.values.grantId === stored.grantId ? null : releasedGrant(services, call, stored)
  const now = services.now()
  const saved = await writeWithEvent(services, event, () =>
    services.store.mailAccounts.replace(stored, change, released, now, validatedSince(now)),
  )
  if (saved === null) return null
  // D1 has lost the response to the write.
  if (saved === true)
    return retryOnStorageError(services, () => readMailAccount(services, call, id))
  const account = savedAccount(saved.account, saved.lastResult, plan, facts)
  return ok({ value: mailAccountView(account, services.settings), version: account.version })
}

/** Returns the events of a move to another customer, one in each without the other's name, and of a new protocol. */
function furtherEvents(
  services: Services,
  call: Call,
  { values: { customer, protocol, username, grantId } }: MailAccountPlan,
  before: LoadedMailAccount,
): EventRecord[] {
  const after = { id: before.id, customer }
  const events: EventRecord[] = []
  if (customer !== before.customer) {
    const data = { username, ...(grantId && { grant: grantId }) }
    events.push(
      newEvent(services, call, 'mail_account.moved', before, { ...data, moved: 'away' }),
      newEvent(services, call, 'mail_account.moved', after, { ...data, moved: 'here' }),
    )
  }
  if (protocol !== before.protocol) {
    const data = { mail_account: before.id, username, from: before.protocol, to: protocol }
    events.push(newEvent(services, call, 'mail_account.protocol_changed', after, data))
  }
  return events
}

/** Deletes an account, and its grant if no other account uses it. `ifMatch`: the required version, null for any. */
export async function deleteMailAccount(
  services: Services,
  call: Call,
  id: string,
  ifMatch: number | null,
): Promise<Result<null>> {
  const { mailAccounts } = services.store
  const remove = async (): Promise<Result<null> | null> => {
    const stored = await mailAccounts.read(id, call.accessScope)
    if (!stored) return noSuchAccount
    if (ifMatch !== null && ifMatch !== stored.version) return versionConflict
    const event = newEvent(services, call, 'mail_account.deleted', stored, summary(stored))
    const grant = releasedGrant(services, call, stored)
    const deleted = await writeWithEvent(services, event, () =>
      mailAccounts.delete(id, stored, event, grant),
    )
    return deleted ? ok(null) : null
  }
  return (await retryOnConflict(remove)) ?? versionConflict
}

export const versionConflict = err({ reason: 'version_conflict', resource: 'mail_account' })

function releasedGrant(services: Services, call: Call, { id, grant }: LoadedMailAccount) {
  if (!grant) return null
  const event = newEvent(services, call, 'grant.deleted', grant, {
    signed_in_as: grant.signedInAs,
    last_used_by: id,
  })
  return { id: grant.id, event }
}

/** Returns "department Support", "global", or "none" without an owner. */
const ownerName = (owner: Owner | null) => {
  if (owner === null) return 'none'
  return owner.type === 'global' ? 'global' : `${owner.type} ${owner.id}`
}

export const summary = (values: MailAccountValues) => ({
  protocol: values.protocol,
  owner: ownerName(values.owner),
  username: values.username,
  host: values.host,
  ...(values.grantId !== null && { grant: values.grantId }),
  ...(values.tenant !== null && { tenant: values.tenant }),
})

function changedMembers(plan: MailAccountPlan, before: MailAccountValues): string[] {
  const changed = (Object.keys(plan.values) as (keyof MailAccountValues)[]).filter(
    (key) => JSON.stringify(plan.values[key]) !== JSON.stringify(before[key]),
  )
  return plan.password?.typed ? [...changed, 'password'] : changed
}
