/** Outcomes of a sign-in and the writes behind them. Pages are rendered from these values. */
import type { AuthorizationStatus } from '../../../schema/authorization.ts'
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { DAY_MS } from '../../../schema/durations.ts'
import type { Protocol } from '../../../schema/mail-servers.ts'
import { type Resource, resourceOf } from '../../../schema/protocols.ts'
import { resourcesOf } from '../../entra/scopes.ts'
import { describeError } from '../../log.ts'
import { UNLIMITED } from '../../model/access.ts'
import type { AuthorizationRecord } from '../../model/authorization.ts'
import type { NewGrant, UnsavedUntil } from '../../model/grant.ts'
import type { Reason, SignInFailure } from '../../model/reason.ts'
import type { Call, Services } from '../../services.ts'
import { linksForAuthorization } from '../app/admin-consent.ts'
import { appRegistrationChanged, isFromOtherApp } from '../app/integration.ts'
import { newEvent } from '../events.ts'
import { diagnoseSignIn, signInReport } from '../failures/authorization.ts'
import { mayAdminConsentHelp } from '../failures/failures.ts'
import { UNSAVED_GRANT_LIFETIME_MS } from '../grants/grants.ts'
import { refreshGrant } from '../tokens/delegated.ts'
import { retryOnStorageError, writeWithRetry } from '../write-with-retry.ts'
import { statusOf } from './authorization-status.ts'

export type SignInOutcome =
  /** Nothing was written, since this request is not a valid response to a sign-in. */
  | {
      kind: 'rejected'
      reason: Reason
      /** The authorization, whose return URL is shown only to its verified browser; otherwise null. */
      returnFor: { authorization: AuthorizationRecord; status: AuthorizationStatus } | null
    }
  | {
      kind: 'failed'
      authorization: AuthorizationRecord
      failure: SignInFailure
      /** Null if there are no facts to diagnose, as when the result could not be stored. */
      diagnosis: Diagnosis | null
      /** Admin-consent links to pass on; none unless an administrator can help. */
      adminLinks: string[]
      /** Microsoft's ID of the attempt, with which an administrator finds it in the sign-in logs. */
      correlationId: string | null
    }
  | {
      kind: 'completed'
      authorization: AuthorizationRecord
      grant: Pick<NewGrant, 'signedInAs' | 'protocols'>
    }
  /** A different account signed in. `sealed`: its tokens, to be sent back with the decision. */
  | {
      kind: 'mismatch'
      authorization: AuthorizationRecord
      signedInAs: string
      sealed: string
    }

export type Rejected = Extract<SignInOutcome, { kind: 'rejected' }>

export const rejected = (reason: Reason, returnFor: Rejected['returnFor'] = null): Rejected => ({
  kind: 'rejected',
  reason,
  returnFor,
})

/** Rejects a request of the verified browser, which may see the return URL. */
export const rejectedWithReturn = (
  reason: Reason,
  authorization: AuthorizationRecord,
  now: Date,
): Rejected => rejected(reason, { authorization, status: statusOf(authorization, now) })

/** D1 may have stored the result although no response arrived, so the sentence claims neither. */
const notStored: SignInFailure = {
  code: 'storage_unavailable',
  detail:
    'The sign-in worked, but the database did not confirm that its result was stored. Go back to where you came from. If the mailbox is not shown as connected there, start again in a few minutes.',
}

/** Rejection of a sign-in that another request, or its expiry, has ended first. */
export const alreadyEnded = rejected({ reason: 'authorization_overtaken' })

/** Stores the grant, unsaved, and completes the authorization: both or neither. */
export async function completeSignIn(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  grant: NewGrant,
): Promise<SignInOutcome> {
  const { id } = authorization
  if (await belongsElsewhere(services, authorization, grant)) {
    return failSignIn(services, call, authorization, tenantNotAllowed)
  }
  const event = completedEvent(services, call, authorization, grant, grant.id)
  const outcome = await writeWithRetry(
    services,
    () => {
      const now = services.now()
      return services.store.authorizations.complete(
        id,
        grant,
        now,
        unsavedUntil(authorization, now),
        event,
      )
    },
    () => isCompletedWith(services, id, grant.id),
  )
  if (outcome === 'stored') {
    const { signedInAs } = grant
    const protocols = await askForOthers(services, call, grant)
    return { kind: 'completed', authorization, grant: { signedInAs, protocols } }
  }
  if (outcome === 'lost') return reportNotStored(services, authorization)
  const integration = await retryOnStorageError(services, services.store.integrations.read)
  return isFromOtherApp(grant, integration)
    ? failSignIn(services, call, authorization, appRegistrationChanged)
    : alreadyEnded
}

/**
 * Requests tokens for the resources for which the code was not redeemed. Returns the protocols that the grant has
 * afterwards. Best effort: a failure is stored with the grant, and the sign-in is completed in any case.
 */
