/** Tables for operating a deployment: events, keys, sessions, webhooks. Conventions as in tables.ts. */
import { sql } from 'drizzle-orm'
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { Scope } from '../api-key.ts'
import type { ConsolePerson } from '../console-session.ts'
import type { Actor, AuditEvent, EventType } from '../event.ts'
import type { WebhookDelivery, WebhookEvent, WebhookMessageType, WebhookType } from '../webhook.ts'
import { keyLabel, time, words } from './columns.ts'

export const events = sqliteTable(
  'events',
  {
    id: text().primaryKey(),
    customer: text(),
    type: text().$type<EventType>().notNull(),
    at: time('at').notNull(),
    actorType: text('actor_type').$type<Actor['type']>().notNull(),
    actorId: text('actor_id'),
    /** Set for a person, whose id means nothing to people. */
    actorName: text('actor_name'),
    subject: text(),
    data: text({ mode: 'json' }).$type<AuditEvent['data']>().notNull(),
    /** Set until the event has been queued for the webhooks. */
    pendingDelivery: integer('pending_delivery', { mode: 'boolean' }).notNull().default(false),
  },
  (t) => [
    index('events_at').on(t.at, t.id),
    index('events_customer').on(t.customer, t.at, t.id).where(sql`customer IS NOT NULL`),
    index('events_customer_type')
      .on(t.customer, t.type, t.at, t.id)
      .where(sql`customer IS NOT NULL`),
    index('events_type').on(t.type, t.at, t.id),
    // With the type, so that a subject with many events of other types is read in the index alone.
    index('events_subject').on(t.subject, t.at, t.id, t.type),
    index('events_mailbox')
      .on(sql`lower(data ->> 'username')`, t.at, t.id, t.type)
      .where(sql`lower(data ->> 'username') IS NOT NULL`),
    index('events_pending_delivery').on(t.pendingDelivery).where(sql`pending_delivery = 1`),
  ],
)

/** Customers that something was created for. */
export const customers = sqliteTable(
  'customers',
  {
    name: text().primaryKey(),
    /** Set while its mailboxes get neither tokens nor sign-ins. */
    suspendedAt: time('suspended_at'),
    /** Set while the maintenance deletes what is left of it. The name cannot be used until then. */
    deletedAt: time('deleted_at'),
  },
  (t) => [
    // No two differ only in case.
    uniqueIndex('customers_lower').on(sql`lower(${t.name})`),
    index('customers_deleted').on(t.deletedAt).where(sql`deleted_at IS NOT NULL`),
  ],
)

/** API keys besides ROOT_API_KEY. Of a secret, which has 256 random bits, only the sealed hash is stored. */
export const apiKeys = sqliteTable(
  'api_keys',
  {
    id: text().primaryKey(),
    name: text().notNull(),
    /** Vouches for the rights of the key: its scopes, limits and expiry (api/store/api-keys.ts). */
    secretHashSealed: text('secret_hash_sealed').notNull(),
    secretHashLabel: keyLabel('secret_hash_sealed', 'revoked_at'),
    scopes: words().$type<Scope[]>().notNull(),
    /** The customer to which the key is limited; null without one. */
    customer: text(),
    /** JSON array of the ids of email accounts; null when the key is not limited to any. */
    mailAccountIds: text('mail_account_ids', { mode: 'json' }).$type<string[]>(),
    /** True if a key that is limited to accounts or a customer may fetch app-only tokens. */
    appOnly: integer('app_only', { mode: 'boolean' }).notNull(),
    createdAt: time('created_at').notNull(),
    /** `root`, the id of an API key, or the object id of a person. */
    createdBy: text('created_by').notNull(),
    /** Set for a key that a person created. */
    createdByName: text('created_by_name'),
    expiresAt: time('expires_at'),
    /** Written at most every few minutes, after the response. */
    lastUsedAt: time('last_used_at'),
    revokedAt: time('revoked_at'),
    /** The ETag: counts changes to the fields that a PUT sets. */
    version: integer().notNull().default(1),
    /** Number of changes that took rights away. Responses that were stored before the last one are not repeated. */
    reductions: integer().notNull().default(0),
  },
  (t) => [
    index('api_keys_created').on(t.createdAt, t.id),
    index('api_keys_customer').on(t.customer, t.createdAt, t.id),
    index('api_keys_secret_hash_label').on(t.secretHashLabel),
  ],
)

/** Console sessions, of a key or of a person who signed in with Microsoft. */
export const consoleSessions = sqliteTable(
  'console_sessions',
  {
    /** HMAC of the id in the cookie. */
    idHash: text('id_hash').primaryKey(),
    /** A hash of the cookie, which vouches for the owner, the role and the end of the session. */
    bindingSealed: text('binding_sealed').notNull(),
    bindingLabel: keyLabel('binding_sealed'),
    /** `root` or the id of an API key. Null for a person. */
    keyId: text('key_id'),
    /** Null for a key. */
    person: text({ mode: 'json' }).$type<ConsolePerson>(),
    createdAt: time('created_at').notNull(),
    /** Written at most every few minutes, after the response. */
    lastUsedAt: time('last_used_at'),
    expiresAt: time('expires_at').notNull(),
  },
  (t) => [
    index('console_sessions_key').on(t.keyId),
    index('console_sessions_expires').on(t.expiresAt),
    index('console_sessions_created').on(t.createdAt, t.idHash),
    index('console_sessions_binding_label').on(t.bindingLabel),
  ],
)

