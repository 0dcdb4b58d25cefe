/** Finds backlogs of the maintenance from the records of its runs, long before anything is lost. */
import { DAY_MS, HOUR_MS } from '../../../../schema/durations.ts'
import type { TaskRecord } from '../../../model/operations.ts'

/** More than a hundred runs. A minute that fails, or an incident of an hour, does no harm. */
const SILENCE_MS = 2 * HOUR_MS
/** Each task finishes a day's work for 100,000 mailboxes within a day. */
const BACKLOG_MS = DAY_MS
/** Grants are refreshed after 20 days, and Microsoft expires them after 90. */
const IDLE_LIMIT_MS = 45 * DAY_MS

/** Advice for the operator about a task that is behind. */
const ADVICE: Record<string, string> = {
  purge: 'Expired data stays longer and fills the database.',
  refresh:
    'Look for refresh_failed in the log. Microsoft expires a sign-in after 90 days without use.',
  reencrypt: 'Do not remove an encryption key yet.',
  validate: 'Raise VALIDATE_EVERY_HOURS, or look at the checker. Tokens are not affected.',
}

/** Returns what is behind, in sentences. `idleSince`: last refresh of the longest idle grant, null without grants. */
export function findBacklogs(tasks: readonly TaskRecord[], idleSince: Date | null, now: Date) {
  const age = (time: Date) => now.getTime() - time.getTime()
  const lastRun = tasks.map(({ finishedAt }) => finishedAt).sort((a, b) => +b - +a)[0]
  const sentences: string[] = []
  if (lastRun === undefined) {
    // A new deployment has nothing to maintain.
    if (idleSince && age(idleSince) > SILENCE_MS)
      sentences.push(`Maintenance has never run. ${CRON}`)
  } else if (age(lastRun) > SILENCE_MS) {
    sentences.push(`Maintenance has not finished a task since ${lastRun.toISOString()}. ${CRON}`)
  } else {
    for (const { task, finishedAt, behindSince } of tasks) {
      if (age(finishedAt) > SILENCE_MS) {
        sentences.push(
          `The maintenance task ${task} has failed since ${finishedAt.toISOString()}. Look for maintenance_failed in the log.`,
        )
      } else if (behindSince && age(behindSince) > BACKLOG_MS) {
        const advice = ADVICE[task] ?? ''
        sentences.push(
          `The maintenance task ${task} has been falling behind since ${behindSince.toISOString()}. ${advice}`.trim(),
        )
      }
    }
  }
  if (idleSince && age(idleSince) > IDLE_LIMIT_MS) {
    sentences.push(
      `A working sign-in was last refreshed at ${idleSince.toISOString()}. Microsoft expires it 90 days later.`,
    )
  }
  return sentences
}

const CRON =
  'Look for maintenance_failed in the log; on Cloudflare, also check the cron triggers of the Worker.'
