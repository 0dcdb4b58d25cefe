/**
 * Reconnecting at once: nobody sits at a form, so only the very same account, with at least what it
 * granted before, may take the place of the old sign-in.
 */

import type { FailureFacts } from '../../../schema/failure.ts'
import type { AuthorizationRecord } from '../../model/authorization.ts'
import type { GrantRecord, NewGrant } from '../../model/grant.ts'
import { ok, type Result, refuse } from '../../result.ts'
import type { Call, Services } from '../../services.ts'
import { mismatchFacts } from '../diagnosing/facts.ts'
import { newEvent, newGrantEvent } from '../events.ts'
import { madeElsewhere } from '../integration/integration.ts'
import { type Ending, endedWith, endFailed, factsOf, lost, overtaken, stopped } from './ending.ts'
import { appChanged } from './integration-state.ts'
import { type Persisted, persist } from './persist.ts'

/** A refresh may come in between, and then the grant is looked at again. */
const TRIES = 3

export async function reconnect(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  fresh: NewGrant,
): Promise<Ending> {
  let replaced: Persisted = 'overtaken'
  for (let tries = 0; replaced === 'overtaken' && tries < TRIES; tries += 1) {
    const old = await grantToReplace(services, authorization, fresh)
    if (!old.ok) {
      const mismatch = old.error.facts?.kind === 'account_mismatch'
      return endFailed(services, call, authorization, old.error, { mismatch })
    }
    replaced = await replaceTokens(services, call, authorization.id, old.value, fresh)
    if (replaced === 'stored') return complete(services, call, authorization, old.value.id, fresh)
  }
  if (replaced === 'lost') return lost(services, authorization)
  const busy = refuse('grant_not_usable', 'The grant is being changed by others. Start again.')
  return endFailed(services, call, authorization, busy.error)
}

async function grantToReplace(
  { store }: Services,
  { mailAccountId }: AuthorizationRecord,
  fresh: NewGrant,
): Promise<Result<GrantRecord>> {
  if (madeElsewhere(fresh, await store.integrations.read())) return { ok: false, error: appChanged }
  const account = mailAccountId ? await store.mailAccounts.read(mailAccountId) : null
  const old = account?.grantId ? await store.grants.read(account.grantId) : null
  if (!old) {
    return refuse(
      'grant_not_usable',
      'The mail account has no grant any more that could be reconnected: it was deleted in the meantime. Start again.',
    )
  }
  if (old.tenantId !== fresh.tenantId || old.objectId !== fresh.objectId) {
    return refuse(
      'account_mismatch',
      `${fresh.signedInAs} signed in, but the mail account is connected as ${old.signedInAs}. Nothing was changed: start again and sign in as ${old.signedInAs}.`,
      { facts: mismatchFacts(fresh.signedInAs, old.signedInAs) },
    )
  }
  const missing = old.protocols.filter((protocol) => !fresh.protocols.includes(protocol))
  if (missing.length > 0) {
    const facts: FailureFacts = { stage: 'token_exchange', kind: 'no_mail_scope' }
    return refuse(
      'account_mismatch',
      `The new sign-in lacks ${missing.join(' and ').toUpperCase()}, which the old one has. Nothing was changed: an administrator may have to consent to it.`,
      { facts },
    )
  }
  return ok(old)
}

/** An event tells of it only where there was something to recover from. */
function replaceTokens(
  services: Services,
  call: Call,
  authorization: string,
  old: GrantRecord,
  fresh: NewGrant,
): Promise<Persisted> {
  const { grants, leases } = services.store
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
  return persist(
    services,
    () => grants.replaceTokens(old, fresh, authorization, services.now(), recovered),
    () => leases.wrote({ grant: old, owner: authorization }),
  )
}

async function complete(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  grantId: string,
  fresh: NewGrant,
): Promise<Ending> {
  const { id } = authorization
  const event = newEvent(services, call, 'authorization.completed', id, {
    ...factsOf(fresh),
    grant: grantId,
  })
  const ended = await persist(
    services,
    () => services.store.authorizations.completeWith(id, grantId, services.now(), event),
    () => endedWith(services, id, grantId),
  )
  if (ended === 'stored') return { kind: 'completed', authorization, grant: fresh }
  return ended === 'lost' ? lost(services, authorization) : stopped(overtaken)
}
