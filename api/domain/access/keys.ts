/** Creating, changing, listing and revoking API keys, which requires `admin`. A secret is shown once. */
import {
  type ApiKey,
  type ApiKeyInput,
  type ApiKeyReplacement,
  Scope,
} from '../../../schema/api-key.ts'
import type { ListQuery } from '../../../schema/common.ts'
import type { AuditEvent } from '../../../schema/event.ts'
import { hashSecret } from '../../hash.ts'
import type { ApiKeyRecord, LinkEnd, NewApiKey } from '../../model/access.ts'
import { err, invalid, ok, type Result, type Versioned } from '../../model/result.ts'
import { type Binding, bindingOf } from '../../model/storage.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { idOf, newSecret } from '../secrets.ts'
import { retryOnConflict, writeWithEvent } from '../write-with-retry.ts'
import { formatKey, hasExpired, mayDo } from './authenticate.ts'
import { admitCustomer } from './limits.ts'

const noSuchKey = err({ reason: 'not_found', resource: 'api_key' })
const versionConflict = err({ reason: 'version_conflict', resource: 'api_key' })

type Change = Pick<NewApiKey, 'name' | 'scopes' | 'mailAccountIds' | 'appOnly' | 'expiresAt'>

const changeOf = (input: ApiKeyInput | ApiKeyReplacement): Change => ({
  name: input.name,
  scopes: [...new Set(input.scopes)],
  mailAccountIds: input.mail_accounts ? [...new Set(input.mail_accounts)] : null,
  appOnly: input.app_only,
  expiresAt: input.expires_at ? new Date(input.expires_at) : null,
})

/** Creates a key and returns it in full for the only time, since its secret is stored as a hash. */
export async function createApiKey(services: Services, call: Call, input: ApiKeyInput) {
  const { store, random } = services
  const now = services.now()
  const change = changeOf(input)
  const { expiresAt, mailAccountIds: accounts } = change
  if (expiresAt && expiresAt <= now) return invalid('/expires_at', { issue: 'past_time' })
  if (accounts && input.scopes.includes('admin')) {
    return invalid('/mail_accounts', { issue: 'not_for_admin_key' })
  }
  if (input.customer && (accounts || input.scopes.includes('admin'))) {
    return invalid('/customer', { issue: accounts ? 'one_limit' : 'not_for_admin_key' })
  }
  const [unknown] = accounts ? await store.apiKeys.listUnknownAccounts(accounts) : []
  if (unknown !== undefined) {
    return invalid('/mail_accounts', { issue: 'unknown_mail_account', id: unknown })
  }

  const admitted = await admitCustomer(services, call.accessScope, input.customer)
  if (!admitted.ok) return admitted
  const customer = admitted.value ?? null
  const id = idOf('apiKey', call.work, random)
  const secret = newSecret(random)
  const secretHash = hashSecret(secret)
  const key: NewApiKey = {
    id,
    ...change,
    customer,
    createdAt: now,
    createdBy: call.actor.id ?? '',
    createdByName: call.actor.name ?? null,
    reductions: 0,
  }
  // An earlier attempt of this request may have created the key without returning its secret.
  const created =
    call.work === undefined ? null : await store.apiKeys.replaceSecret(key, secretHash)
  if (created) {
    const status = await statusOf(created, now)
    return ok({ ...apiKeyView(created, status), key: formatKey(id, secret) })
  }
  // The first attempt's key was changed since, and its former rights must not come back.
  if (call.isRepetition && (await store.apiKeys.read(id))) return versionConflict
  const event = newEvent(services, call, 'api_key.created', key, {
    name: key.name,
    scopes: key.scopes.join(' '),
    mail_accounts: accounts?.length ?? null,
    customer,
    app_only: key.appOnly,
    expires_at: expiresAt?.toISOString() ?? null,
  })
  await writeWithEvent(services, event, () => store.apiKeys.create(key, secretHash, event))
  const unused = { ...key, version: 1, lastUsedAt: null, revokedAt: null }
  return ok({ ...apiKeyView(unused, 'active'), key: formatKey(id, secret) })
}

