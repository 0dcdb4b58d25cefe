/**
 * Many mail accounts, each with a grant of its own: copies of one that the product has made, as large as
 * that one. The tokens of the first few can be opened; those of the rest are sealed for another row.
 * Runs in the Worker.
 */
import { newId } from '../../api/domain/secrets.ts'
import type { Sealer } from '../../api/store/seal.ts'
import { columnsOf } from './columns.ts'

/** Rows in one statement: its list of ids stays far below the 2 MB that D1 takes as a value. */
const AT_A_TIME = 5000

/** The ids of an account and its grant differ in their beginnings only. */
const ACCOUNT = 'ma_'
const GRANT = 'gr_'

export type Wish = {
  /** Id of the account to copy. */
  original: string
  /** So many accounts in all. */
  count: number
  /** So many copies work. They are inserted before all others. */
  openable: number
}

/** The accounts that work. */
export async function addCopies(
  db: D1Database,
  sealer: Sealer,
  { original, count, openable }: Wish,
): Promise<string[]> {
  const grant = await ask(db, 'SELECT grant_id AS value FROM mail_accounts WHERE id = ?', original)
  const there = await ask(db, 'SELECT count(*) AS value FROM mail_accounts WHERE id <> ?', '')
  const random = (n: number) => crypto.getRandomValues(new Uint8Array(n))
  const tails = Array.from({ length: count - Number(there) }, () =>
    newId('mailAccount', random).slice(ACCOUNT.length),
  )
  async function insert(part: readonly string[]): Promise<void> {
    const [grantId, id] = [GRANT, ACCOUNT].map((prefix) => `'${prefix}' || tail.value`)
    await copy(db, 'grants', String(grant), { id: String(grantId) }, part)
    const other = { id: String(id), grant_id: String(grantId) }
    await copy(db, 'mail_accounts', original, other, part)
  }
  const working = tails.slice(0, openable)
  await insert(working)
  for (const column of ['access_token', 'refresh_token']) {
    await sealAnew(db, sealer, column, String(grant), working)
  }
  for (let done = openable; done < tails.length; done += AT_A_TIME) {
    await insert(tails.slice(done, done + AT_A_TIME))
  }
  return working.map((tail) => ACCOUNT + tail)
}

const ask = async (db: D1Database, sql: string, value: string): Promise<unknown> =>
  db.prepare(sql).bind(value).first('value')

/** `other` are the columns that differ, in SQL. */
async function copy(
  db: D1Database,
  table: string,
  id: string,
  other: Record<string, string>,
  tails: readonly string[],
): Promise<void> {
  const columns = await columnsOf(db, table)
  const values = columns.map((name) => other[name] ?? `original.${name}`)
  await db
    .prepare(
      `INSERT INTO ${table} (${columns}) SELECT ${values}
       FROM ${table} AS original, json_each(?1) AS tail WHERE original.id = ?2`,
    )
    .bind(JSON.stringify(tails), id)
    .run()
}

/** The token of the original, sealed for the rows of these copies. */
async function sealAnew(
  db: D1Database,
  sealer: Sealer,
  column: string,
  original: string,
  tails: readonly string[],
): Promise<void> {
  const place = (row: string) => ({ table: 'grants', row, column })
  const sealed = await ask(
    db,
    `SELECT ${column}_sealed AS value FROM grants WHERE id = ?`,
    original,
  )
  const token = await sealer.open(String(sealed), place(original))
  const anew = tails.map(async (tail) => ({
    id: GRANT + tail,
    sealed: await sealer.seal(token, place(GRANT + tail)),
  }))
  await db
    .prepare(
      `UPDATE grants SET ${column}_sealed = anew.value ->> 'sealed'
       FROM json_each(?) AS anew WHERE grants.id = anew.value ->> 'id'`,
    )
    .bind(JSON.stringify(await Promise.all(anew)))
    .run()
}
