/**
 * Sessions of the console, valid for eight hours. Each request checks the key of the session, or that the app and the
 * setting from which the person's role came are unchanged.
 */
import type { ListQuery } from '../../../schema/common.ts'
import type {
  ConsolePerson,
  ConsoleRole,
  ConsoleSession,
  OpenConsoleSession,
} from '../../../schema/console-session.ts'
import { HOUR_MS, MINUTE_MS } from '../../../schema/durations.ts'
import { hashSecret, matchesHash } from '../../hash.ts'
import type {
  ConsoleSessionRecord,
  EndedSessions,
  LinkEnd,
  NewConsoleSession,
  SessionOwner,
  SessionWithKey,
} from '../../model/access.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import { err, ok, type Result } from '../../model/result.ts'
import { type Binding, bindingOf } from '../../model/storage.ts'
import type { Call, Services } from '../../services.ts'
import { rolesUpTo } from '../app/console-roles.ts'
import { newEvent } from '../events.ts'
import { newSecret } from '../secrets.ts'
import { boundToRootKey, type Key, openKey, rootKey } from './authenticate.ts'
import { limitRefusal } from './limits.ts'

export const SESSION_LIFETIME_S = 8 * 3600
const LIFETIME_MS = 8 * HOUR_MS
/** Minimum time between two writes of `last_used_at`. */
const RECORD_USE_EVERY_MS = 5 * MINUTE_MS

export type OpenSession = { record: ConsoleSessionRecord } & (
  | { key: Key; person: null }
  | { key: null; person: ConsolePerson }
)

/** An open session with the value of its cookie, of which only a hash is stored. */
export type NewSession = { id: string; session: OpenSession }

/** Opens a session of a key. Refused for keys that the console does not accept (CONSOLE_KEYS). */
export async function openKeySession(services: Services, key: Key): Promise<Result<NewSession>> {
  if (!opensConsole(services, key.id)) return err({ reason: 'console_keys_off' })
  const limit = limitRefusal(key.accessScope, 'no_console')
  if (limit) return limit
  const id = newSecret(services.random)
  const record = await addSession(services, id, { key: { id: key.id }, person: null }, key)
  return ok({ id, session: { record, key, person: null } })
}

/** Opens a session for a person who has just signed in with this role. Ends the person's sessions that allow more. */
export async function openPersonSession(services: Services, person: ConsolePerson) {
  const id = newSecret(services.random)
  const ended = strongerSessions(services, person)
  const record = await addSession(services, id, { key: null, person }, { ended })
  return { id, session: { record, key: null, person } }
}

/** Ends the sessions of a person who has no role any more. */
export const endSessionsOf = (services: Services, person: Pick<ConsolePerson, 'id' | 'name'>) =>
  services.store.consoleSessions.removeOfPerson(
    strongerSessions(services, { ...person, role: null }),
  )

/** Describes the person's sessions to end: those that allow more than the role, or all if the role is null. */
function strongerSessions(
  services: Services,
  { id, name, role }: Pick<ConsolePerson, 'id' | 'name'> & { role: ConsoleRole | null },
): EndedSessions {
  const actor = { type: 'person', id, name } as const
  const event = newEvent(services, { actor }, 'console_session.closed', id, { name })
  const kept = rolesUpTo(role)
  return { personId: id, kept, event, links: kept.includes('write') ? null : ACCESS_ENDED }
}

const ACCESS_ENDED: LinkEnd = {
  code: 'authorization_ended',
  detail: 'The person who created the link no longer has access.',
}

async function addSession(
  services: Services,
  id: string,
  owner: SessionOwner,
  { expiresAt = null, ended }: { expiresAt?: Date | null; ended?: EndedSessions } = {},
): Promise<ConsoleSessionRecord> {
  const { key, person } = owner
  const createdAt = services.now()
  const end = new Date(createdAt.getTime() + LIFETIME_MS)
  const session: NewConsoleSession = {
    ...owner,
    createdAt,
    expiresAt: expiresAt && expiresAt < end ? expiresAt : end,
  }
  const event = newEvent(
    services,
    { actor: actorOf(owner) },
    'console_session.opened',
    ownerId(owner),
    person ? { name: person.name, role: person.role, role_source: person.roleSource } : {},
  )
  const secretHash = hashSecret(boundToRootKey(services, key?.id, id))
  return services.store.consoleSessions.add(session, { id, secretHash }, event, ended)
}

/** Returns null if the session has expired, was ended, or gives no access any more. */
export async function readSession(services: Services, id: string): Promise<OpenSession | null> {
  const { store } = services
  const [found, integration] = await Promise.all([
    store.consoleSessions.readByCookie(id, services.now()),
    store.integrations.read(),
  ])
  if (!found) return null
  const binding = await bindingOf(found.record)
  const secret = boundToRootKey(services, found.record.key?.id, id)
  if (!matchesHash(secret, binding?.secretHash)) return null
  return judge(services, found, binding, integration)
}