/** Responses to POSTs with an Idempotency-Key. */
export const idempotencyRecords = sqliteTable(
  'idempotency_records',
  {
    /** SHA-256 of API key or person, method, path and Idempotency-Key. */
    id: text().primaryKey(),
    /** Customer of the API key, with which its responses are deleted. */
    customer: text(),
    /** HMAC of the body. */
    bodyHash: text('body_hash').notNull(),
    /** Null while the first request is still running. */
    status: integer(),
    responseSealed: text('response_sealed'),
    responseLabel: keyLabel('response_sealed'),
    createdAt: time('created_at').notNull(),
    expiresAt: time('expires_at').notNull(),
  },
  (t) => [
    index('idempotency_records_expires').on(t.expiresAt),
    index('idempotency_records_customer').on(t.customer).where(sql`customer IS NOT NULL`),
    index('idempotency_records_response_label').on(t.responseLabel),
  ],
)

/** Endpoints notified of changes of state (Standard Webhooks). */
export const webhooks = sqliteTable(
  'webhooks',
  {
    id: text().primaryKey(),
    customer: text(),
    url: text().notNull(),
    description: text(),
    /** JSON array of event types. */
    events: text({ mode: 'json' }).$type<WebhookEvent[]>().notNull(),
    enabled: integer({ mode: 'boolean' }).notNull().default(true),
    secretSealed: text('secret_sealed').notNull(),
    secretLabel: keyLabel('secret_sealed'),
    /** Signs in addition to the new secret until `previousSecretExpiresAt`. */
    previousSecretSealed: text('previous_secret_sealed'),
    previousSecretLabel: keyLabel('previous_secret_sealed'),
    previousSecretExpiresAt: time('previous_secret_expires_at'),
    version: integer().notNull().default(1),
    createdAt: time('created_at').notNull(),
    updatedAt: time('updated_at').notNull(),
    /** Failed attempts since the last success. */
    failures: integer().notNull().default(0),
    failingSince: time('failing_since'),
    /** Set while the endpoint keeps failing; null after a success. */
    backoffUntil: time('backoff_until'),
    /** End of the pause for which the endpoint asked with `Retry-After`. */
    retryAfter: time('retry_after'),
    /**
     * `secret_sealed` is the signing secret of `standard`. For `slack` and `teams` it is the URL, a credential,
     * and `url` only shows its host and end; for `email` it is not used.
     */
    type: text().$type<WebhookType>().notNull().default('standard'),
    /** Recipient of messages of type `email`. `mail_account_id` sends them. */
    recipient: text(),
    mailAccountId: text('mail_account_id'),
    /** Earliest time of the next message, for types that gather events. */
    nextMessageAt: time('next_message_at'),
  },
  (t) => [
    index('webhooks_created').on(t.createdAt, t.id),
    index('webhooks_customer').on(t.customer, t.createdAt, t.id),
  ],
)

/** Results of the latest runs of each maintenance task, for the readiness check. */
export const maintenanceTasks = sqliteTable('maintenance_tasks', {
  task: text().primaryKey(),
  /** End of the last run that did not fail. */
  finishedAt: time('finished_at').notNull(),
  /** End of the first of the runs in a row that left work undone; null if the last one left none. */
  behindSince: time('behind_since'),
})

/** Messages per endpoint: a queue until they are sent, a log afterwards. */
export const webhookDeliveries = sqliteTable(
  'webhook_deliveries',
  {
    /** The `webhook-id` (`msg_...`), the same for every attempt. */
    id: text().primaryKey(),
    webhookId: text('webhook_id').notNull(),
    eventId: text('event_id').notNull(),
    type: text().$type<WebhookMessageType>().notNull(),
    /** The body that is signed and sent. */
    payload: text().notNull(),
    /** `failed`: given up. */
    state: text().$type<WebhookDelivery['status']>().notNull().default('pending'),
    attempts: integer().notNull().default(0),
    /** Null once it is delivered or given up. */
    nextAttemptAt: time('next_attempt_at'),
    leaseExpiresAt: time('lease_expires_at'),
    lastAttemptAt: time('last_attempt_at'),
    lastStatus: integer('last_status'),
    lastError: text('last_error'),
    createdAt: time('created_at').notNull(),
  },
  (t) => [
    index('webhook_deliveries_queue')
      .on(t.webhookId, t.nextAttemptAt)
      .where(sql`next_attempt_at IS NOT NULL`),
    index('webhook_deliveries_state').on(t.webhookId, t.state, t.createdAt, t.id),
    index('webhook_deliveries_webhook').on(t.webhookId, t.createdAt, t.id),
    index('webhook_deliveries_created').on(t.createdAt),
  ],
)
