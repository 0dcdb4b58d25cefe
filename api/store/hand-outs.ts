/** All that the hand-out of an access token must know, in one round trip to D1. */

import { eq, sql } from 'drizzle-orm'
import { appTokens } from '../../schema/d1/app-tokens.ts'
import { apiKeys } from '../../schema/d1/operating-tables.ts'
import { grants, integrations, mailAccounts } from '../../schema/d1/tables.ts'
import type { Cloud, Protocol, Security } from '../../schema/mail-servers.ts'
import type { ApiKeyRecord } from '../model/api-key.ts'
import type { CredentialRejected } from '../model/integration.ts'
import type { MailAccountValues } from '../model/mail-account.ts'
import { toApiKey } from './api-keys.ts'
import {
  type AppTokenInHand,
  appTokenColumns,
  appTokenOfAccount,
  withAppToken,
} from './app-tokens.ts'
import { type Database, time } from './database.ts'
import { grantColumns, withToken } from './grants.ts'
import type { Sealer } from './seal.ts'

export type HandOutRecord = {
  integration: {
    active: boolean
    clientId: string | null
    cloud: Cloud
    credentialRejected: CredentialRejected | null
  }
  account: {
    protocol: Protocol
    host: string
    port: number
    security: Security
    username: string
    delegate: string | null
    from: string | null
    authentication: MailAccountValues['authentication']
    tenant: string | null
  }
  /** Of a grant; null for other accounts, and after the grant was detached or deleted. */
  held: ReturnType<typeof withToken> | null
  /** Of the app at the account's tenant; null for other accounts, and before the first time. */
  appToken: AppTokenInHand | null
  lastUsedAt: Date | null
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
  appToken: appTokenColumns,
  integration: {
    active: integrations.active,
    clientId: integrations.clientId,
    cloud: integrations.cloud,
    credentialRejectedAt: integrations.credentialRejectedAt,
    credentialRejectedDetail: integrations.credentialRejectedDetail,
    credentialRejectedFacts: integrations.credentialRejectedFacts,
  },
}

export function createHandOutStore(db: Database, sealer: Sealer) {
  let prepared: ReturnType<typeof prepare> | undefined
  let preparedWithKey: ReturnType<typeof prepareWithKey> | undefined

  const prepare = () =>
    db
      .select(columns)
      .from(mailAccounts)
      .leftJoin(grants, eq(grants.id, mailAccounts.grantId))
      .leftJoin(integrations, eq(integrations.id, sql`'microsoft'`))
      .leftJoin(appTokens, appTokenOfAccount)
      .where(eq(mailAccounts.id, sql.placeholder('id')))
      .prepare()

  const prepareWithKey = () =>
    db
      .select({ key: apiKeys, ...columns })
      .from(apiKeys)
      .leftJoin(mailAccounts, eq(mailAccounts.id, sql.placeholder('id')))
      .leftJoin(grants, eq(grants.id, mailAccounts.grantId))
      .leftJoin(integrations, eq(integrations.id, sql`'microsoft'`))
      .leftJoin(appTokens, appTokenOfAccount)
      .where(eq(apiKeys.id, sql.placeholder('key')))
      .prepare()

  type Row = Awaited<ReturnType<ReturnType<typeof prepare>['all']>>[number]

  function toHandOut({ account, grant, appToken, integration }: Row): HandOutRecord {
    const rejectedAt = time(integration?.credentialRejectedAt ?? null)
    return {
      integration: {
        active: integration?.active ?? false,
        clientId: integration?.clientId ?? null,
        cloud: integration?.cloud ?? 'global',
        credentialRejected: rejectedAt && {
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
      held: grant && withToken(sealer, grant),
      appToken: appToken && withAppToken(sealer, appToken),
      lastUsedAt: time(grant?.lastUsedAt ?? null),
    }
  }

  return {
    async read(mailAccountId: string): Promise<HandOutRecord | null> {
      // Kept: making the statement costs more than running it.
      prepared ??= prepare()
      const [row] = await prepared.all({ id: mailAccountId })
      if (!row) return null
      return toHandOut(row)
    },

    /** The same together with an API key, in the same round trip. */
    async readWithKey(
      keyId: string,
      mailAccountId: string,
    ): Promise<{ key: ApiKeyRecord | null; record: HandOutRecord | null }> {
      preparedWithKey ??= prepareWithKey()
      const [row] = await preparedWithKey.all({ key: keyId, id: mailAccountId })
      if (!row) return { key: null, record: null }
      const { key, account, ...rest } = row
      return { key: toApiKey(key), record: account && toHandOut({ account, ...rest }) }
    },

    async noteUse(grantId: string, now: Date): Promise<void> {
      await db.update(grants).set({ lastUsedAt: now.getTime() }).where(eq(grants.id, grantId))
    },
  }
}