/** Returns the key without its secret, and its version, which is the ETag. Keys that have ended can be read, too. */
export async function readApiKey(services: Services, id: string) {
  const key = await services.store.apiKeys.read(id)
  if (!key) return noSuchKey
  const status = await statusOf(key, services.now())
  return ok({ value: apiKeyView(key, status), version: key.version })
}

/** Changes a valid key from its next request on. `ifMatch`: the version that the caller saw; null overwrites any. */
export async function replaceApiKey(
  services: Services,
  call: Call,
  id: string,
  input: ApiKeyReplacement,
  ifMatch: number | null,
): Promise<Result<Versioned<ApiKey>>> {
  const { apiKeys } = services.store
  const change = changeOf(input)
  const replace = async (): Promise<Result<Versioned<ApiKey>> | null> => {
    const [before, unknown] = await Promise.all([
      apiKeys.read(id),
      change.mailAccountIds ? apiKeys.listUnknownAccounts(change.mailAccountIds) : [],
    ])
    if (!before) return noSuchKey
    const binding = await bindingOf(before)
    const status = judgeStatus(before, binding, services.now())
    if (status !== 'active' || !binding) {
      return err({ reason: 'api_key_ended', status: status === 'active' ? 'ended' : status })
    }
    if (ifMatch !== null && ifMatch !== before.version) return versionConflict
    if (input.customer !== undefined && input.customer !== before.customer) {
      return invalid('/customer', { issue: 'fixed_customer' })
    }
    const refusal = changeRefusal(before, change, unknown, services.now())
    if (refusal) return refusal
    const data = changedData(before, change)
    if (!data) return ok({ value: apiKeyView(before, status), version: before.version })
    const reductions = before.reductions + (takesRights(before, change) ? 1 : 0)
    const key = { ...before, ...change, reductions }
    const event = newEvent(services, call, 'api_key.updated', key, { name: key.name, ...data })
    const { secretHash } = binding
    const written = await writeWithEvent(services, event, () =>
      apiKeys.replace(key, secretHash, event),
    )
    return written ? ok({ value: apiKeyView(key, status), version: key.version + 1 }) : null
  }
  return (await retryOnConflict(replace)) ?? versionConflict
}

/**
 * Returns why the change is refused, or null. A key never gets more rights, except more email accounts in its list.
 * `unknown`: those of the new list that do not exist.
 */
function changeRefusal(
  before: ApiKeyRecord,
  change: Change,
  unknown: readonly string[],
  now: Date,
) {
  const { scopes, mailAccountIds: accounts, appOnly, expiresAt } = change
  const isLimited = before.mailAccountIds !== null
  if ((accounts !== null) !== isLimited) {
    return invalid('/mail_accounts', { issue: 'fixed_limit', isLimited })
  }
  if (scopes.some((scope) => !mayDo(before, scope))) {
    return invalid('/scopes', { issue: 'more_than_before' })
  }
  if (appOnly && !before.appOnly) return invalid('/app_only', { issue: 'more_than_before' })
  const sameExpiry = expiresAt?.getTime() === before.expiresAt?.getTime()
  if (expiresAt && !sameExpiry && expiresAt <= now) {
    return invalid('/expires_at', { issue: 'past_time' })
  }
  // Accounts that were deleted since may stay in the list.
  const [added] = without(unknown, before.mailAccountIds)
  if (added === undefined) return null
  return invalid('/mail_accounts', { issue: 'unknown_mail_account', id: added })
}

/** Returns the ids that are not among the others. */
function without(ids: readonly string[] | null, others: readonly string[] | null): string[] {
  const known = new Set(others)
  return (ids ?? []).filter((id) => !known.has(id))
}

const takesRights = (before: Change, after: Change): boolean =>
  Scope.options.some((scope) => mayDo(before, scope) && !mayDo(after, scope)) ||
  (before.appOnly && !after.appOnly) ||
  without(before.mailAccountIds, after.mailAccountIds).length > 0

