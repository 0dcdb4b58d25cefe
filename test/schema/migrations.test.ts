import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { getTableColumns, getTableName } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { readMigrations } from '../../api/node/migrations.ts'
import { allTables } from '../../api/store/all-tables.ts'

const folder = join(import.meta.dirname, '../../schema/d1')
const migrations = readMigrations(join(folder, 'migrations'))

it('make the columns of the tables, and no others (npm run migration)', () => {
  const database = new DatabaseSync(':memory:')
  for (const { sql } of migrations) database.exec(sql)
  const made = database
    .prepare(
      `SELECT tables.name || '.' || columns.name AS name
        FROM sqlite_schema AS tables, pragma_table_xinfo(tables.name) AS columns
        WHERE tables.type = 'table'`,
    )
    .all()
    .map(({ name }) => name)
  const wanted = allTables.flatMap((table) =>
    Object.values(getTableColumns(table)).map(({ name }) => `${getTableName(table)}.${name}`),
  )
  expect(made.toSorted()).toEqual(wanted.toSorted())
})

it('contain the triggers as triggers.sql has them (npm run migration)', () => {
  const triggers = readFileSync(join(folder, 'triggers.sql'), 'utf8')
  expect(migrations.map(({ sql }) => sql).join('\n')).toContain(triggers)
})
