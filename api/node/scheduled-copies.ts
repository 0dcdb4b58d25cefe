/**
 * Copies of the database in BACKUP_DIR, one in each BACKUP_EVERY. A separate process does all the work, since a large
 * database or a folder on a hanging network would stall the API.
 */
import { execFile } from 'node:child_process'
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { HOUR_MS } from '../../schema/durations.ts'
import { describeError, type Log } from '../log.ts'
import type { DatabaseHealth } from '../model/storage.ts'
import { prepareFolder } from './data-folder.ts'

/** Command of the process. An operator has `backup`. */
export const SCHEDULED_COPY = 'scheduled-copy'

export type CopyRules = {
  /** Length of an interval. They are counted from 1970, in UTC. */
  everyMs: number
  /** Number of copies to keep, and number of days of which the newest copy is kept, too. */
  keep: number
}

/** `made`: false if the interval had its copy already. */
type ScheduledCopy = { name: string; made: boolean }

const NAME = /^mailgrant-(\d{4}-\d\d-\d\d)T(\d\d)(\d\d)Z\.sqlite$/
/** Remains of an interrupted copy. */
const PART = /^mailgrant-[\dTZ-]+\.sqlite\.part$/

/** Returns a name such as `mailgrant-2026-11-26T1415Z.sqlite`. */
const nameAt = (time: Date) =>
  `mailgrant-${time.toISOString().slice(0, 16).replace(':', '')}Z.sqlite`

const timeOf = (name: string) => new Date(name.replace(NAME, '$1T$2:$3Z'))
const intervalOf = (time: Date, everyMs: number) => Math.floor(time.getTime() / everyMs)
const dayOf = (name: string) => name.replace(NAME, '$1')

/**
 * Makes the copy of the present interval unless it exists, and removes those that no longer stay. Throws StartFailure.
 * `copy`: copies the database to this path.
 */
export function makeScheduledCopy(
  folder: string,
  { everyMs, keep }: CopyRules,
  now: Date,
  copy: (target: string) => void,
): ScheduledCopy {
  prepareFolder('BACKUP_DIR', folder)
  const files = readdirSync(folder)
  const present = files.filter((file) => NAME.test(file)).sort()
  const last = present.findLast(
    (name) => intervalOf(timeOf(name), everyMs) === intervalOf(now, everyMs),
  )
  if (last !== undefined) return { name: last, made: false }
  for (const file of files.filter((each) => PART.test(each))) rmSync(join(folder, file))
  const name = nameAt(now)
  copy(join(folder, name))
  for (const file of findOld([...present, name].sort(), name, keep)) rmSync(join(folder, file))
  return { name, made: true }
}

/**
 * Returns the copies to remove, by their names. Copies later than `made` exist if the clock was ahead, or is behind
 * now. They stay until they are older, and push out no other.
 */
function findOld(names: readonly string[], made: string, keep: number): string[] {
  const group = names.filter((name) => name <= made)
  const ofDays = [...new Map(group.map((name) => [dayOf(name), name])).values()]
  const staying = [...group.slice(-keep), ...ofDays.slice(-keep)]
  return group.filter((name) => !staying.includes(name))
}

type ScheduledCopiesOptions = {
  everyMs: number
  now: () => Date
  log: Log
  /** Runs `makeScheduledCopy`. */
  makeCopy: (ending: AbortSignal) => Promise<ScheduledCopy>
}

type ScheduledCopies = ReturnType<typeof createScheduledCopies>

export function createScheduledCopies({ everyMs, now, log, makeCopy }: ScheduledCopiesOptions) {
  const patienceMs = Math.min(everyMs, HOUR_MS)
  let failedAt: Date | null = null
  let lastAt: Date | null = null

  return {
    /**
     * Makes the copy of this interval unless it exists. Logs a failure, and tries again after the interval or an hour,
     * whichever is shorter. Stops when `ending` is aborted.
     */
    async run(ending: AbortSignal): Promise<void> {
      const hasJustFailed = failedAt && Math.abs(now().getTime() - failedAt.getTime()) < patienceMs
      const isMade = lastAt && intervalOf(lastAt, everyMs) === intervalOf(now(), everyMs)
      if (hasJustFailed || isMade) return
      try {
        const { name, made } = await makeCopy(ending)
        if (made) log('info', 'backup_made')
        lastAt = timeOf(name)
        failedAt = null
      } catch (error) {
        if (ending.aborted) return
        failedAt = now()
        log('error', 'backup_failed', { error: describeError(error) })
      }
    },
    /** Describes a failure of the last copy for the readiness check; null after a success. */
    problem(): string | null {
      if (failedAt === null) return null
      const last = lastAt === null ? '' : ` The last one is of ${lastAt.toISOString()}.`
      return `The copy of the database failed at ${failedAt.toISOString()}.${last} Look for backup_failed in the log.`
    },
    /** Time of the last complete copy; null until one is known. */
    lastAt: () => lastAt,
  }
}

/** Reports a failed copy as a database problem, while there is time to mend it. */
export const withBackupProblem = (
  health: DatabaseHealth,
  { problem }: Pick<ScheduledCopies, 'problem'>,
): DatabaseHealth => ({
  ...health,
  async findProblem() {
    const detail = problem()
    return (await health.findProblem()) ?? (detail === null ? null : { status: 'degraded', detail })
  },
})

/**
 * Runs `makeScheduledCopy` in a process of its own. `command`: Node's arguments for SCHEDULED_COPY. Rejects with the last
 * line of its error.
 */
export async function copyInProcess(
  command: readonly string[],
  folder: string,
  signal: AbortSignal,
): Promise<ScheduledCopy> {
  try {
    const run = promisify(execFile)
    // A network folder can hang.
    const options = { signal, timeout: HOUR_MS }
    const { stdout } = await run(process.execPath, [...command, folder], options)
    return JSON.parse(stdout)
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : ''
    throw new Error(output.split('\n').at(-1) || 'The copy of the database failed', {
      cause: error,
    })
  }
}
