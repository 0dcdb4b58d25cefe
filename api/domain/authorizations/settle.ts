/** A consent is in hand: keep it, put it into the grant it reconnects, or ask first. */
import { sameAddress } from '../../../schema/common.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import { refuse } from '../../result.ts'
import type { Call, Services } from '../../services.ts'
import type { AuthorizationRecord } from '../../store/authorization-record.ts'
import type { NewGrant } from '../../store/grant-tokens.ts'
import { mismatchFacts } from '../diagnosing/facts.ts'
import { newEvent } from '../events.ts'
import {
  type Ending,
  endCompleted,
  endedWith,
  endFailed,
  factsOf,
  lost,
  overtaken,
  stopped,
} from './ending.ts'
import { persist } from './persist.ts'
import { DECISION_TIME, sealUndecided } from './undecided.ts'

export async function settle(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  grant: NewGrant,
): Promise<Ending> {
  if (authorization.apply === 'at_once') return reconnect(services, call, authorization, grant)
  const { username, delegate } = authorization
  const expected = [username, delegate].some(
    (address) => address !== null && sameAddress(address, grant.signedInAs),
  )
  return expected
    ? endCompleted(services, call, authorization, grant)
    : ask(services, authorization, grant)
}

/** Nothing is stored of an account that nobody expected: its tokens travel with the question. */
async function ask(
  services: Services,
  authorization: AuthorizationRecord,
  grant: NewGrant,
): Promise<Ending> {
  const { id } = authorization
  const until = new Date(services.now().getTime() + DECISION_TIME)
  const persisted = await persist(
    services,
    () => services.store.authorizations.awaitDecision(id, until),
    async () => false,
  )
  if (persisted !== 'stored') return lost(services, authorization)
  return {
    kind: 'undecided',
    authorization,
    signedInAs: grant.signedInAs,
    sealed: await sealUndecided(services, id, grant, until),
  }
}

/** Nobody sits at a form: only the very same account may take the place of the old sign-in. */
async function reconnect(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  fresh: NewGrant,
): Promise<Ending> {
  const { store } = services
  const { id } = authorization
  const account = authorization.mailAccountId
    ? await store.mailAccounts.read(authorization.mailAccountId)
    : null
  const old = account?.grantId ? await store.grants.read(account.grantId) : null
  if (!old) {
    const detail = 'The mail account has no grant any more that could be reconnected. Start again.'
    return endFailed(services, call, authorization, refuse('grant_not_usable', detail).error)
  }
  if (old.tenantId !== fresh.tenantId || old.objectId !== fresh.objectId) {
    const detail = `${fresh.signedInAs} signed in, but the mail account is connected as ${old.signedInAs}. Nothing was changed: start again and sign in as ${old.signedInAs}.`
    const facts = mismatchFacts(fresh.signedInAs)
    const { error } = refuse('account_mismatch', detail, { facts })
    return endFailed(services, call, authorization, error, { mismatch: true })
  }
  const missing = old.protocols.filter((protocol) => !fresh.protocols.includes(protocol))
  if (missing.length > 0) {
    const detail = `The new sign-in lacks ${missing.join(' and ').toUpperCase()}, which the old one has. Nothing was changed: an administrator may have to consent to it.`
    const facts: FailureFacts = { stage: 'token_exchange', kind: 'no_mail_scope' }
    const { error } = refuse('account_mismatch', detail, { facts })
    return endFailed(services, call, authorization, error)
  }
  const now = services.now()
  const recovered = newEvent(services, call, 'grant.recovered', old.id, { authorization: id })
  const replaced = await persist(
    services,
    () => store.grants.replaceTokens(old.id, fresh, now, recovered),
    () => store.events.has(recovered.id),
  )
  if (replaced === 'lost') return lost(services, authorization)
  if (replaced === 'overtaken') {
    const { error } = refuse('grant_not_usable', 'The grant was deleted in the meantime.')
    return endFailed(services, call, authorization, error)
  }
  const event = newEvent(services, call, 'authorization.completed', id, {
    ...factsOf(fresh),
    grant: old.id,
  })
  const ended = await persist(
    services,
    () => store.authorizations.completeWith(id, old.id, now, event),
    () => endedWith(services, id, old.id),
  )
  if (ended === 'stored') return { kind: 'completed', authorization, grant: fresh }
  return ended === 'lost' ? lost(services, authorization) : stopped(overtaken)
}
