import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as appTokenTables from '../../schema/d1/app-tokens.ts'
import * as dailyCountTables from '../../schema/d1/daily-counts.ts'
import * as operatingTables from '../../schema/d1/operating-tables.ts'
import * as tables from '../../schema/d1/tables.ts'
import * as tokenUseTables from '../../schema/d1/token-uses.ts'

export const allTables: readonly SQLiteTable[] = Object.values({
  ...tables,
  ...operatingTables,
  ...appTokenTables,
  ...dailyCountTables,
  ...tokenUseTables,
})