export async function askForOthers(
  services: Services,
  call: Call,
  { id, resource, protocols }: NewGrant,
): Promise<Protocol[]> {
  const refused: Resource[] = []
  for (const other of resourcesOf(protocols).filter((one) => one !== resource)) {
    try {
      const grant = await services.store.grants.readWithToken(id, other)
      const token = grant && (await refreshGrant(services, call, grant))
      if (token && !token.ok && token.error.code !== 'provider_unavailable') refused.push(other)
    } catch (error) {
      services.log('error', 'refresh_failed', { grant: id, error: describeError(error) })
    }
  }
  return protocols.filter((protocol) => !refused.includes(resourceOf(protocol)))
}

const tenantNotAllowed: SignInFailure = {
  code: 'tenant_not_allowed',
  detail:
    'Your organisation already has mailboxes here under another customer. Nothing was stored. The sender of the link must ask their Mailgrant administrator.',
}

/** Returns true if a customer's key requested the sign-in of an organisation that belongs to another customer. */
async function belongsElsewhere(
  services: Services,
  { customer, requestedBy }: AuthorizationRecord,
  { accountType, tenantId }: NewGrant,
): Promise<boolean> {
  if (customer === null || accountType !== 'work') return false
  const { apiKeys, grants } = services.store
  const [key, isOther] = await retryOnStorageError(services, () =>
    Promise.all([apiKeys.read(requestedBy), grants.isTenantOfOther(tenantId, customer)]),
  )
  return isOther && key?.customer === customer
}

/** The owner of a mailbox signs in at any hour, so the requester of the link gets a day to save the grant. */
const unsavedUntil = ({ sent, requestedBy }: AuthorizationRecord, now: Date): UnsavedUntil => ({
  expiresAt: new Date(now.getTime() + (sent ? DAY_MS : UNSAVED_GRANT_LIFETIME_MS)),
  reservedFor: sent ? requestedBy : null,
})

const signInEventData = ({ id, username, mailAccountId }: AuthorizationRecord) => ({
  id,
  username,
  mail_account_id: mailAccountId,
})

/** Creates the event of a completed sign-in. `grantId`: the grant that has its tokens. */
export const completedEvent = (
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  { signedInAs, tenantId, protocols }: NewGrant,
  grantId: string,
) =>
  newEvent(services, call, 'authorization.completed', authorization, {
    ...signInEventData(authorization),
    signed_in_as: signedInAs,
    tenant_id: tenantId,
    grant_id: grantId,
    protocols: protocols.join(' '),
  })

/** Returns true if an earlier attempt has stored this outcome. */
export const isCompletedWith = async (services: Services, id: string, grantId: string) => {
  const row = await services.store.authorizations.read(id, UNLIMITED)
  return row?.status === 'completed' && row.grantId === grantId
}

/** Ends the authorization as failed. */
export async function failSignIn(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  failure: SignInFailure,
  {
    mismatch = false,
    correlationId = null,
  }: { mismatch?: boolean; correlationId?: string | null } = {},
): Promise<SignInOutcome> {
  const { id } = authorization
  const { code, detail, facts = null } = failure
  const event = newEvent(services, call, 'authorization.failed', authorization, {
    ...signInEventData(authorization),
    code,
    detail,
  })
  const [adminLinks, outcome] = await Promise.all([
    // Best effort: a failure here must not fail the sign-in.
    facts && mayAdminConsentHelp(signInReport(authorization, facts))
      ? linksForAuthorization(services, call, authorization).catch(() => [])
      : [],
    writeWithRetry(
      services,
      () =>
        services.store.authorizations.fail(
          id,
          { code, detail, facts, mismatch },
          services.now(),
          event,
        ),
      async () => {
        const row = await services.store.authorizations.read(id, UNLIMITED)
        return row?.status === 'failed' && row.problem?.code === code
      },
    ),
  ])
  if (outcome === 'overtaken') return alreadyEnded
  if (outcome === 'lost') services.log('error', 'authorization_not_stored', { authorization: id })
  // The person sees the failure even if it was not stored.
  return {
    kind: 'failed',
    authorization,
    failure,
    // No link in the diagnosis: the page shows it separately, ready to copy.
    diagnosis: facts && diagnoseSignIn(authorization, facts, services.settings, null),
    adminLinks,
    correlationId,
  }
}

/** Logs and returns a result that D1 did not confirm. If it was not stored, the authorization expires. */
export function reportNotStored(
  services: Services,
  authorization: AuthorizationRecord,
): SignInOutcome {
  services.log('error', 'authorization_not_stored', { authorization: authorization.id })
  return {
    kind: 'failed',
    authorization,
    failure: notStored,
    diagnosis: null,
    adminLinks: [],
    correlationId: null,
  }
}
