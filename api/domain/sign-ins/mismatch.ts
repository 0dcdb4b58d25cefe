/**
 * The tokens of an unexpected account while the person decides. They travel in a form field, sealed for one authorization
 * and with an expiry, so that those of a discarded sign-in are never stored. Confirming completes the sign-in with that
 * account.
 */
import { MINUTE_MS } from '../../../schema/durations.ts'
import type { NewGrant } from '../../model/grant.ts'
import type { Reason } from '../../model/reason.ts'
import { SealBroken } from '../../model/storage.ts'
import type { Call, Services } from '../../services.ts'
import { mismatchFacts } from '../failures/facts.ts'
import { expiredReason, progressBlockedReason } from './authorization-status.ts'
import {
  completeSignIn,
  failSignIn,
  rejected,
  rejectedWithReturn,
  type SignInOutcome,
} from './outcome.ts'
import { provesSecret, requesterOf } from './sign-in-link.ts'

/** Time to decide between keep and discard. */
export const DECISION_TIME_MS = 10 * MINUTE_MS

type PendingMismatch = { until: number; grant: NewGrant; accessTokenExpiresAt: number }

const sealContext = (row: string) => ({ table: 'authorizations', row, column: 'undecided' })

/** Seals the tokens for the form field. They can be opened for this authorization only, and until `until`. */
export function sealPendingMismatch(services: Services, id: string, grant: NewGrant, until: Date) {
  const undecided: PendingMismatch = {
    until: until.getTime(),
    grant,
    accessTokenExpiresAt: grant.tokens.accessTokenExpiresAt.getTime(),
  }
  return services.store.sealer.seal(JSON.stringify(undecided), sealContext(id))
}

/** Returns null for a value that has expired or was not sealed for this authorization. Throws KeyMissing. */
async function openPendingMismatch(services: Services, id: string, sealed: string) {
  try {
    // The seal authenticates its content, so the type is certain.
    const text = await services.store.sealer.open(sealed, sealContext(id))
    const { until, grant, accessTokenExpiresAt } = JSON.parse(text) as PendingMismatch
    if (until <= services.now().getTime()) return null
    const tokens = { ...grant.tokens, accessTokenExpiresAt: new Date(accessTokenExpiresAt) }
    return { ...grant, tokens }
  } catch (error) {
    if (error instanceof SealBroken) return null
    throw error
  }
}

type MismatchDecision = {
  authorization: string
  /** The sealed tokens that the question carried. */
  undecided: string
  decision: 'keep' | 'discard'
}

/** Returns the secret that binds the browser to this authorization, if the browser sent it. */
export type BrowserSecret = (authorizationId: string) => string | undefined

/**
 * Keeps or discards the account that signed in. Works once, in the browser that holds the secret. The work goes on if
 * that browser disconnects.
 */
export async function confirmMismatch(
  services: Services,
  call: Call,
  { authorization: id, undecided, decision }: MismatchDecision,
  browserSecret: BrowserSecret,
): Promise<SignInOutcome> {
  const { store } = services
  const [found, integration] = await Promise.all([
    store.authorizations.readWithOldGrant(id),
    store.integrations.read(),
  ])
  if (!found || !provesSecret(services, found.authorization, 'browser', browserSecret(id) ?? ''))
    return rejected({ reason: 'wrong_browser' })
  const { authorization: record } = found
  const now = services.now()
  const reject = (reason: Reason) => rejectedWithReturn(reason, record, now)
  // The sign-in has come back from Microsoft, and waits for this decision.
  const blockedReason = progressBlockedReason({ ...record, consumedAt: null }, now)
  if (blockedReason) return reject(blockedReason)
  if (!record.mismatch) return reject({ reason: 'authorization_used' })
  if (!(await requesterOf(services, found, integration))) return reject({ reason: 'link_ended' })
  const grant = await openPendingMismatch(services, id, undecided)
  if (!grant) return reject(expiredReason(record))
  const work =
    decision === 'keep'
      ? completeSignIn(services, call, record, grant)
      : failSignIn(
          services,
          call,
          record,
          {
            code: 'account_mismatch',
            detail: `${grant.signedInAs} signed in, not ${record.delegate ?? record.username}, and was discarded. Nothing was saved. Start again; Microsoft will ask which account to use.`,
            facts: mismatchFacts(grant.signedInAs),
          },
          { mismatch: true },
        )
  call.defer(work.catch(() => undefined))
  return work
}
