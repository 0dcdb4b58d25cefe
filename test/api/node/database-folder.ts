/** A folder with a Mailgrant database, for tests of commands on its file. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type CommandContext, runCommand } from '../../../api/node/commands.ts'
import { openDatabaseFile } from '../../../api/node/database.ts'
import { readMigrations } from '../../../api/node/migrations.ts'
import { DAY_MS } from '../../../schema/durations.ts'

export const MIGRATIONS = readMigrations(join(import.meta.dirname, '../../../schema/d1/migrations'))

export const NOW = new Date('2026-11-26T03:00:00.000Z')

/** Runs a command such as `backup FILE` on the database of the folder, at NOW. Returns what it prints. */
export function runCommandIn(
  dataDir: string,
  [name = '', ...args]: readonly string[],
  changes: Partial<CommandContext> = {},
): string {
  const context = {
    dataDir,
    databaseFile: join(dataDir, 'mailgrant.sqlite'),
    folder: '',
    keySource: join(dataDir, 'encryption-keys'),
    copyRules: { everyMs: DAY_MS, keep: 7 },
    migrations: MIGRATIONS,
    now: () => NOW,
    ...changes,
  }
  return runCommand(context, name, args)
}

/** A database without rows. Migrated once, since that takes longer than most of the tests. */
let empty: Uint8Array | undefined

/** Creates `mailgrant.sqlite` in the folder, with all tables and these API keys, beside the file that a start locks. */
export function createDatabase(folder: string, keyNames: readonly string[] = []): string {
  const path = join(folder, 'mailgrant.sqlite')
  writeFileSync(join(folder, 'lock.db'), '')
  if (empty) writeFileSync(path, empty, { mode: 0o600 })
  else {
    openDatabaseFile(path, MIGRATIONS).close()
    empty = readFileSync(path)
  }
  addKeys(path, keyNames)
  return path
}

export function addKeys(path: string, names: readonly string[]): void {
  withDatabase(path, (database) => {
    const insert = database.prepare(
      "INSERT INTO api_keys (id, name, secret_hash_sealed, scopes, app_only, created_at, created_by) VALUES (?, ?, '', 'read', 0, 0, 'root')",
    )
    for (const name of names) insert.run(keyId(name), name)
  })
}

/** Adds email accounts with a sign-in each, by the beginnings of their addresses. */
export function addAccounts(path: string, names: readonly string[]): void {
  withDatabase(path, (database) => {
    const grant =
      database.prepare(`INSERT INTO grants (id, saved_at, created_at, client_id, cloud, tenant_id, object_id,
        account_type, signed_in_as, scopes, refresh_token_sealed)
      VALUES (?, 0, 0, 'client', 'global', 'tenant', ?, 'work', ?, '', 'refresh token')`)
    const token =
      database.prepare(`INSERT INTO grant_tokens (grant_id, resource, protocols, access_token_sealed,
        access_token_expires_at)
      VALUES (?, 'outlook', 'imap', 'access token', 9e15)`)
    const account =
      database.prepare(`INSERT INTO mail_accounts (id, owner_type, protocol, host, port, security,
        username, authentication, grant_id, created_at, updated_at)
      VALUES (?, 'global', 'imap', 'h', 993, 'tls', ?, 'oauth', ?, 0, 0)`)
    for (const name of names) {
      grant.run(`gr_${name}`, name, `${name}@contoso.test`)
      token.run(`gr_${name}`)
      account.run(`ma_${name}`, `${name}@contoso.test`, `gr_${name}`)
    }
  })
}

/** Returns the beginnings of the addresses of the email accounts. */
export const accountNames = (path: string): unknown[] =>
  withDatabase(path, (database) =>
    database
      .prepare(
        "SELECT replace(username, '@contoso.test', '') AS name FROM mail_accounts ORDER BY 1",
      )
      .all()
      .map(({ name }) => name),
  )

/** Returns the id of a key by its name, of up to 26 letters. */
export const keyId = (name: string) => `key_${name.padEnd(26, 'a')}`

export function withDatabase<Value>(path: string, work: (database: DatabaseSync) => Value): Value {
  const database = new DatabaseSync(path)
  try {
    return work(database)
  } finally {
    database.close()
  }
}

export const keyNames = (path: string): unknown[] =>
  withDatabase(path, (database) =>
    database
      .prepare('SELECT name FROM api_keys ORDER BY name')
      .all()
      .map(({ name }) => name),
  )
