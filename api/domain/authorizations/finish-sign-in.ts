/** The last step of a sign-in: stores the new grant, replaces the tokens of an old one, or asks first. */
import { sameAddress } from '../../../schema/common.ts'
import type { AuthorizationRecord } from '../../model/authorization.ts'
import type { NewGrant } from '../../model/grant.ts'
import type { Call, Services } from '../../services.ts'
import { writeWithRetry } from '../write-with-retry.ts'
import { alreadyEnded, completeSignIn, reportNotStored, type SignInOutcome } from './outcome.ts'
import { DECISION_TIME_MS, sealPendingMismatch } from './pending-mismatch.ts'
import { type ReconnectTarget, reconnect } from './reconnect.ts'

export async function finishSignIn(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  grant: NewGrant,
  target: ReconnectTarget,
): Promise<SignInOutcome> {
  if (authorization.apply === 'at_once') {
    return reconnect(services, call, authorization, grant, target)
  }
  const { username, delegate } = authorization
  const expected = [username, delegate].some(
    (address) => address !== null && sameAddress(address, grant.signedInAs),
  )
  return expected
    ? completeSignIn(services, call, authorization, grant)
    : askAboutMismatch(services, authorization, grant)
}

/** Stores nothing of an unexpected account: its tokens travel with the question. */
async function askAboutMismatch(
  services: Services,
  authorization: AuthorizationRecord,
  grant: NewGrant,
): Promise<SignInOutcome> {
  const { id } = authorization
  const now = services.now()
  const until = new Date(now.getTime() + DECISION_TIME_MS)
  const outcome = await writeWithRetry(
    services,
    () => services.store.authorizations.awaitDecision(id, now, until),
    async () => false,
  )
  if (outcome === 'overtaken') return alreadyEnded
  if (outcome === 'lost') return reportNotStored(services, authorization)
  return {
    kind: 'mismatch',
    authorization,
    signedInAs: grant.signedInAs,
    sealed: await sealPendingMismatch(services, id, grant, until),
  }
}
