/** The health of the database files while they are open. */
import { realpathSync, statfsSync, statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { MINUTE_MS } from '../../schema/durations.ts'
import type { Log } from '../log.ts'
import { type DatabaseHealth, type DatabaseSize, WritesRefused } from '../model/storage.ts'
import type { DatabaseWatch } from './d1.ts'
import { explainStorageFailure, storageFailureOf } from './failures.ts'
import type { Task } from './schedule.ts'

/** Free space below which the disk counts as nearly full, unless the database is larger than this. */
const LOW_SPACE_BYTES = 100e6

export type FileHealth = DatabaseHealth &
  DatabaseWatch & {
    /** Looks at the files each minute. */
    task: Task
  }

/** Remembers the files of the database `path`, which has just been opened, and watches them. */
export function createFileHealth(path: string, log: Log): FileHealth {
  const findChanged = rememberFiles(path)
  /** True once SQLite has read a damaged page. Only a start with a sound file mends that. */
  let isDamaged = false
  let reported: string | null = null

  /** Returns why nothing is written, and logs it once. */
  function findRefusal(): string | null {
    const damage = isDamaged ? explainStorageFailure('damaged', 'The database') : null
    const reason = findChanged() ?? damage
    if (reason !== reported) {
      if (reason === null) log('info', 'writes_accepted')
      else log('error', 'writes_refused', { detail: reason })
    }
    reported = reason
    return reason
  }

  return {
    explain(error) {
      const failure = storageFailureOf(error)
      return failure === null
        ? 'The database does not respond. Start Mailgrant again.'
        : explainStorageFailure(failure, 'The database')
    },
    async findProblem() {
      const refusal = findRefusal()
      if (refusal !== null) return { status: 'failed', detail: refusal }
      const { bytes, freeBytes } = measure(path)
      const detail = describeLowSpace(freeBytes, bytes)
      return detail === null ? null : { status: 'degraded', detail }
    },
    measure: async () => measure(path),
    noteError(error) {
      isDamaged ||= storageFailureOf(error) === 'damaged'
    },
    requireWritable() {
      const refusal = findRefusal()
      if (refusal !== null) throw new WritesRefused(refusal)
    },
    task: {
      name: 'database_file',
      intervalMs: MINUTE_MS,
      run: async () => void findRefusal(),
    },
  }
}

/**
 * Returns a function that finds a file which is not the one that is open, and says what to do about it. SQLite itself
 * goes on with deleted files, so that acknowledged writes are lost.
 */
function rememberFiles(path: string): () => string | null {
  // SQLite creates its other files beside the target of a link.
  const real = realpathSync(path)
  const files = [path, `${real}-wal`, `${real}-shm`]
  const opened = files.map(identityOf)
  return () => {
    const changed = files.find((file, index) => identityOf(file) !== opened[index])
    return changed === undefined ? null : explainChange(changed, changed === path)
  }
}

/** Returns device and inode, read as bigint, since some file systems have inodes above 2^53. */
function identityOf(file: string): string | undefined {
  const stats = statSync(file, { bigint: true, throwIfNoEntry: false })
  return stats && `${stats.dev}:${stats.ino}`
}

const explainChange = (file: string, isDatabase: boolean): string =>
  `The file ${basename(file)} was deleted, moved or replaced while Mailgrant was running, so nothing is stored any more. ${
    isDatabase
      ? 'Put the same file back. If it is gone, do not stop Mailgrant before you have read "Backup and restore", which says how to copy the file that is still open.'
      : 'Stop Mailgrant with SIGTERM, which saves everything that was stored, and start it again.'
  }`

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
