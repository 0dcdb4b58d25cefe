/** Access to the API: keys with their rights, console sessions, and responses that are kept for repeated requests. */
import type { ConsolePerson, ConsoleRole } from '../../schema/console-session.ts'
import type { apiKeys, customers } from '../../schema/d1/operating-tables.ts'
import type { EventRecord } from './event.ts'
import type { Binding } from './storage.ts'

type ApiKeyRow = Omit<typeof apiKeys.$inferSelect, 'secretHashSealed' | 'secretHashLabel'>

export type ApiKeyRecord = ApiKeyRow & {
  /** Opens the hash of the secret. Returns null if it is damaged or from another row. Throws KeyMissing. */
  openBinding: () => Promise<Binding | null>
}

/** Rights of a key. The hash of its secret is sealed together with them. */
export type KeyRights = Pick<
  NewApiKey,
  'scopes' | 'mailAccountIds' | 'customer' | 'appOnly' | 'expiresAt' | 'reductions'
>

export type NewApiKey = Omit<ApiKeyRow, 'version' | 'lastUsedAt' | 'revokedAt'>

export type CustomerRecord = typeof customers.$inferSelect

/** The resources that a caller may see and use. Never absent, so that no check fails open. `all` is a scope, too. */
export type AccessScope =
  | { kind: 'all' }
  /** An API key that is limited to these email accounts. */
  | {
      kind: 'mail_accounts'
      keyId: string
      mailAccountIds: readonly string[]
      /** True if the key may fetch app-only tokens, which open other mailboxes of the tenant. */
      appOnly: boolean
    }
  /**
   * An API key of this customer, for which nothing else exists. Also the filter of an unlimited caller's list, where
   * null means what has no customer.
   */
  | { kind: 'customer'; customer: string | null; appOnly: boolean; isFilter: boolean }

/** The scope of an unlimited key, of a person, and of Mailgrant's own work. */
export const UNLIMITED: AccessScope = { kind: 'all' }

type Decisions<T> = {
  [Kind in AccessScope['kind']]: (scope: Extract<AccessScope, { kind: Kind }>) => T
}

/** Returns true if the caller's key sees only a part of the deployment. */
export const isLimited = (scope: AccessScope): boolean =>
  byScope(scope, {
    all: () => false,
    mail_accounts: () => true,
    customer: ({ isFilter }) => !isFilter,
  })

/** Returns the customer of everything that the caller creates, unless the request states one. */
export const customerOf = (scope: AccessScope): string | null =>
  byScope(scope, {
    all: () => null,
    mail_accounts: () => null,
    customer: ({ customer }) => customer,
  })

/** Returns the scope of what belongs to a customer, or of everything if it is null. */
export const scopeOfCustomer = (customer: string | null): AccessScope =>
  customer === null ? UNLIMITED : { kind: 'customer', customer, appOnly: false, isFilter: false }

/** Returns the part of a list's cursor that binds it to the customer of the scope. */
export const cursorScope = (scope: AccessScope): { customer?: string } =>
  byScope<{ customer?: string }>(scope, {
    all: () => ({}),
    mail_accounts: () => ({}),
    customer: ({ customer }) => ({ customer: customer ?? '' }),
  })

/** Decides by the kind of scope. A new kind does not compile until every caller handles it. */
export const byScope = <T>(scope: AccessScope, decisions: Decisions<T>): T =>
  (decisions[scope.kind] as (scope: AccessScope) => T)(scope)

/** The API key that opened the session, or its person. */
export type SessionOwner =
  | { key: { id: string }; person: null }
  | { key: null; person: ConsolePerson }

/** The reason why a sign-in link ended before a sign-in was finished with it. */
export type LinkEnd = { code: 'authorization_ended' | 'authorization_expired'; detail: string }

/**
 * Sessions of a person to end: all but those with one of the kept roles. They share one event. `links`: ends the
 * person's sign-in links, too.
 */
export type EndedSessions = {
  personId: string
  kept: readonly ConsoleRole[]
  event: EventRecord
  links: LinkEnd | null
}

export type NewConsoleSession = SessionOwner & { createdAt: Date; expiresAt: Date }

export type ConsoleSessionRecord = NewConsoleSession & {
  idHash: string
  lastUsedAt: Date | null
  /** Opens the hash of the cookie's secret. Returns null if it is damaged or from another row. Throws KeyMissing. */
  openBinding: () => Promise<Binding | null>
}

/** A session with the key that opened it; null for a person's, and for ROOT_API_KEY. */
export type SessionWithKey = { record: ConsoleSessionRecord; key: ApiKeyRecord | null }

/** `isCurrent`: true for the session of the caller. */
export type ListedSession = SessionWithKey & { isCurrent: boolean }

/** A response as it is repeated for the same Idempotency-Key. */
export type StoredResponse = {
  status: number
  headers: Record<string, string>
  body: string
  /** `reductions` of the caller's key at the time of the request. */
  reductions: number
}

export type IdempotencyRecord = {
  bodyHash: string
  /** Null while the first request is still being processed. */
  response: StoredResponse | null
}
