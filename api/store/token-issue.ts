/** Everything that issuing an access token depends on, in one round trip to D1. */

import { eq, isNotNull, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { appTokens } from '../../schema/d1/app-tokens.ts'
import { apiKeys } from '../../schema/d1/operating-tables.ts'
import { grants, integrations, mailAccounts } from '../../schema/d1/tables.ts'
import type { FailureFacts } from '../../schema/failure.ts'
import type { ApiKeyRecord } from '../model/api-key.ts'
import type { TokenIssueContext } from '../model/token-issue.ts'
import { toApiKey } from './api-keys.ts'
import {
  type AppTokenRow,
  appTokenColumns,
  appTokenOfAccount,
  toAppTokenWithToken,
} from './app-tokens.ts'
import { type Database, once, time } from './database.ts'
import { grantColumns, toGrantWithToken } from './grants.ts'
import type { Sealer } from './seal.ts'

/**
 * The values of these columns as one JSON array, null unless the condition holds. D1's response names every column, so
 * columns that few calls need are one column for all other calls.
 */
const packed = (condition: SQL, columns: Record<string, SQLiteColumn>) =>
  sql<
    string | null
  >`CASE WHEN ${condition} THEN json_array(${sql.join(Object.values(columns), sql`, `)}) END`

/** Returns the row that was packed. Its JSON columns are text, as in the database. */
const unpack = <Row>(columns: Record<string, SQLiteColumn>, text: string): Row => {
  const values = JSON.parse(text) as unknown[]
  const entries = Object.entries(columns).map(([name, column], at) => {
    const value = values[at] ?? null
    return [name, value === null ? null : column.mapFromDriverValue(value)]
  })
  return Object.fromEntries(entries) as Row
}

const rejectionColumns = {
  at: integrations.credentialRejectedAt,
  detail: integrations.credentialRejectedDetail,
  code: integrations.credentialRejectedCode,
  facts: integrations.credentialRejectedFacts,
}

type RejectionRow = {
  at: number
  detail: string | null
  code: 'issuer_unreachable' | null
  facts: FailureFacts | null
}

const columns = {
  account: {
    protocol: mailAccounts.protocol,
    host: mailAccounts.host,
    port: mailAccounts.port,
    security: mailAccounts.security,
    username: mailAccounts.username,
    delegate: mailAccounts.delegate,
    sender: mailAccounts.sender,
    authentication: mailAccounts.authentication,
    tenant: mailAccounts.tenant,
  },
  grant: grantColumns,
  appToken: packed(isNotNull(appTokens.id), appTokenColumns),
  integration: {
    active: integrations.active,
    clientId: integrations.clientId,
    cloud: integrations.cloud,
    rejection: packed(isNotNull(integrations.credentialRejectedAt), rejectionColumns),
  },
}

export function createTokenIssueStore(db: Database, sealer: Sealer) {
  const byAccount = once(() =>
    db
      .select(columns)
      .from(mailAccounts)
      .leftJoin(grants, eq(grants.id, mailAccounts.grantId))
      .leftJoin(integrations, eq(integrations.id, sql`'microsoft'`))
      .leftJoin(appTokens, appTokenOfAccount)
      .where(eq(mailAccounts.id, sql.placeholder('id')))
      .prepare(),
  )

  const byKeyAndAccount = once(() =>
    db
      .select({ key: apiKeys, ...columns })
      .from(apiKeys)
      .leftJoin(mailAccounts, eq(mailAccounts.id, sql.placeholder('id')))
      .leftJoin(grants, eq(grants.id, mailAccounts.grantId))
      .leftJoin(integrations, eq(integrations.id, sql`'microsoft'`))
      .leftJoin(appTokens, appTokenOfAccount)
      .where(eq(apiKeys.id, sql.placeholder('key')))
      .prepare(),
  )

  type Row = Awaited<ReturnType<ReturnType<typeof byAccount>['all']>>[number]

  function toContext({ account, grant, appToken, integration }: Row): TokenIssueContext {
    const rejection = integration?.rejection
      ? unpack<RejectionRow>(rejectionColumns, integration.rejection)
      : null
    return {
      integration: {
        active: integration?.active ?? false,
        clientId: integration?.clientId ?? null,
        cloud: integration?.cloud ?? 'global',
        credentialRejected: rejection && {
          code: rejection.code ?? 'credential_rejected',
          at: new Date(rejection.at),
          detail: rejection.detail ?? '',
          facts: rejection.facts,
        },
      },
      account: {
        protocol: account.protocol,
        host: account.host,
        port: account.port,
        security: account.security,
        username: account.username,
        delegate: account.delegate,
        from: account.sender,
        authentication: account.authentication,
        tenant: account.tenant,
      },
      grant: grant && toGrantWithToken(sealer, grant),
      appToken:
        appToken === null
          ? null
          : toAppTokenWithToken(sealer, unpack<AppTokenRow>(appTokenColumns, appToken)),
      lastUsedAt: time(grant?.lastUsedAt ?? null),
    }
  }

  return {
    async read(mailAccountId: string): Promise<TokenIssueContext | null> {
      const [row] = await byAccount().all({ id: mailAccountId })
      if (!row) return null
      return toContext(row)
    },

    /** Reads the API key as well, in the same round trip. */
    async readWithKey(
      keyId: string,
      mailAccountId: string,
    ): Promise<{ key: ApiKeyRecord | null; context: TokenIssueContext | null }> {
      const [row] = await byKeyAndAccount().all({ key: keyId, id: mailAccountId })
      if (!row) return { key: null, context: null }
      const { key, account, ...rest } = row
      return { key: toApiKey(key), context: account && toContext({ account, ...rest }) }
    },

    async recordUse(grantId: string, now: Date): Promise<void> {
      await db.update(grants).set({ lastUsedAt: now.getTime() }).where(eq(grants.id, grantId))
    },
  }
}
