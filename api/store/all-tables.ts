import type { SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as operatingTables from '../../schema/d1/operating-tables.ts'
import * as tables from '../../schema/d1/tables.ts'

export const allTables: readonly SQLiteTable[] = Object.values({ ...tables, ...operatingTables })