/** Returns null if the row was changed, the key has ended, or the person has lost the role. */
async function judge(
  services: Services,
  { record, key: opener }: SessionWithKey,
  binding: Binding | null,
  integration: IntegrationRecord,
): Promise<OpenSession | null> {
  if (!binding?.isIntact) return null
  if (record.person) {
    const { person } = record
    return isVouchedFor(person, services, integration) ? { record, key: null, person } : null
  }
  const { id } = record.key
  if (!opensConsole(services, id)) return null
  const key = id === rootKey.id ? rootKey : await openKey(opener, services.now())
  return key && { record, key, person: null }
}

/** Returns whether the console accepts this key: with CONSOLE_KEYS=off only ROOT_API_KEY. */
const opensConsole = ({ settings }: Services, keyId: string) =>
  settings.consoleKeys === 'all' || keyId === 'root'

/** Returns true if the deployment still has the app, tenant and setting from which a person's role came. */
export const isVouchedFor = (
  person: ConsolePerson,
  { settings }: Services,
  { clientId, cloud, homeTenantId }: IntegrationRecord,
): boolean =>
  person.clientId === clientId &&
  person.cloud === cloud &&
  person.tenantId === homeTenantId &&
  (person.roleSource === 'app_role' || settings.consoleAdmins.includes(person.id))

/** Records the use, after the response. Best effort: a failure must not fail the request. */
export function recordSessionUse(
  services: Services,
  { defer }: Pick<Call, 'defer'>,
  { record: { idHash, lastUsedAt } }: OpenSession,
): void {
  const now = services.now()
  const since = new Date(now.getTime() - RECORD_USE_EVERY_MS)
  if (lastUsedAt && lastUsedAt > since) return
  defer(services.store.consoleSessions.recordUse(idHash, now, since).catch(() => {}))
}

/** Closes the session of this cookie. Idempotent. */
export async function closeSession(services: Services, id: string): Promise<void> {
  const found = await services.store.consoleSessions.readByCookie(id, services.now())
  if (found) await removeSession(services, { actor: actorOf(found.record) }, found.record)
}

/** Ends the session with this public ID at once. If its person is not the caller, their sign-in links end, too. */
export async function endSession(services: Services, call: Call, id: string) {
  const { store, now } = services
  const record = await store.consoleSessions.read(id.slice(ID_PREFIX.length), now())
  if (!record) return err({ reason: 'not_found', resource: 'console_session' })
  const { person } = record
  const links = person && person.id !== call.actor.id ? { of: person.id, end: ACCESS_ENDED } : null
  await removeSession(services, call, record, links)
  return ok(null)
}

function removeSession(
  services: Services,
  call: Pick<Call, 'actor'>,
  record: ConsoleSessionRecord,
  links: { of: string; end: LinkEnd } | null = null,
): Promise<void> {
  const data = record.person ? { name: record.person.name } : {}
  const event = newEvent(services, call, 'console_session.closed', ownerId(record), data)
  return services.store.consoleSessions.remove(record.idHash, event, links)
}

/** Lists open sessions, newest first, and those of an earlier root key. `current`: the caller's cookie, if any. */
export async function listSessions(
  services: Services,
  query: ListQuery,
  current: string | undefined,
) {
  const { store } = services
  const [page, integration] = await Promise.all([
    store.consoleSessions.list(query, services.now(), current),
    store.integrations.read(),
  ])
  const data = await Promise.all(
    page.data.map(async (found): Promise<OpenConsoleSession[]> => {
      const session = await judge(services, found, await bindingOf(found.record), integration)
      if (!session) return []
      const { record } = session
      return [
        {
          ...sessionView(session),
          id: `${ID_PREFIX}${record.idHash}`,
          opened_at: record.createdAt.toISOString(),
          last_used_at: record.lastUsedAt?.toISOString() ?? null,
          current: found.isCurrent,
        },
      ]
    }),
  )
  return { data: data.flat(), next_cursor: page.nextCursor }
}

const ID_PREFIX = 'cs_'

const ownerId = ({ key, person }: SessionOwner): string => (person ?? key).id

/** Returns the actor for events of this session. */
export const actorOf = ({ key, person }: SessionOwner | OpenSession): Call['actor'] =>
  person ? { type: 'person', id: person.id, name: person.name } : { type: 'key', id: key.id }

export const sessionView = ({ record, key, person }: OpenSession): ConsoleSession => ({
  key: key && { id: key.id, name: key.name, scopes: [...key.scopes] },
  person: person && { id: person.id, name: person.name },
  scopes: key ? [...key.scopes] : [person.role],
  expires_at: record.expiresAt.toISOString(),
})
