/** Everything that issuing an access token depends on, in one round trip to D1. */
import { eq, sql } from 'drizzle-orm'
import { apiKeys, customers } from '../../schema/d1/operating-tables.ts'
import {
  appTokens,
  grants,
  grantTokens,
  integrations,
  mailAccounts,
} from '../../schema/d1/tables.ts'
import { resourceOf } from '../../schema/protocols.ts'
import type { ApiKeyRecord } from '../model/access.ts'
import type { TokenIssueContext } from '../model/loaded-mail-account.ts'
import type { AccessBinder } from './access-binding.ts'
import { apiKeyColumns, toApiKey } from './api-keys.ts'
import { appTokenOfAccount, issuedAppTokenColumns, toIssuedAppToken } from './app-tokens.ts'
import { type Database, once } from './database.ts'
import { refreshableColumns, sealedTokenColumns, tokenOfGrant, withAccessToken } from './grants.ts'
import type { Sealer } from './seal.ts'

const { resource: _resource, wider: _wider, ...issued } = sealedTokenColumns

type Issue = { key: ApiKeyRecord | null; context: TokenIssueContext | null }

export function createTokenIssueStore(db: Database, sealer: Sealer, binder: AccessBinder) {
  const select = once(() =>
    db
      .select({
        key: apiKeyColumns,
        account: {
          protocol: mailAccounts.protocol,
          customer: mailAccounts.customer,
          host: mailAccounts.host,
          port: mailAccounts.port,
          security: mailAccounts.security,
          username: mailAccounts.username,
          delegate: mailAccounts.delegate,
          from: mailAccounts.from,
          authentication: mailAccounts.authentication,
          tenant: mailAccounts.tenant,
        },
        grant: refreshableColumns,
        token: issued,
        integration: {
          active: integrations.active,
          clientId: integrations.clientId,
          cloud: integrations.cloud,
        },
        appToken: issuedAppTokenColumns,
        suspendedAt: customers.suspendedAt,
      })
      .from(sql`(SELECT 1)`)
      .leftJoin(apiKeys, eq(apiKeys.id, sql.placeholder('key')))
      .leftJoin(mailAccounts, eq(mailAccounts.id, sql.placeholder('account')))
      .leftJoin(grants, eq(grants.id, mailAccounts.grantId))
      .leftJoin(grantTokens, tokenOfGrant(grants.id, mailAccounts.resource))
      .leftJoin(integrations, eq(integrations.id, sql`'microsoft'`))
      .leftJoin(appTokens, appTokenOfAccount)
      .leftJoin(customers, eq(customers.name, mailAccounts.customer))
      .prepare(),
  )

  /** Reads the API key as well, in the same round trip. */
  async function readWithKey(keyId: string | null, mailAccountId: string): Promise<Issue> {
    const [row] = await select().all({ key: keyId, account: mailAccountId })
    if (!row) throw new Error('A join without a row')
    const { key, account, grant, token, appToken } = row
    const integration = row.integration ?? { active: false, clientId: null, cloud: 'global' }
    return {
      key: key && toApiKey(binder, key),
      context: account && {
        integration,
        account: { ...account, isSuspended: row.suspendedAt !== null },
        grant: grant && withAccessToken(sealer, grant, token, resourceOf(account.protocol)),
        appToken: appToken && toIssuedAppToken(sealer, appToken),
      },
    }
  }

  return {
    read: async (mailAccountId: string): Promise<TokenIssueContext | null> =>
      (await readWithKey(null, mailAccountId)).context,

    readWithKey,
  }
}
