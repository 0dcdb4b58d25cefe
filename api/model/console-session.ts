/** A session of the console, found by the keyed hash of the random id in its cookie. */
import type { ConsoleRole } from '../../schema/console-session.ts'
import type { Cloud } from '../../schema/mail-servers.ts'
import type { ApiKeyRecord } from './api-key.ts'
import type { EventRecord } from './event.ts'
import type { Binding } from './sealing.ts'

/** The person who signed in with Microsoft, and the app and tenant that vouched for them. */
export type SessionPerson = {
  /** Object id in the home tenant. */
  id: string
  name: string
  role: ConsoleRole
  /** `app_role`: assigned at Entra. `setting`: the object id is in CONSOLE_ADMINS. */
  roleSource: 'app_role' | 'setting'
  clientId: string
  cloud: Cloud
  tenantId: string
}

/** `key`: the one that opened the session. */
export type SessionOwner =
  | { key: { id: string }; person: null }
  | { key: null; person: SessionPerson }

/** Sessions of a person to end: all but those with one of the kept roles. They share one event. */
export type EndedSessions = { personId: string; kept: readonly ConsoleRole[]; event: EventRecord }

export type NewConsoleSession = SessionOwner & { createdAt: Date; expiresAt: Date }

export type ConsoleSessionRecord = NewConsoleSession & {
  idHash: string
  lastUsedAt: Date | null
  /** Opens the hash to which the session is bound. Returns null if it is damaged or from another row. Throws KeyMissing. */
  openBinding: () => Promise<Binding | null>
}

/** A session with the key that opened it; null for a person's, and for ROOT_API_KEY. */
export type SessionWithKey = { record: ConsoleSessionRecord; key: ApiKeyRecord | null }

/** `isCurrent`: true for the session of the caller. */
export type ListedSession = SessionWithKey & { isCurrent: boolean }
