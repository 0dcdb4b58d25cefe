/**
 * Ciphertexts by the key that sealed them, counted and found by their labels. The sealed columns are derived from the
 * tables, so that none is missed.
 */
import { getTableColumns, getTableName, sql } from 'drizzle-orm'
import type { SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import type { Ciphertext } from '../model/storage.ts'
import { allTables } from './all-tables.ts'
import type { Database } from './database.ts'
import { kidOfLabel, labelOf } from './seal.ts'

/** Ciphertexts of one key in one column beyond which the census stops counting. */
const MAX_COUNTED = 50_000

type SealedColumn = {
  /** Table and column, such as `grants.refresh_token`. */
  name: string
  table: SQLiteTable
  tableName: string
  sealed: SQLiteColumn
  label: SQLiteColumn
}

export const sealedColumns: readonly SealedColumn[] = allTables.flatMap(columnsOf)

function columnsOf(table: SQLiteTable): SealedColumn[] {
  const tableName = getTableName(table)
  const columns = Object.values(getTableColumns(table))
  return columns.flatMap((sealed) => {
    const stem = /^(.+)_sealed$/.exec(sealed.name)?.[1]
    const label = columns.find(({ name }) => name === `${stem}_label`)
    return label ? [{ name: `${tableName}.${stem}`, table, tableName, sealed, label }] : []
  })
}

export function createKeyRingStore(db: Database) {
  const [first, ...others] = sealedColumns
  if (!first) throw new Error('the tables hold no sealed column')

  /**
   * Selects the labels of a column: one index step from each to the next. The first step must skip the rows without one
   * by a condition, since min() alone reads them.
   */
  const labels = ({ table, label }: SealedColumn) => sql`(
      WITH RECURSIVE found(label) AS (
        SELECT (SELECT min(${label}) FROM ${table} WHERE ${label} IS NOT NULL)
        UNION ALL
        SELECT (SELECT min(${label}) FROM ${table} WHERE ${label} > found.label)
        FROM found WHERE found.label IS NOT NULL)
      SELECT label FROM found WHERE label IS NOT NULL)`
  const distinct = (column: SealedColumn) =>
    db.select({ label: sql<string>`label` }).from(labels(column))

  const counted = (column: SealedColumn) =>
    db
      .select({
        label: sql<string>`label`,
        column: sql<string>`${column.name}`,
        count: sql<number>`(SELECT count(*) FROM (
          SELECT 1 FROM ${column.table} WHERE ${column.label} = labels.label LIMIT ${MAX_COUNTED}))`,
      })
      .from(sql`${labels(column)} AS labels`)

  return {
    columns: sealedColumns,
    maxCounted: MAX_COUNTED,

    /** Returns the ids of the keys in use: a few index steps for each column. */
    async kidsInUse(): Promise<string[]> {
      const found = await db.batch([distinct(first), ...others.map(distinct)])
      const kids = found.flat().map(({ label }) => kidOfLabel(label))
      return [...new Set(kids.filter((kid) => kid !== null))]
    },

    /** Counts the ciphertexts of each key in each column, up to `MAX_COUNTED`. */
    async readCensus(): Promise<{ kid: string; column: string; count: number }[]> {
      const found = await db.batch([counted(first), ...others.map(counted)])
      return found.flat().flatMap(({ label, column, count }) => {
        const kid = kidOfLabel(label)
        return kid === null ? [] : [{ kid, column, count }]
      })
    },

    /** Returns the ciphertexts of this key after `row`, in the order of rows. */
    async sealedBy(
      { table, tableName, sealed, label }: SealedColumn,
      kid: string,
      row: number,
      limit: number,
    ): Promise<Ciphertext[]> {
      return db
        .select({ row: sql<number>`rowid`, sealed: sql<string>`${sealed}` })
        .from(table)
        .where(sql`${label} = ${labelOf(kid, tableName)} AND rowid > ${row}`)
        .orderBy(sql`rowid`)
        .limit(limit)
    },

    /**
     * Replaces ciphertexts and returns how many. Skips those that were replaced in the meantime, since it compares the
     * old text, and no two are alike.
     */
    async replace(
      { table, sealed }: SealedColumn,
      rows: readonly (Ciphertext & { replacement: string })[],
    ): Promise<number> {
      if (rows.length === 0) return 0
      const column = sql.identifier(sealed.name)
      const result = await db.run(sql`
        UPDATE ${table} SET ${column} = change.value ->> 'replacement'
        FROM json_each(${JSON.stringify(rows)}) AS change
        WHERE ${table}.rowid = change.value ->> 'row'
          AND ${table}.${column} = change.value ->> 'sealed'`)
      return result.meta.changes
    },
  }
}
