/**
 * Reconnecting at once (`apply: at_once`). No form is saved afterwards, so only the same account, with
 * at least the protocols it granted before, may replace the tokens of the old sign-in.
 */
import { PROTOCOL_NAMES, resourceOf } from '../../../schema/protocols.ts'
import { mergedScopes, resourcesIn } from '../../entra/scopes.ts'
import type { AuthorizationRecord } from '../../model/authorization.ts'
import type { GrantRecord, NewGrant } from '../../model/grant.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import type { SignInFailure } from '../../model/reason.ts'
import { ok, type Result } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { appRegistrationChanged, isFromOtherApp } from '../app/integration.ts'
import { newGrantEvent } from '../events.ts'
import { mismatchFacts } from '../failures/facts.ts'
import {
  retryOnConflict,
  retryOnStorageError,
  type WriteOutcome,
  writeWithRetry,
} from '../write-with-retry.ts'
import { statusOf } from './authorization-status.ts'
import {
  alreadyEnded,
  askForOthers,
  completedEvent,
  failSignIn,
  isCompletedWith,
  reportNotStored,
  type SignInOutcome,
} from './outcome.ts'

/** The app and the grant that the new tokens must match. */
export type ReconnectTarget = { integration: IntegrationRecord; grant: GrantRecord | null }

/**
 * Replaces the tokens of the grant and completes the authorization. `target` was read before the code was redeemed, so
 * that most sign-ins need no further read.
 */
export async function reconnect(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  fresh: NewGrant,
  target: ReconnectTarget,
): Promise<SignInOutcome> {
  let current = target
  // A concurrent refresh changes the version of the grant.
  const outcome = await retryOnConflict(async () => {
    const old = fittingGrant(current, fresh)
    if (!old.ok) {
      const mismatch = old.error.facts?.kind === 'account_mismatch'
      return failSignIn(services, call, authorization, old.error, { mismatch })
    }
    const added = { ...fresh, scopes: mergedScopes(old.value.scopes, fresh.scopes) }
    const stored = await complete(services, call, authorization, old.value, added)
    if (stored === 'stored') {
      const protocols = await askForOthers(services, call, { ...fresh, id: old.value.id })
      return { kind: 'completed' as const, authorization, grant: { ...fresh, protocols } }
    }
    if (stored === 'lost') return reportNotStored(services, authorization)
    const changed = await retryOnStorageError(services, () => readTarget(services, authorization))
    if (!changed) return alreadyEnded
    current = changed
    return null
  })
  return outcome ?? failSignIn(services, call, authorization, changedMeanwhile)
}

const changedMeanwhile: SignInFailure = {
  code: 'grant_not_usable',
  detail: 'The sign-in was changed by other requests at the same time. Start again.',
}

/** Reads the target again. Returns null if the authorization has ended or expired. */
async function readTarget({ store, now }: Services, { id }: AuthorizationRecord) {
  const [found, integration] = await Promise.all([
    store.authorizations.readWithOldGrant(id),
    store.integrations.read(),
  ])
  return found && statusOf(found.authorization, now()) === 'pending'
    ? { integration, grant: found.oldGrant }
    : null
}

/** Returns the grant that gets the new tokens, or why they do not fit it. */
function fittingGrant(
  { integration, grant: old }: ReconnectTarget,
  fresh: NewGrant,
): Result<GrantRecord, SignInFailure> {
  if (isFromOtherApp(fresh, integration)) return err(appRegistrationChanged)
  if (!old) {
    return err({
      code: 'grant_not_usable',
      detail:
        "The email account's sign-in was deleted in the meantime, so there is nothing to reconnect. Sign in again, then save the account with the new sign-in.",
    })
  }
  if (old.tenantId !== fresh.tenantId || old.objectId !== fresh.objectId) {
    return err({
      code: 'account_mismatch',
      detail: `${fresh.signedInAs} signed in, but the email account is connected as ${old.signedInAs}. Nothing was changed. Start again and sign in as ${old.signedInAs}.`,
      facts: mismatchFacts(fresh.signedInAs, old.signedInAs),
    })
  }
  const resources = resourcesIn(fresh.scopes)
  const missing = old.covered.filter(
    (protocol) => resources.includes(resourceOf(protocol)) && !fresh.protocols.includes(protocol),
  )
  if (missing.length > 0) {
    return err({
      code: 'account_mismatch',
      detail: `The new sign-in lacks ${missing.map((one) => PROTOCOL_NAMES[one]).join(' and ')}, which the old one has. Nothing was changed. Your Microsoft 365 admin may have to consent to it.`,
      facts: { stage: 'token_exchange', kind: 'no_mail_scope' },
    })
  }
  return ok(old)
}

const err = (error: SignInFailure) => ({ ok: false as const, error })

/** Stores the tokens and completes the authorization: both or neither. */
function complete(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  old: GrantRecord,
  fresh: NewGrant,
): Promise<WriteOutcome> {
  const { id } = authorization
  const completed = completedEvent(services, call, authorization, fresh, old.id)
  const { signedInAs, protocols } = fresh
  const isAsked = protocols.some((protocol) => resourceOf(protocol) === old.resource)
  const recovered =
    old.state === 'active' || !isAsked
      ? null
      : newGrantEvent(
          services,
          call,
          'grant.recovered',
          { ...old, signedInAs },
          { from: old.state, authorization: id },
        )
  const { authorizations } = services.store
  return writeWithRetry(
    services,
    () => authorizations.completeWith(id, old, fresh, services.now(), completed, recovered),
    () => isCompletedWith(services, id, old.id),
  )
}
