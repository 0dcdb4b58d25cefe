/** Everything that issuing an access token depends on, in one round trip to D1. */

import { eq, sql } from 'drizzle-orm'
import { appTokens } from '../../schema/d1/app-tokens.ts'
import { apiKeys } from '../../schema/d1/operating-tables.ts'
import { grants, integrations, mailAccounts } from '../../schema/d1/tables.ts'
import type { ApiKeyRecord } from '../model/api-key.ts'
import type { TokenIssueContext } from '../model/token-issue.ts'
import { toApiKey } from './api-keys.ts'
import { appTokenColumns, appTokenOfAccount, toAppTokenWithToken } from './app-tokens.ts'
import { type Database, once, time } from './database.ts'
import { grantColumns, toGrantWithToken } from './grants.ts'
import type { Sealer } from './seal.ts'

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
  appToken: appTokenColumns,
  integration: {
    active: integrations.active,
    clientId: integrations.clientId,
    cloud: integrations.cloud,
    credentialRejectedAt: integrations.credentialRejectedAt,
    credentialRejectedDetail: integrations.credentialRejectedDetail,
    credentialRejectedCode: integrations.credentialRejectedCode,
    credentialRejectedFacts: integrations.credentialRejectedFacts,
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
    const rejectedAt = time(integration?.credentialRejectedAt ?? null)
    return {
      integration: {
        active: integration?.active ?? false,
        clientId: integration?.clientId ?? null,
        cloud: integration?.cloud ?? 'global',
        credentialRejected: rejectedAt && {
          code: integration?.credentialRejectedCode ?? 'credential_rejected',
          at: rejectedAt,
          detail: integration?.credentialRejectedDetail ?? '',
          facts: integration?.credentialRejectedFacts ?? null,
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
      appToken: appToken && toAppTokenWithToken(sealer, appToken),
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
