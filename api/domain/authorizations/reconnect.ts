/**
 * Reconnecting at once (`apply: at_once`). No form is saved afterwards, so only the same account, with
 * at least the protocols it granted before, may replace the tokens of the old sign-in.
 */
import type { AuthorizationRecord } from '../../model/authorization.ts'
import type { GrantRecord, NewGrant } from '../../model/grant.ts'
import type { SignInFailure } from '../../model/reason.ts'
import { ok, type Result } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { mismatchFacts } from '../diagnosis-inputs/facts.ts'
import { newEvent, newGrantEvent } from '../events.ts'
import { isFromOtherApp } from '../integration/integration.ts'
import { appRegistrationChanged } from '../integration/sign-in-preconditions.ts'
import { retryOnConflict } from '../retry-on-conflict.ts'
import { type WriteOutcome, writeWithRetry } from '../write-with-retry.ts'
import {
  alreadyEnded,
  failSignIn,
  grantEventData,
  isCompletedWith,
  reportNotStored,
  type SignInOutcome,
} from './outcome.ts'

export async function reconnect(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  fresh: NewGrant,
): Promise<SignInOutcome> {
  // A concurrent refresh changes the version of the grant.
  const outcome = await retryOnConflict(async () => {
    const old = await grantToReplace(services, authorization, fresh)
    if (!old.ok) {
      const mismatch = old.error.facts?.kind === 'account_mismatch'
      return failSignIn(services, call, authorization, old.error, { mismatch })
    }
    const replaced = await replaceTokens(services, call, authorization.id, old.value, fresh)
    if (replaced === 'overtaken') return null
    return replaced === 'stored'
      ? complete(services, call, authorization, old.value.id, fresh)
      : reportNotStored(services, authorization)
  })
  return outcome ?? failSignIn(services, call, authorization, changedMeanwhile)
}

const changedMeanwhile: SignInFailure = {
  code: 'grant_not_usable',
  detail: 'The grant was changed by other requests at the same time. Start again.',
}

/** Returns the grant to give the new tokens to, or why they do not fit it. */
async function grantToReplace(
  { store }: Services,
  { mailAccountId }: AuthorizationRecord,
  fresh: NewGrant,
): Promise<Result<GrantRecord, SignInFailure>> {
  if (isFromOtherApp(fresh, await store.integrations.read())) return fail(appRegistrationChanged)
  const account = mailAccountId ? await store.mailAccounts.read(mailAccountId) : null
  const old = account?.grantId ? await store.grants.read(account.grantId) : null
  if (!old) {
    return fail({
      code: 'grant_not_usable',
      detail:
        'The email account no longer has a grant to reconnect: it was deleted in the meantime. Get a new access token and save the account with it.',
    })
  }
  if (old.tenantId !== fresh.tenantId || old.objectId !== fresh.objectId) {
    return fail({
      code: 'account_mismatch',
      detail: `${fresh.signedInAs} signed in, but the email account is connected as ${old.signedInAs}. Nothing was changed. Start again and sign in as ${old.signedInAs}.`,
      facts: mismatchFacts(fresh.signedInAs, old.signedInAs),
    })
  }
  const missing = old.protocols.filter((protocol) => !fresh.protocols.includes(protocol))
  if (missing.length > 0) {
    return fail({
      code: 'account_mismatch',
      detail: `The new sign-in lacks ${missing.join(' and ').toUpperCase()}, which the old one has. Nothing was changed. An administrator may have to consent to it.`,
      facts: { stage: 'token_exchange', kind: 'no_mail_scope' },
    })
  }
  return ok(old)
}

const fail = (error: SignInFailure) => ({ ok: false as const, error })

/** Writes a `grant.recovered` event only if the grant was not active. */
function replaceTokens(
  services: Services,
  call: Call,
  authorization: string,
  old: GrantRecord,
  fresh: NewGrant,
): Promise<WriteOutcome> {
  const { grants } = services.store
  const recovered =
    old.state === 'active'
      ? null
      : newGrantEvent(
          services,
          call,
          'grant.recovered',
          { id: old.id, signedInAs: fresh.signedInAs },
          { from: old.state, authorization },
        )
  return writeWithRetry(
    services,
    () => grants.replaceTokens(old, fresh, authorization, services.now(), recovered),
    () => grants.leases.isWrittenBy(old.id, authorization),
  )
}

async function complete(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  grantId: string,
  fresh: NewGrant,
): Promise<SignInOutcome> {
  const { id } = authorization
  const event = newEvent(services, call, 'authorization.completed', id, {
    ...grantEventData(fresh),
    grant: grantId,
  })
  const ended = await writeWithRetry(
    services,
    () => services.store.authorizations.completeWith(id, grantId, services.now(), event),
    () => isCompletedWith(services, id, grantId),
  )
  if (ended === 'stored') return { kind: 'completed', authorization, grant: fresh }
  return ended === 'lost' ? reportNotStored(services, authorization) : alreadyEnded
}
