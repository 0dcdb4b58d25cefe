/** The health of the database file. */
import { statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { DatabaseHealth, DatabaseSize } from '../model/database-health.ts'
import { explainStorageFailure, storageFailureOf } from './storage-failures.ts'

/** Free space below which the disk counts as nearly full, unless the database is larger than this. */
const LOW_SPACE_BYTES = 100e6

/** `isDamaged`: returns whether SQLite has found the file damaged since it was opened. */
export const createFileHealth = (path: string, isDamaged: () => boolean): DatabaseHealth => ({
  explain(error) {
    const failure = storageFailureOf(error)
    return failure === null
      ? 'The database does not respond. Start Mailgrant again.'
      : explainStorageFailure(failure, 'The database')
  },
  async findProblem() {
    if (isDamaged()) {
      return { status: 'failed', detail: explainStorageFailure('damaged', 'The database') }
    }
    const { bytes, freeBytes } = measure(path)
    const detail = describeLowSpace(freeBytes, bytes)
    return detail === null ? null : { status: 'degraded', detail }
  },
  measure: async () => measure(path),
})

function measure(path: string): DatabaseSize {
  const { bavail, bsize } = statfsSync(dirname(path))
  return { bytes: sizeOf(path) + sizeOf(`${path}-wal`), freeBytes: bavail * bsize }
}

const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0

/** Returns null while there is room for a copy of the database, which an update requires, and some more. */
export const describeLowSpace = (freeBytes: number, databaseBytes: number): string | null =>
  freeBytes >= Math.max(LOW_SPACE_BYTES, databaseBytes)
    ? null
    : `The disk of the database has ${megabytes(freeBytes)} left, and the database takes ${megabytes(databaseBytes)}. Free some space, lower EVENT_RETENTION_DAYS, or raise VALIDATE_EVERY_HOURS: nothing can be stored on a full disk.`

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(bytes < 10e6 ? 1 : 0)} MB`
