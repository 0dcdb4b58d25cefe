/** The link that starts a sign-in. Opening it consumes nothing, since link previews open links too. */
import { MAX_LINK_LIFETIME_S } from '../../../schema/authorization.ts'
import { type AccessScope, byScope } from '../../model/access.ts'
import type { AuthorizationRecord, ReturnedAuthorization } from '../../model/authorization.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import { ok, type Result } from '../../model/result.ts'
import type { Services } from '../../services.ts'
import { boundToRootKey, type Key, mayDo, openKey, rootKey } from '../access/authenticate.ts'
import { isVouchedFor } from '../access/console-session.ts'
import { suspensionOf } from '../access/customers.ts'
import { type Registered, signInBlockedReason } from '../app/integration.ts'
import { progressBlockedReason } from './authorization-status.ts'
import { type Rejected, rejected, rejectedWithReturn } from './outcome.ts'

/** Age at which a link no longer starts a sign-in, although each start extends its expiry. */
const LINK_LIFETIME_MS = MAX_LINK_LIFETIME_S * 1000

/** An authorization whose sign-in can start, the integration to start it with, and who requested it. */
type OpenLink = {
  authorization: AuthorizationRecord
  integration: Registered
  requester: Pick<Key, 'id' | 'name'>
}

/**
 * Checks the secret, the expiry, the integration and the rights of the requester. Changes nothing, so it
 * can be repeated.
 */
export async function openLink(
  services: Services,
  id: string,
  secret: string,
): Promise<Result<OpenLink, Rejected>> {
  const [found, integration] = await Promise.all([
    services.store.authorizations.readWithOldGrant(id),
    services.store.integrations.read(),
  ])
  if (!found || !provesSecret(services, found.authorization, 'link', secret))
    return { ok: false, error: rejected({ reason: 'link_unknown' }) }
  const { authorization } = found
  const now = services.now()
  const ended = progressBlockedReason(authorization, now)
  if (ended) return { ok: false, error: rejectedWithReturn(ended, authorization, now) }
  const age = now.getTime() - authorization.createdAt.getTime()
  if (age >= LINK_LIFETIME_MS) return { ok: false, error: rejected({ reason: 'link_outlived' }) }
  const blockedReason = await signInBlockedReason(integration)
  if (blockedReason) return { ok: false, error: rejected(blockedReason) }
  const requester = await requesterOf(services, found, integration)
  if (!requester) return { ok: false, error: rejected({ reason: 'link_ended' }) }
  return ok({ authorization, integration: integration as Registered, requester })
}

/**
 * Returns true if this is a secret of the authorization. A secret that ROOT_API_KEY issued counts only while that key
 * is the current one.
 */
export const provesSecret = (
  services: Services,
  record: AuthorizationRecord,
  kind: 'link' | 'browser',
  secret: string,
): boolean => record.proves(kind, boundToRootKey(services, record.requestedBy, secret))

/**
 * Returns the API key or the person that requested the sign-in, or null if they could not request it now, since
 * whatever ends their access also stops the sign-ins that they requested. A person's link outlives the session, as it
 * is sent to others.
 */
export async function requesterOf(
  services: Services,
  { authorization, requester }: ReturnedAuthorization,
  integration: IntegrationRecord,
): Promise<OpenLink['requester'] | null> {
  const { requestedBy, requestedByPerson: person } = authorization
  if (await suspensionOf(services, authorization.customer)) return null
  if (person) return isVouchedFor(person, services, integration) ? person : null
  if (requestedBy === rootKey.id) return rootKey
  const key = await openKey(requester, services.now())
  return key && mayDo(key, 'write') && mayRequest(key.accessScope, authorization) ? key : null
}

const mayRequest = (scope: AccessScope, { mailAccountId }: AuthorizationRecord): boolean =>
  byScope(scope, {
    all: () => true,
    mail_accounts: ({ mailAccountIds }) =>
      mailAccountId !== null && mailAccountIds.includes(mailAccountId),
    // The sign-in is for the same customer, which neither can change.
    customer: () => true,
  })

/** Returns the name of the API key or person that requested the sign-in; null for the root key. */
export const requesterName = ({ id, name }: Pick<Key, 'id' | 'name'>): string | null =>
  id === 'root' ? null : name
