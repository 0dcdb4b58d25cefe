/** How a sign-in ends, and the writes that make it so. The pages are drawn from these values. */

import type { Diagnosis } from '../../../schema/diagnosis.ts'
import type { AuthorizationRecord } from '../../model/authorization.ts'
import type { NewGrant } from '../../model/grant.ts'
import { type Refusal, refuse } from '../../result.ts'
import type { Call, Services } from '../../services.ts'
import { linkForAuthorization } from '../admin-consent.ts'
import { diagnoseSignIn } from '../diagnosing/authorization.ts'
import { newEvent } from '../events.ts'
import { madeElsewhere } from '../integration/integration.ts'
import { adminMayHelp } from './explain.ts'
import { appChanged } from './integration-state.ts'
import { persist } from './persist.ts'
import { nextPlace } from './places.ts'
import { statusOf } from './views.ts'

export type Ending =
  /** Nothing was written: this request could not be taken for the answer to a sign-in. */
  | {
      kind: 'stopped'
      refusal: Refusal
      /** Where the way back leads, of a sign-in that is over. */
      next: string | null
    }
  | {
      kind: 'failed'
      authorization: AuthorizationRecord
      refusal: Refusal
      /** Where the answer of Microsoft tells something. */
      diagnosis: Diagnosis | null
      /** Where only an admin can open the way: the link to send. */
      adminLink: string | null
    }
  | {
      kind: 'completed'
      authorization: AuthorizationRecord
      grant: Pick<NewGrant, 'signedInAs' | 'protocols'>
    }
  /** Another account signed in. `sealed` holds what it left, for the person's answer to bring back. */
  | {
      kind: 'undecided'
      authorization: AuthorizationRecord
      signedInAs: string
      sealed: string
    }

export type Stopped = Extract<Ending, { kind: 'stopped' }>

export const stopped = (refusal: Refusal, next: string | null = null): Stopped => ({
  kind: 'stopped',
  refusal,
  next,
})

/** For whoever has proven to be the one who signs in: where the whole page went, it finds back. */
export const stoppedOf = (refusal: Refusal, record: AuthorizationRecord, now: Date): Stopped =>
  stopped(refusal, nextPlace(record, statusOf(record, now)))

/** An unsaved grant is kept for this long, milliseconds. */
const UNSAVED_GRANT = 3600_000

const notStored = refuse(
  'storage_unavailable',
  'The sign-in worked, but its result could not be stored. Nothing was kept: start again in a few minutes.',
).error

/** Somebody else was faster: a second press of a button, or the end of the time. */
export const overtaken = refuse(
  'authorization_used',
  'This sign-in has ended already. Nothing was changed by this page.',
).error

/** Keeps the grant, unsaved, and ends the authorization well: both or neither. */
export async function endCompleted(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  grant: NewGrant,
): Promise<Ending> {
  const { id } = authorization
  const now = services.now()
  const event = newEvent(services, call, 'authorization.completed', id, factsOf(grant))
  const persisted = await persist(
    services,
    () =>
      services.store.authorizations.complete(
        id,
        grant,
        now,
        new Date(now.getTime() + UNSAVED_GRANT),
        event,
      ),
    () => endedWith(services, id, grant.id),
  )
  if (persisted === 'stored') return { kind: 'completed', authorization, grant }
  if (persisted === 'lost') return lost(services, authorization)
  return madeElsewhere(grant, await services.store.integrations.read())
    ? endFailed(services, call, authorization, appChanged)
    : stopped(overtaken)
}

export const factsOf = (grant: NewGrant) => ({
  grant: grant.id,
  signed_in_as: grant.signedInAs,
  tenant: grant.tenantId,
  protocols: grant.protocols.join(' '),
})

export const endedWith = async (services: Services, id: string, grantId: string) => {
  const row = await services.store.authorizations.read(id)
  return row?.status === 'completed' && row.grantId === grantId
}

export async function endFailed(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  refusal: Refusal,
  more: { mismatch?: boolean; discarded?: string } = {},
): Promise<Ending> {
  const { id } = authorization
  const { code, detail, facts = null } = refusal
  const event =
    more.discarded === undefined
      ? newEvent(services, call, 'authorization.failed', id, { code, detail })
      : newEvent(services, call, 'authorization.discarded', id, { signed_in_as: more.discarded })
  const mismatch = more.mismatch ?? false
  // A side of the matter: the person's answer does not wait for it to work.
  const adminLink =
    facts && adminMayHelp(facts)
      ? await linkForAuthorization(services, call, authorization).catch(() => null)
      : null
  const persisted = await persist(
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
  if (persisted === 'overtaken') return stopped(overtaken)
  if (persisted === 'lost') services.log('error', 'authorization_not_stored', { authorization: id })
  // What the person has to know does not depend on our storage.
  return {
    kind: 'failed',
    authorization,
    refusal,
    // The page shows the link by itself, ready to copy.
    diagnosis: facts && diagnoseSignIn(authorization, facts, services.settings, null),
    adminLink,
  }
}

/** The tokens are gone with this request; an open row ends by itself when its time is over. */
export function lost(services: Services, authorization: AuthorizationRecord): Ending {
  services.log('error', 'authorization_not_stored', { authorization: authorization.id })
  return { kind: 'failed', authorization, refusal: notStored, diagnosis: null, adminLink: null }
}
