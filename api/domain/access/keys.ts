/** Creating, listing and revoking API keys, which requires `admin`. A secret is shown once. */
import type { ApiKey, ApiKeyCreated, ApiKeyInput } from '../../../schema/api-key.ts'
import type { ListQuery } from '../../../schema/common.ts'
import { hashSecret } from '../../hash.ts'
import type { ApiKeyRecord, NewApiKey } from '../../model/access.ts'
import { invalid, ok, type Result, refuse } from '../../model/result.ts'
import { bindingOf } from '../../model/storage.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { idOf, newSecret } from '../secrets.ts'
import { writeWithEvent } from '../write-with-retry.ts'
import { formatKey } from './authenticate.ts'
import { hasExpired } from './key.ts'

const noSuchKey = refuse({ reason: 'not_found', resource: 'api_key' })

/** Creates a key and returns it in full for the only time: its secret is stored as a hash. */
export async function createApiKey(
  services: Services,
  call: Call,
  input: ApiKeyInput,
): Promise<Result<ApiKeyCreated>> {
  const { store, random } = services
  const now = services.now()
  const expiresAt = input.expires_at === undefined ? null : new Date(input.expires_at)
  if (expiresAt && expiresAt <= now) return invalid('/expires_at', { issue: 'past_time' })
  const accounts = input.mail_accounts ? [...new Set(input.mail_accounts)] : null
  if (accounts && input.scopes.includes('admin')) {
    return invalid('/mail_accounts', { issue: 'not_for_admin_key' })
  }
  const [unknown] = accounts ? await store.apiKeys.listUnknownAccounts(accounts) : []
  if (unknown !== undefined) {
    return invalid('/mail_accounts', { issue: 'unknown_mail_account', id: unknown })
  }

  const id = idOf('apiKey', call.work, random)
  const secret = newSecret(random)
  const secretHash = hashSecret(secret)
  const key: NewApiKey = {
    id,
    name: input.name,
    scopes: [...new Set(input.scopes)],
    mailAccountIds: accounts,
    appOnly: input.app_only,
    createdAt: now,
    createdBy: call.actor.id ?? '',
    createdByName: call.actor.name ?? null,
    expiresAt,
  }
  // An earlier attempt of this request may have created the key without returning its secret.
  const created =
    call.work === undefined ? null : await store.apiKeys.replaceSecret(key, secretHash)
  if (created) {
    const status = await statusOf(created, now)
    return ok({ ...apiKeyView(created, status), key: formatKey(id, secret) })
  }
  const event = newEvent(services, call, 'api_key.created', id, {
    name: key.name,
    scopes: key.scopes.join(' '),
    mail_accounts: accounts?.length ?? null,
    app_only: key.appOnly,
    expires_at: expiresAt?.toISOString() ?? null,
  })
  await writeWithEvent(services, event, () => store.apiKeys.create(key, secretHash, event))
  const unused = { ...key, lastUsedAt: null, revokedAt: null }
  return ok({ ...apiKeyView(unused, 'active'), key: formatKey(id, secret) })
}

export async function readApiKey(services: Services, id: string): Promise<Result<ApiKey>> {
  const key = await services.store.apiKeys.read(id)
  if (!key) return noSuchKey
  const status = await statusOf(key, services.now())
  return ok(apiKeyView(key, status))
}

export async function listApiKeys(services: Services, query: ListQuery) {
  const page = await services.store.apiKeys.list(query)
  const now = services.now()
  const data = await Promise.all(
    page.data.map(async (key) => apiKeyView(key, await statusOf(key, now))),
  )
  return { data, next_cursor: page.nextCursor }
}

/** Revokes a key with immediate effect. Idempotent. */
export async function revokeApiKey(
  services: Services,
  call: Call,
  id: string,
): Promise<Result<null>> {
  const key = await services.store.apiKeys.read(id)
  if (!key) return noSuchKey
  // First, so that no restored copy brings back a key whose revocation was acknowledged.
  await services.recordRevocation(id)
  const event = newEvent(services, call, 'api_key.revoked', id, { name: key.name })
  await services.store.apiKeys.revoke(id, services.now(), event)
  return ok(null)
}

/** Revokes those of these keys that are valid in this database. */
export async function revokeApiKeys(
  services: Pick<Services, 'store' | 'now' | 'random'>,
  keyIds: readonly string[],
): Promise<void> {
  const { apiKeys } = services.store
  const call = { actor: { type: 'system', id: null } } as const
  for (const { id, name } of await apiKeys.listUnrevoked(keyIds)) {
    const event = newEvent(services, call, 'api_key.revoked', id, { name })
    await apiKeys.revoke(id, services.now(), event)
  }
}

/** Returns the status. A key has ended if nothing vouches for it any more. */
async function statusOf(key: ApiKeyRecord, now: Date): Promise<ApiKey['status']> {
  if (key.revokedAt) return 'revoked'
  if (hasExpired(key, now)) return 'expired'
  return (await bindingOf(key))?.isIntact ? 'active' : 'ended'
}

function apiKeyView(key: Omit<ApiKeyRecord, 'openBinding'>, status: ApiKey['status']): ApiKey {
  return {
    id: key.id,
    name: key.name,
    status,
    scopes: key.scopes,
    mail_accounts: key.mailAccountIds,
    app_only: key.appOnly,
    created_at: key.createdAt.toISOString(),
    created_by: key.createdBy,
    created_by_name: key.createdByName,
    expires_at: key.expiresAt?.toISOString() ?? null,
    last_used_at: key.lastUsedAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  }
}