/** Returns each changed member with its values from before and after; null if nothing was changed. */
function changedData(before: Change, after: Change): AuditEvent['data'] | null {
  const added = without(after.mailAccountIds, before.mailAccountIds)
  const removed = without(before.mailAccountIds, after.mailAccountIds)
  const [from, to] = [before, after].map(({ name, scopes, appOnly, expiresAt }) => ({
    name,
    scopes: scopes.toSorted().join(' '),
    app_only: appOnly,
    expires_at: expiresAt?.toISOString() ?? null,
  }))
  const changed = Object.entries(to ?? {}).flatMap(([name, value]) => {
    const former = from?.[name as keyof typeof from] ?? null
    return former === value
      ? []
      : [[`${name}_from`, former] as const, [`${name}_to`, value] as const]
  })
  const accounts = added.length + removed.length > 0 && {
    mail_accounts_from: before.mailAccountIds?.length ?? null,
    mail_accounts_to: after.mailAccountIds?.length ?? null,
    mail_accounts_added: added.join(' '),
    mail_accounts_removed: removed.join(' '),
  }
  return changed.length > 0 || accounts ? { ...Object.fromEntries(changed), ...accounts } : null
}

/** Returns a page of the keys that the caller's access scope includes, newest first. */
export async function listApiKeys(services: Services, { accessScope }: Call, query: ListQuery) {
  const page = await services.store.apiKeys.list(query, accessScope)
  const now = services.now()
  const data = await Promise.all(
    page.data.map(async (key) => apiKeyView(key, await statusOf(key, now))),
  )
  return { data, next_cursor: page.nextCursor }
}

/** Revokes a key with immediate effect. Idempotent. */
export async function revokeApiKey(services: Services, call: Call, id: string) {
  const key = await services.store.apiKeys.read(id)
  if (!key) return noSuchKey
  // Recorded first, so that no restored copy brings back a key whose revocation was acknowledged.
  await services.recordRevocation(id)
  await revoke(services, call, key)
  return ok(null)
}

const REVOKED: LinkEnd = {
  code: 'authorization_ended',
  detail: 'The API key that created the link was revoked.',
}

function revoke(
  services: Pick<Services, 'store' | 'now' | 'random'>,
  call: Pick<Call, 'actor'>,
  key: ApiKeyRecord,
): Promise<void> {
  const event = newEvent(services, call, 'api_key.revoked', key, { name: key.name })
  return services.store.apiKeys.revoke(key.id, event, REVOKED)
}

/** Revokes these keys, which may be valid again in a restored database. Skips those that it lacks. */
export async function revokeApiKeys(
  services: Pick<Services, 'store' | 'now' | 'random'>,
  keyIds: readonly string[],
): Promise<void> {
  const call = { actor: { type: 'system', id: null } } as const
  for (const key of await services.store.apiKeys.listUnrevoked(keyIds)) {
    await revoke(services, call, key)
  }
}

/** Returns the status. `ended`: ACCESS_EPOCH has changed, or something other than Mailgrant has written the rights. */
const statusOf = async (key: ApiKeyRecord, now: Date) => judgeStatus(key, await bindingOf(key), now)

function judgeStatus(key: ApiKeyRecord, binding: Binding | null, now: Date): ApiKey['status'] {
  if (key.revokedAt) return 'revoked'
  if (hasExpired(key, now)) return 'expired'
  return binding?.isIntact ? 'active' : 'ended'
}

function apiKeyView(key: Omit<ApiKeyRecord, 'openBinding'>, status: ApiKey['status']): ApiKey {
  return {
    id: key.id,
    name: key.name,
    status,
    scopes: key.scopes,
    mail_accounts: key.mailAccountIds,
    customer: key.customer,
    app_only: key.appOnly,
    created_at: key.createdAt.toISOString(),
    created_by: key.createdBy,
    created_by_name: key.createdByName,
    expires_at: key.expiresAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  }
}
