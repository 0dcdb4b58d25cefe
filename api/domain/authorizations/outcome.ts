/** Outcomes of a sign-in and the writes behind them. Pages are rendered from these values. */
import type { AuthorizationStatus } from '../../../schema/authorization.ts'
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { HOUR_MS } from '../../../schema/durations.ts'
import type { AuthorizationRecord } from '../../model/authorization.ts'
import type { NewGrant } from '../../model/grant.ts'
import type { Reason, SignInFailure } from '../../model/reason.ts'
import type { Call, Services } from '../../services.ts'
import { linkForAuthorization } from '../admin-consent.ts'
import { diagnoseSignIn, signInReport } from '../diagnosis-inputs/authorization.ts'
import { newEvent } from '../events.ts'
import { mayAdminConsentHelp } from '../failures.ts'
import { isFromOtherApp } from '../integration/integration.ts'
import { appRegistrationChanged } from '../integration/sign-in-preconditions.ts'
import { writeWithRetry } from '../write-with-retry.ts'
import { statusOf } from './authorization-status.ts'

export type SignInOutcome =
  /** Nothing was written: this request is not a valid response to a sign-in. */
  | {
      kind: 'rejected'
      reason: Reason
      /** Where to return to, for the verified browser of a sign-in that has ended. */
      ended: { authorization: AuthorizationRecord; status: AuthorizationStatus } | null
    }
  | {
      kind: 'failed'
      authorization: AuthorizationRecord
      failure: SignInFailure
      /** Null where Microsoft's answer explains nothing. */
      diagnosis: Diagnosis | null
      /** Admin-consent link to pass on, where only an administrator can help. */
      adminLink: string | null
    }
  | {
      kind: 'completed'
      authorization: AuthorizationRecord
      grant: Pick<NewGrant, 'signedInAs' | 'protocols'>
    }
  /** Another account signed in. `sealed`: its tokens, sent back with the person's answer. */
  | {
      kind: 'mismatch'
      authorization: AuthorizationRecord
      signedInAs: string
      sealed: string
    }

export type Rejected = Extract<SignInOutcome, { kind: 'rejected' }>

export const rejected = (reason: Reason, ended: Rejected['ended'] = null): Rejected => ({
  kind: 'rejected',
  reason,
  ended,
})

/** For the verified browser only: includes where to return to. */
export const rejectedWithReturn = (
  reason: Reason,
  authorization: AuthorizationRecord,
  now: Date,
): Rejected => rejected(reason, { authorization, status: statusOf(authorization, now) })

const UNSAVED_GRANT_LIFETIME_MS = HOUR_MS

const notStored: SignInFailure = {
  code: 'storage_unavailable',
  detail:
    'The sign-in worked, but its result could not be stored. Nothing was saved. Start again in a few minutes.',
}

/** A second press of a button, or the expiry, came first. */
export const overtaken = rejected({ reason: 'authorization_overtaken' })

/** Stores the grant, unsaved, and completes the authorization: both or neither. */
export async function completeSignIn(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  grant: NewGrant,
): Promise<SignInOutcome> {
  const { id } = authorization
  const now = services.now()
  const event = newEvent(services, call, 'authorization.completed', id, factsOf(grant))
  const outcome = await writeWithRetry(
    services,
    () =>
      services.store.authorizations.complete(
        id,
        grant,
        now,
        new Date(now.getTime() + UNSAVED_GRANT_LIFETIME_MS),
        event,
      ),
    () => isCompletedWith(services, id, grant.id),
  )
  if (outcome === 'stored') return { kind: 'completed', authorization, grant }
  if (outcome === 'lost') return lost(services, authorization)
  return isFromOtherApp(grant, await services.store.integrations.read())
    ? failSignIn(services, call, authorization, appRegistrationChanged)
    : overtaken
}

export const factsOf = (grant: NewGrant) => ({
  grant: grant.id,
  signed_in_as: grant.signedInAs,
  tenant: grant.tenantId,
  protocols: grant.protocols.join(' '),
})

export const isCompletedWith = async (services: Services, id: string, grantId: string) => {
  const row = await services.store.authorizations.read(id)
  return row?.status === 'completed' && row.grantId === grantId
}

export async function failSignIn(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  failure: SignInFailure,
  more: { mismatch?: boolean; discarded?: string } = {},
): Promise<SignInOutcome> {
  const { id } = authorization
  const { code, detail, facts = null } = failure
  const event =
    more.discarded === undefined
      ? newEvent(services, call, 'authorization.failed', id, { code, detail })
      : newEvent(services, call, 'authorization.discarded', id, { signed_in_as: more.discarded })
  const mismatch = more.mismatch ?? false
  // Best effort: a failure here must not fail the sign-in.
  const adminLink =
    facts && mayAdminConsentHelp(signInReport(authorization, facts))
      ? await linkForAuthorization(services, call, authorization).catch(() => null)
      : null
  const outcome = await writeWithRetry(
    services,
    () =>
      services.store.authorizations.fail(
        id,
        { code, detail, facts, mismatch },
        services.now(),
        event,
      ),
    async () => {
      const row = await services.store.authorizations.read(id)
      return row?.status === 'failed' && row.problem?.code === code
    },
  )
  if (outcome === 'overtaken') return overtaken
  if (outcome === 'lost') services.log('error', 'authorization_not_stored', { authorization: id })
  // The person is informed even if storing failed.
  return {
    kind: 'failed',
    authorization,
    failure,
    // Without the link: the page shows it separately, ready to copy.
    diagnosis: facts && diagnoseSignIn(authorization, facts, services.settings, null),
    adminLink,
  }
}

/** Reports a result that could not be stored. Its tokens are lost with this request; a pending row expires. */
export function lost(services: Services, authorization: AuthorizationRecord): SignInOutcome {
  services.log('error', 'authorization_not_stored', { authorization: authorization.id })
  return { kind: 'failed', authorization, failure: notStored, diagnosis: null, adminLink: null }
}
