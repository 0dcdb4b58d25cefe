/**
 * Everything that issuing an access token depends on, in one round trip to D1. The SQL is written by hand and short, since
 * every call sends it. Drizzle would add a tenth to the CPU time of an issued token.
 */

import type { GetColumnData } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { customers } from '../../schema/d1/operating-tables.ts'
import { integrations, mailAccounts } from '../../schema/d1/tables.ts'
import { resourceOf } from '../../schema/protocols.ts'
import type { ApiKeyRecord } from '../model/access.ts'
import type { TokenIssueContext } from '../model/loaded-mail-account.ts'
import type { AccessBinder } from './access-binding.ts'
import { apiKeyColumns, toApiKey } from './api-keys.ts'
import { issuedAppTokenColumns, toIssuedAppToken } from './app-tokens.ts'
import type { Database } from './database.ts'
import { refreshableColumns, sealedTokenColumns, toIssuableGrant } from './grants.ts'
import type { Sealer } from './seal.ts'

/** Selects a row as columns of the result from position `first` on. One that is never null must come first. */
function columnsOf<Columns extends Record<string, SQLiteColumn>>(
  alias: string,
  first: number,
  columns: Columns,
) {
  const members = Object.entries(columns)
  return {
    sql: members.map(([, { name }]) => `${alias}.${name}`).join(),
    end: first + members.length,

    /** Returns the row as Drizzle would; null without one. */
    read(values: readonly unknown[]) {
      if (values[first] === null) return null
      const row: Record<string, unknown> = {}
      let at = first
      for (const [key, column] of members) {
        const value = values[at++]
        row[key] = value === null ? null : column.mapFromDriverValue(value)
      }
      return row as { [Key in keyof Columns]: GetColumnData<Columns[Key]> }
    },
  }
}

const accounts = columnsOf('m', 0, {
  // Never null, as the first one must be.
  protocol: mailAccounts.protocol,
  customer: mailAccounts.customer,
  host: mailAccounts.host,
  port: mailAccounts.port,
  security: mailAccounts.security,
  username: mailAccounts.username,
  delegate: mailAccounts.delegate,
  from: mailAccounts.sender,
  authentication: mailAccounts.authentication,
  tenant: mailAccounts.tenant,
})
const accountGrants = columnsOf('g', accounts.end, refreshableColumns)
const { resource: _resource, wider: _wider, ...issued } = sealedTokenColumns
const grantTokens = columnsOf('a', accountGrants.end, issued)
const settings = columnsOf('i', grantTokens.end, {
  active: integrations.active,
  clientId: integrations.clientId,
  cloud: integrations.cloud,
})
const appTokens = columnsOf('t', settings.end, issuedAppTokenColumns)
const suspensions = columnsOf('c', appTokens.end, { suspendedAt: customers.suspendedAt })
const keys = columnsOf('k', suspensions.end, apiKeyColumns)

const COLUMNS = [accounts, accountGrants, grantTokens, settings, appTokens, suspensions]
  .map(({ sql }) => sql)
  .join()

const JOINS = `LEFT JOIN grants g ON g.id = m.grant_id
LEFT JOIN grant_tokens a ON a.grant_id = m.grant_id AND a.resource = m.resource
LEFT JOIN integrations i ON i.id = 'microsoft'
LEFT JOIN app_tokens t ON t.id = i.client_id || '|' || i.cloud || '|' || m.tenant || '|' || m.resource
LEFT JOIN customers c ON c.name = m.customer`

const BY_ACCOUNT = `SELECT ${COLUMNS} FROM mail_accounts m ${JOINS} WHERE m.id = ?`

const BY_ACCOUNT_AND_KEY = `SELECT ${COLUMNS},${keys.sql} FROM api_keys k
LEFT JOIN mail_accounts m ON m.id = ? ${JOINS} WHERE k.id = ?`

export function createTokenIssueStore(db: Database, sealer: Sealer, binder: AccessBinder) {
  async function query(statement: string, ...values: string[]): Promise<unknown[] | undefined> {
    const [row] = await db.$client
      .prepare(statement)
      .bind(...values)
      .raw()
    return row
  }

  function toContext(values: readonly unknown[]): TokenIssueContext | null {
    const account = accounts.read(values)
    const grant = accountGrants.read(values)
    const appToken = appTokens.read(values)
    return (
      account && {
        integration: settings.read(values) ?? NO_INTEGRATION,
        account: { ...account, isSuspended: suspensions.read(values) !== null },
        grant:
          grant &&
          toIssuableGrant(sealer, grant, grantTokens.read(values), resourceOf(account.protocol)),
        appToken: appToken && toIssuedAppToken(sealer, appToken),
      }
    )
  }

  return {
    async read(mailAccountId: string): Promise<TokenIssueContext | null> {
      const values = await query(BY_ACCOUNT, mailAccountId)
      return values ? toContext(values) : null
    },

    /** Reads the API key as well, in the same round trip. */
    async readWithKey(
      keyId: string,
      mailAccountId: string,
    ): Promise<{ key: ApiKeyRecord | null; context: TokenIssueContext | null }> {
      const values = await query(BY_ACCOUNT_AND_KEY, mailAccountId, keyId)
      const key = values && keys.read(values)
      return key
        ? { key: toApiKey(binder, key), context: toContext(values) }
        : { key: null, context: null }
    },
  }
}

const NO_INTEGRATION: TokenIssueContext['integration'] = {
  active: false,
  clientId: null,
  cloud: 'global',
}
