/** A copy of the database a day in BACKUP_DIR, of which the newest BACKUP_KEEP stay. */
import { execFile } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { HOUR_MS, MINUTE_MS } from '../../schema/durations.ts'
import { describeError, type Log } from '../log.ts'
import type { DatabaseHealth } from '../model/database-health.ts'
import { prepareFolder } from './data-folder.ts'
import type { Task } from './schedule.ts'

export type DailyCopies = {
  /**
   * Makes the copy of this day (UTC) unless it exists. Logs a failure, and tries again after an hour. Stops
   * when `ending` is aborted.
   */
  run: (ending: AbortSignal) => Promise<void>
  /** Describes the failure of the last copy for the readiness check; null after a success. */
  problem: () => string | null
}

export type DailyCopiesOptions = {
  folder: string
  /** Number of copies that stay. */
  keep: number
  now: () => Date
  log: Log
  /** Copies the database to this path. */
  copy: (target: string, ending: AbortSignal) => Promise<void>
}

const RETRY_MS = HOUR_MS

const NAME = /^mailgrant-\d{4}-\d\d-\d\d\.sqlite$/
/** Remains of an interrupted copy. */
const PART = /^mailgrant-\d{4}-\d\d-\d\d\.sqlite\.part$/

export function createDailyCopies(options: DailyCopiesOptions): DailyCopies {
  const { folder, keep, now, log, copy } = options
  let failedAt: Date | null = null
  /** Name of the last copy that is complete. */
  let last: string | null = null

  async function makeCopy(name: string, ending: AbortSignal): Promise<void> {
    prepareFolder('BACKUP_DIR', folder)
    const present = readdirSync(folder)
    if (present.includes(name)) return
    for (const part of present.filter((file) => PART.test(file))) rmSync(join(folder, part))
    await copy(join(folder, name), ending)
    log('info', 'backup_made')
    // By name, so that a clock that jumps removes nothing but the oldest.
    const copies = readdirSync(folder).filter((file) => NAME.test(file))
    for (const old of copies.sort().slice(0, -keep)) rmSync(join(folder, old))
  }

  return {
    async run(ending) {
      if (failedAt && Math.abs(now().getTime() - failedAt.getTime()) < RETRY_MS) return
      const name = `mailgrant-${now().toISOString().slice(0, 10)}.sqlite`
      // Without a look into the folder: one on the network may hang, and the server with it.
      if (name === last) return
      try {
        await makeCopy(name, ending)
        last = name
        failedAt = null
      } catch (error) {
        if (ending.aborted) return
        failedAt = now()
        log('error', 'backup_failed', { error: describeError(error) })
      }
    },
    problem: () =>
      failedAt &&
      `The daily copy of the database failed at ${failedAt.toISOString()}. Look for backup_failed in the log.`,
  }
}

export const dailyCopyTask = ({ run }: DailyCopies): Task => ({
  name: 'backup',
  intervalMs: MINUTE_MS,
  run,
})

/** Reports a failed copy as a problem of the database, so that the operator learns of it before a copy is needed. */
export const withBackupProblem = (
  health: DatabaseHealth,
  { problem }: Pick<DailyCopies, 'problem'>,
): DatabaseHealth => ({
  ...health,
  async findProblem() {
    const detail = problem()
    return (await health.findProblem()) ?? (detail === null ? null : { status: 'degraded', detail })
  },
})

/**
 * Copies the database in a process of its own, since reading and checking a large one would stall the API.
 * `command`: Node's arguments for the `backup` command. Rejects with its last line.
 */
export async function copyInProcess(
  command: readonly string[],
  target: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [...command, target], { signal })
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    throw new Error(output.split('\n').at(-1) || 'The backup command failed', { cause: error })
  }
}
