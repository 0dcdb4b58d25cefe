/**
 * The identity of the database file, in a table that D1 does not have: which file of revocations belongs to it, and
 * whether it is a copy that has been put back.
 */
import { randomBytes } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'

export type Lineage = {
  /** Random id, the same in the database and in its file of revocations. */
  id: string
  /** Time at which this copy was made; null in the database that the server writes. */
  copiedAt: Date | null
}

/** Marks the database file at `path` as a copy, so that the start knows that it has been restored. */
export function markAsCopy(path: string, now: Date): void {
  const database = new DatabaseSync(path)
  try {
    createTable(database)
    const marked = database.prepare('UPDATE database_file SET copied_at = ?').run(now.getTime())
    if (marked.changes === 0) writeLineage(database, { id: newLineageId(), copiedAt: now })
  } finally {
    database.close()
  }
}

/** Returns null for a database that no server has opened yet. */
export function readLineage(database: DatabaseSync): Lineage | null {
  createTable(database)
  const row = database.prepare('SELECT id, copied_at FROM database_file').get()
  if (!row) return null
  const copiedAt = row.copied_at === null ? null : new Date(Number(row.copied_at))
  return { id: String(row.id), copiedAt }
}

export function writeLineage(database: DatabaseSync, { id, copiedAt }: Lineage): void {
  createTable(database)
  database
    .prepare(
      'INSERT INTO database_file (one, id, copied_at) VALUES (1, ?, ?) ON CONFLICT DO UPDATE SET id = excluded.id, copied_at = excluded.copied_at',
    )
    .run(id, copiedAt?.getTime() ?? null)
}

export const newLineageId = (): string => randomBytes(16).toString('hex')

const createTable = (database: DatabaseSync) =>
  database.exec(
    'CREATE TABLE IF NOT EXISTS database_file (one INTEGER PRIMARY KEY CHECK (one = 1), id TEXT NOT NULL, copied_at INTEGER)',
  )
