/**
 * Everything that issuing an access token depends on, in one round trip to D1. The SQL is written by hand, short and with
 * few columns: every call sends its text and returns every column's name, which limits how many tokens a Worker issues.
 */
import { eq, type GetColumnData } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import { grants, integrations, mailAccounts } from '../../schema/d1/tables.ts'
import type { ApiKeyRecord } from '../model/access.ts'
import type { TokenIssueContext } from '../model/loaded-mail-account.ts'
import type { AccessBinder } from './access-binding.ts'
import { apiKeyColumns, toApiKey } from './api-keys.ts'
import { appTokenColumns, toAppTokenWithToken } from './app-tokens.ts'
import { type Database, time } from './database.ts'
import { grantColumns, toGrantWithToken } from './grants.ts'
import type { Sealer } from './seal.ts'

/** Selects a row as one column: a JSON array of these columns, or null without a row. */
function packed<Columns extends Record<string, SQLiteColumn>>(alias: string, columns: Columns) {
  const members = Object.entries(columns).map(([key, column]) => ({ key, column }))
  const names = members.map(({ column }) => `${alias}.${column.name}`)
  return {
    sql: `iif(${alias}.id IS NULL, NULL, json_array(${names.join()})) AS ${alias}`,

    /** Returns the row as Drizzle would. */
    unpack(text: string) {
      const values: unknown[] = JSON.parse(text)
      const row: Record<string, unknown> = {}
      members.forEach(({ key, column }, at) => {
        const value = values[at]
        row[key] = value === null ? null : column.mapFromDriverValue(value)
      })
      return row as { [Key in keyof Columns]: GetColumnData<Columns[Key]> }
    },
  }
}

// A sealed value is a column of its own: it is long, and within the JSON it would be parsed twice.
const { secretHashSealed, ...shortKeyColumns } = apiKeyColumns
const packedKey = packed('k', shortKeyColumns)

const packedAccount = packed('m', {
  protocol: mailAccounts.protocol,
  host: mailAccounts.host,
  port: mailAccounts.port,
  security: mailAccounts.security,
  username: mailAccounts.username,
  delegate: mailAccounts.delegate,
  sender: mailAccounts.sender,
  authentication: mailAccounts.authentication,
  tenant: mailAccounts.tenant,
})

const { accessTokenSealed, ...shortGrantColumns } = grantColumns
const packedGrant = packed('g', { ...shortGrantColumns, lastUsedAt: grants.lastUsedAt })

const packedIntegration = packed('i', {
  active: integrations.active,
  clientId: integrations.clientId,
  cloud: integrations.cloud,
})

const packedAppToken = packed('t', appTokenColumns)

const COLUMNS = [
  packedAccount.sql,
  packedGrant.sql,
  `g.${accessTokenSealed.name}`,
  packedIntegration.sql,
  packedAppToken.sql,
].join()

const JOINS = `LEFT JOIN grants g ON g.id = m.grant_id
LEFT JOIN integrations i ON i.id = 'microsoft'
LEFT JOIN app_tokens t ON t.id = i.client_id || '|' || i.cloud || '|' || m.tenant`

const BY_ACCOUNT = `SELECT ${COLUMNS} FROM mail_accounts m ${JOINS} WHERE m.id = ?`

const BY_ACCOUNT_AND_KEY = `SELECT ${COLUMNS},${packedKey.sql},k.${secretHashSealed.name} FROM api_keys k
LEFT JOIN mail_accounts m ON m.id = ? ${JOINS} WHERE k.id = ?`

type Texts = [
  account: string | null,
  grant: string | null,
  accessTokenSealed: string | null,
  integration: string | null,
  appToken: string | null,
  key?: string,
  secretHashSealed?: string,
]

export function createTokenIssueStore(db: Database, sealer: Sealer, binder: AccessBinder) {
  async function query(statement: string, ...values: string[]): Promise<Texts | undefined> {
    const [row] = await db.$client
      .prepare(statement)
      .bind(...values)
      .raw<Texts>()
    return row
  }

  function toContext([account, grant, sealed, integration, appToken]: Texts) {
    if (account === null) return null
    const { sender: from, ...rest } = packedAccount.unpack(account)
    const grantRow = grant === null ? null : packedGrant.unpack(grant)
    const context: TokenIssueContext = {
      integration: integration === null ? NO_INTEGRATION : packedIntegration.unpack(integration),
      account: { ...rest, from },
      grant: grantRow && toGrantWithToken(sealer, { ...grantRow, accessTokenSealed: sealed }),
      appToken:
        appToken === null ? null : toAppTokenWithToken(sealer, packedAppToken.unpack(appToken)),
      lastUsedAt: time(grantRow?.lastUsedAt ?? null),
    }
    return context
  }

  return {
    async read(mailAccountId: string): Promise<TokenIssueContext | null> {
      const row = await query(BY_ACCOUNT, mailAccountId)
      return row ? toContext(row) : null
    },

    /** Reads the API key as well, in the same round trip. */
    async readWithKey(
      keyId: string,
      mailAccountId: string,
    ): Promise<{ key: ApiKeyRecord | null; context: TokenIssueContext | null }> {
      const row = await query(BY_ACCOUNT_AND_KEY, mailAccountId, keyId)
      const [, , , , , key, sealed] = row ?? []
      if (!row || key === undefined || sealed === undefined) return { key: null, context: null }
      const keyRow = { ...packedKey.unpack(key), secretHashSealed: sealed }
      return { key: toApiKey(binder, keyRow), context: toContext(row) }
    },

    async recordUse(grantId: string, now: Date): Promise<void> {
      await db.update(grants).set({ lastUsedAt: now.getTime() }).where(eq(grants.id, grantId))
    },
  }
}

const NO_INTEGRATION: TokenIssueContext['integration'] = {
  active: false,
  clientId: null,
  cloud: 'global',
}
