/** Reads everything that decides a login, in one round trip to D1. */
import { and, eq, sql } from 'drizzle-orm'
import { customers } from '../../schema/d1/operating-tables.ts'
import {
  appTokens,
  grants,
  grantTokens,
  integrations,
  mailAccounts,
} from '../../schema/d1/tables.ts'
import type { Protocol } from '../../schema/mail-servers.ts'
import { resourceOf } from '../../schema/protocols.ts'
import type { AccessScope } from '../model/access.ts'
import type { LoginContext } from '../model/loaded-mail-account.ts'
import { accountWithin, grantWithin } from './access-scope.ts'
import { appTokenOf, issuedAppTokenColumns, toIssuedAppToken } from './app-tokens.ts'
import type { Database } from './database.ts'
import { grantColumns, sealedTokenColumns, tokenOfGrant, withAccessToken } from './grants.ts'
import { mailAccountColumns, toStoredMailAccount } from './mail-accounts.ts'
import type { Sealer } from './seal.ts'
import { NEW_PROTOCOLS } from './settings.ts'

/**
 * Values of a form, null where it has none. `account`: whose stored password the form may use. `protocol`: null means
 * that of the account. `customer`: as stated in the form.
 */
type Form = Record<'account' | 'grant' | 'tenant' | 'customer', string | null> & {
  protocol: Protocol | null
}

export function createLoginContextStore(db: Database, sealer: Sealer) {
  async function read({ protocol, ...form }: Form, scope: AccessScope): Promise<LoginContext> {
    const grantId = sql`coalesce(${form.grant}, ${mailAccounts.grantId})`
    const resource = sql`coalesce(${protocol && resourceOf(protocol)}, ${mailAccounts.resource})`
    const tenant = sql`coalesce(${form.tenant}, ${mailAccounts.tenant})`
    // Another customer in the form does not lift the suspension of the stored one.
    const isSuspended = sql<number | null>`(SELECT min(${customers.suspendedAt}) FROM ${customers}
      WHERE ${customers.name} IN (${form.customer}, ${mailAccounts.customer}, ${grants.customer}))`
    const [row] = await db
      .select({
        account: mailAccountColumns,
        grant: grantColumns,
        token: sealedTokenColumns,
        appToken: issuedAppTokenColumns,
        integration: {
          active: integrations.active,
          clientId: integrations.clientId,
          cloud: integrations.cloud,
          protocols: integrations.protocols,
        },
        suspendedAt: isSuspended,
      })
      .from(sql`(SELECT 1)`)
      .leftJoin(integrations, eq(integrations.id, sql`'microsoft'`))
      .leftJoin(mailAccounts, and(sql`${mailAccounts.id} = ${form.account}`, accountWithin(scope)))
      .leftJoin(grants, and(sql`${grants.id} = ${grantId}`, grantWithin(scope)))
      .leftJoin(grantTokens, tokenOfGrant(grants.id, resource))
      .leftJoin(appTokens, appTokenOf(tenant, resource))
    if (!row) throw new Error('A join without a row')
    const { account, grant, token, appToken, integration, suspendedAt } = row
    return {
      account: account && toStoredMailAccount(sealer, account),
      grant:
        grant &&
        withAccessToken(sealer, grant, token, resourceOf(protocol ?? account?.protocol ?? 'imap')),
      appToken: appToken && toIssuedAppToken(sealer, appToken),
      integration: {
        active: false,
        clientId: null,
        cloud: 'global',
        protocols: NEW_PROTOCOLS,
        ...integration,
      },
      isSuspended: suspendedAt !== null,
    }
  }

  return {
    readForm: (form: Form, scope: AccessScope) => read(form, scope),

    readAccount: (account: string, scope: AccessScope) =>
      read({ account, grant: null, tenant: null, protocol: null, customer: null }, scope),
  }
}
