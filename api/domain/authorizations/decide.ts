/** The answer to "keep or discard?", from the browser that signed in. */
import { type Refusal, refuse } from '../../result.ts'
import type { Call, Services } from '../../services.ts'
import { mismatchFacts } from '../diagnosing/facts.ts'
import { matchesHash } from '../secrets.ts'
import { type Ending, endCompleted, endFailed, stopped, stoppedOf } from './ending.ts'
import { expired, used } from './link.ts'
import { cookieName } from './start.ts'
import { openUndecided } from './undecided.ts'
import { NO_HASH, statusOf } from './views.ts'

export type Decision = {
  authorization: string
  undecided: string
  decision: 'keep' | 'discard'
}

export const wrongBrowser = refuse(
  'wrong_browser',
  'This sign-in was not started in this browser, or it was started again since. Go back to where you came from and start again here.',
)

export async function decide(
  services: Services,
  call: Call,
  answer: Decision,
  cookie: (name: string) => string | undefined,
): Promise<Ending> {
  const { authorization: id, decision } = answer
  const record = await services.store.authorizations.read(id)
  const known = await matchesHash(cookie(cookieName(id)) ?? '', record?.hashes.browser ?? NO_HASH)
  if (!record || !known) return stopped(wrongBrowser.error)
  const now = services.now()
  const over = (refusal: Refusal) => stoppedOf(refusal, record, now)
  const status = statusOf(record, now)
  if (status === 'expired') return over(expired(record))
  if (status !== 'pending' || !record.mismatch) return over(used)
  const grant = await openUndecided(services, id, answer.undecided)
  if (!grant) return over(expired(record))
  const work =
    decision === 'keep'
      ? endCompleted(services, call, record, grant)
      : endFailed(
          services,
          call,
          record,
          refuse(
            'account_mismatch',
            `${grant.signedInAs} signed in, not ${record.delegate ?? record.username}, and was discarded. Nothing was kept: start again, and Microsoft asks which account to use.`,
            { facts: mismatchFacts(grant.signedInAs) },
          ).error,
          { mismatch: true, discarded: grant.signedInAs },
        )
  call.defer(work.catch(() => undefined))
  return work
}
