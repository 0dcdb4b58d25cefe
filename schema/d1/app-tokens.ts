/** Tokens of the app itself. Conventions as in tables.ts. */
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { GrantStatus } from '../grant.ts'
import type { TokenRequestOutcome } from '../history.ts'
import type { Cloud } from '../mail-servers.ts'
import type { Resource } from '../protocols.ts'
import { keyLabel } from './key-label.ts'
import { lastFailure } from './last-failure.ts'

/** Access tokens of the app itself (client credentials), one row per client, cloud, tenant and resource. */
export const appTokens = sqliteTable('app_tokens', {
  /** `client_id|cloud|tenant|resource`. */
  id: text().primaryKey(),
  clientId: text('client_id').notNull(),
  cloud: text().$type<Cloud>().notNull(),
  tenant: text().notNull(),
  resource: text().$type<Resource>().notNull(),
  state: text()
    .$type<Extract<GrantStatus, 'active' | 'cooling_down' | 'blocked'>>()
    .notNull()
    .default('active'),
  accessTokenSealed: text('access_token_sealed'),
  accessTokenLabel: keyLabel('access_token_sealed'),
  accessTokenExpiresAt: integer('access_token_expires_at'),
  fetchedAt: integer('fetched_at'),
  version: integer().notNull().default(0),
  /** Lease owner that wrote this version: it distinguishes a lost response of D1 from a lost race. */
  writtenBy: text('written_by'),
  leaseOwner: text('lease_owner'),
  leaseExpiresAt: integer('lease_expires_at'),
  ...lastFailure,
  /** Same meaning as in `grants`. */
  lastRequestAt: integer('last_request_at'),
  lastRequestOutcome: text('last_request_outcome').$type<TokenRequestOutcome>(),
})
