/** Authorizations as shown by the API and to the page that waits. */
import type { Authorization, AuthorizationQuery } from '../../../schema/authorization.ts'
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { HOUR_MS } from '../../../schema/durations.ts'
import { type LinkEnd, UNLIMITED } from '../../model/access.ts'
import type { AuthorizationWithGrant } from '../../model/authorization.ts'
import { isGone } from '../../model/grant.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { linksForAuthorization } from '../app/admin-consent.ts'
import { newEvent } from '../events.ts'
import { diagnosePageText } from '../failures/authorization.ts'
import { grantView } from '../grants/grants.ts'
import { writeWithEvent } from '../write-with-retry.ts'
import { mismatchWarning, progressBlockedReason, statusOf } from './authorization-status.ts'
import { progressOf } from './progress.ts'

/** Time after the end of a sign-in during which its status URL works. */
const READABLE_AFTER_END_MS = HOUR_MS

const authorizationNotFound = err({ reason: 'not_found', resource: 'authorization' })

/**
 * Reads an authorization with the grant of its sign-in, as far as the key may access them. Creates the link for an
 * admin when that may help and there is none.
 */
export async function readAuthorization(services: Services, call: Call, id: string) {
  const found = await services.store.authorizations.readWithGrant(id, call.accessScope)
  return found ? ok(await authorizationView(services, call, found)) : authorizationNotFound
}

/** Lists authorizations. Creates no links for admins, since one of them can help many sign-ins. */
export async function listAuthorizations(
  services: Services,
  call: Call,
  query: AuthorizationQuery,
) {
  const { store, now } = services
  const page = await store.authorizations.list(query, now(), call.accessScope)
  const data = page.data.map((found) => authorizationView(services, call, found, false))
  return { data: await Promise.all(data), next_cursor: page.nextCursor }
}

const ENDED: LinkEnd = {
  code: 'authorization_ended',
  detail: 'The link was ended before it was used.',
}

/** Ends a link that is open. Returns the authorization, which may have been completed before. */
export async function endAuthorization(services: Services, call: Call, id: string) {
  const { authorizations } = services.store
  const now = services.now()
  const found = await authorizations.readWithGrant(id, call.accessScope)
  if (!found) return authorizationNotFound
  const { authorization } = found
  if (statusOf(authorization, now) !== 'pending') return readAuthorization(services, call, id)
  const { username } = authorization
  const event = newEvent(services, call, 'authorization.ended', authorization, { username })
  const problem = { ...ENDED, facts: null }
  const isEnded = await writeWithEvent(services, event, () =>
    authorizations.fail(id, problem, now, event),
  )
  if (!isEnded) return readAuthorization(services, call, id)
  const ended = { ...authorization, status: 'failed' as const, endedAt: now, problem }
  return ok(await authorizationView(services, call, { ...found, authorization: ended }, false))
}

async function authorizationView(
  services: Services,
  call: Call,
  { authorization: record, grant: stored }: AuthorizationWithGrant,
  createsLinks = true,
): Promise<Authorization> {
  const grant =
    stored && !isGone(stored, services.now()) ? grantView(stored, services.settings) : null
  if (grant && record.mismatch) {
    grant.warnings.push(mismatchWarning(grant.signed_in_as, record.username))
  }
  const progress = await progressOf(services, createsLinks ? call : null, record)
  const fields = {
    customer: record.customer,
    username: record.username,
    delegate: record.delegate,
    protocols: record.protocols,
    apply: record.apply,
    mail_account_id: record.mailAccountId,
    sent: record.sent,
    own: record.requestedBy === call.actor.id,
    created_at: record.createdAt.toISOString(),
    expires_at: record.expiresAt.toISOString(),
  }
  return progress.status === 'completed'
    ? { id: record.id, ...progress, ...fields, ...(grant && { grant }) }
    : { id: record.id, ...progress, ...fields }
}

/** Reads the progress with the secret of the status URL. `origin`: the origin whose pages may read it. */
export async function readProgress(services: Services, call: Call, id: string, secret: string) {
  const record = await readForPage(services, id, secret)
  if (!record) return authorizationNotFound
  return ok({
    progress: await progressOf(services, call, record),
    origin: record.origin,
  })
}

/**
 * Returns help for a person who cannot continue on Microsoft's page, until the sign-in has ended: links for an
 * administrator, and a diagnosis of the page's `text` if there is one.
 */
export async function readHelp(
  services: Services,
  call: Call,
  { id, secret, text }: { id: string; secret: string; text: string | null },
): Promise<Result<{ adminLinks: string[]; diagnosis: Diagnosis | null }>> {
  const record = await readForPage(services, id, secret)
  if (!record) return err({ reason: 'link_unknown' })
  const now = services.now()
  const ended = statusOf(record, now) === 'pending' ? null : progressBlockedReason(record, now)
  if (ended) return err(ended)
  // Counted after the secret is proven, so that others cannot fill the counters.
  if (!(await services.withinRate('authorizations', record.id))) {
    return err({ reason: 'too_often' })
  }
  const adminLinks = await linksForAuthorization(services, call, record)
  // The page shows the links separately, ready to copy.
  const diagnosis = text === null ? null : diagnosePageText(record, text, services.settings, null)
  return ok({ adminLinks, diagnosis })
}

/** Returns the authorization if this is the secret of its status URL and that still works. */
async function readForPage({ store, now }: Services, id: string, secret: string) {
  const record = await store.authorizations.read(id, UNLIMITED)
  if (!record?.proves('status', secret)) return null
  const end = record.endedAt ?? record.expiresAt
  return end.getTime() + READABLE_AFTER_END_MS > now().getTime() ? record : null
}
