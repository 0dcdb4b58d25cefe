/**
 * Creates many mail accounts, each with its own grant, as full-size copies of an existing one. The tokens
 * of the first copies are encrypted for their own rows and work; those of the others cannot be decrypted.
 * Runs in the Worker.
 */
import { newId } from '../../api/domain/secrets.ts'
import type { Sealer } from '../../api/store/seal.ts'
import { writableColumns } from './columns.ts'

/** Rows per statement, which keeps the list of IDs far below D1's limit of 2 MB per value. */
const ROWS_PER_STATEMENT = 5000

/** ID prefixes. The IDs of a copied account and its grant differ only in the prefix. */
const ACCOUNT_PREFIX = 'ma_'
const GRANT_PREFIX = 'gr_'

export type CopyRequest = {
  /** ID of the account to copy. */
  original: string
  /** Total number of accounts. */
  count: number
  /** Number of copies that work. They are inserted first. */
  working: number
}

/** Adds the copies. Returns the IDs of the accounts that work. */
export async function addCopies(
  db: D1Database,
  sealer: Sealer,
  { original, count, working }: CopyRequest,
): Promise<string[]> {
  const grant = await readValue(
    db,
    'SELECT grant_id AS value FROM mail_accounts WHERE id = ?',
    original,
  )
  const existing = await readValue(
    db,
    'SELECT count(*) AS value FROM mail_accounts WHERE id <> ?',
    '',
  )
  const random = (n: number) => crypto.getRandomValues(new Uint8Array(n))
  const tails = Array.from({ length: count - Number(existing) }, () =>
    newId('mailAccount', random).slice(ACCOUNT_PREFIX.length),
  )
  async function insert(batch: readonly string[]): Promise<void> {
    const [grantId, id] = [GRANT_PREFIX, ACCOUNT_PREFIX].map(
      (prefix) => `'${prefix}' || tail.value`,
    )
    await copy(db, 'grants', String(grant), { id: String(grantId) }, batch)
    await copy(db, 'grant_tokens', String(grant), { grant_id: String(grantId) }, batch)
    const changed = { id: String(id), grant_id: String(grantId) }
    await copy(db, 'mail_accounts', original, changed, batch)
  }
  const workingTails = tails.slice(0, working)
  await insert(workingTails)
  for (const column of ['access_token', 'refresh_token'] as const) {
    await encryptForCopies(db, sealer, column, String(grant), workingTails)
  }
  for (let done = working; done < tails.length; done += ROWS_PER_STATEMENT) {
    await insert(tails.slice(done, done + ROWS_PER_STATEMENT))
  }
  return workingTails.map((tail) => ACCOUNT_PREFIX + tail)
}

const readValue = async (db: D1Database, sql: string, value: string): Promise<unknown> =>
  db.prepare(sql).bind(value).first('value')

const keyOf = (table: string) => (table === 'grant_tokens' ? 'grant_id' : 'id')

/** Inserts copies of a row. `changed` maps columns that differ to SQL expressions. */
async function copy(
  db: D1Database,
  table: string,
  id: string,
  changed: Record<string, string>,
  tails: readonly string[],
): Promise<void> {
  const columns = await writableColumns(db, table)
  const values = columns.map((name) => changed[name] ?? `original.${name}`)
  await db
    .prepare(
      `INSERT INTO ${table} (${columns}) SELECT ${values}
       FROM ${table} AS original, json_each(?1) AS tail WHERE original.${keyOf(table)} = ?2`,
    )
    .bind(JSON.stringify(tails), id)
    .run()
}

/** Encrypts a token of the original for the rows of these copies. */
async function encryptForCopies(
  db: D1Database,
  sealer: Sealer,
  column: 'access_token' | 'refresh_token',
  original: string,
  tails: readonly string[],
): Promise<void> {
  const table = column === 'access_token' ? 'grant_tokens' : 'grants'
  const context = (id: string) => ({
    table,
    row: table === 'grants' ? id : `${id}|outlook`,
    column,
  })
  const sealed = await readValue(
    db,
    `SELECT ${column}_sealed AS value FROM ${table} WHERE ${keyOf(table)} = ?`,
    original,
  )
  const token = await sealer.open(String(sealed), context(original))
  const rows = tails.map(async (tail) => ({
    id: GRANT_PREFIX + tail,
    sealed: await sealer.seal(token, context(GRANT_PREFIX + tail)),
  }))
  await db
    .prepare(
      `UPDATE ${table} SET ${column}_sealed = copy.value ->> 'sealed'
       FROM json_each(?) AS copy WHERE ${table}.${keyOf(table)} = copy.value ->> 'id'`,
    )
    .bind(JSON.stringify(await Promise.all(rows)))
    .run()
}
