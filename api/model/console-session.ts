/** A session of the console, found by the hash of the random id in its cookie. */
import type { ConsoleRole } from '../../schema/console-session.ts'
import type { Cloud } from '../../schema/mail-servers.ts'
import type { ApiKeyRecord } from './api-key.ts'
import type { EventRecord } from './event.ts'

/** The key that opened a session. `hash` binds the session to its secret. */
export type SessionKey = { id: string; hash: string }

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

export type SessionOwner = { key: SessionKey; person: null } | { key: null; person: SessionPerson }

/** Sessions of a person to end: all but those with one of the kept roles. They share one event. */
export type EndedSessions = { personId: string; kept: readonly ConsoleRole[]; event: EventRecord }

export type ConsoleSessionRecord = SessionOwner & {
  idHash: string
  createdAt: Date
  lastUsedAt: Date | null
  expiresAt: Date
}

/** A session with the key that opened it; null for a person's, and for ROOT_API_KEY. */
export type SessionWithKey = { record: ConsoleSessionRecord; key: ApiKeyRecord | null }
