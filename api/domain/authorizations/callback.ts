/**
 * What comes back from Entra. `state` finds the authorization, the cookie proves the browser, and one
 * conditional UPDATE takes the single use; only then is Entra asked anything. Until it is taken,
 * nothing is written, so a stranger's callback costs its victim nothing.
 */
import { issuerFits } from '../../entra/authority.ts'
import { type CallbackAnswer, readCallback } from '../../entra/authorize.ts'
import type { EntraFailure } from '../../entra/errors.ts'
import type { AuthorizationRecord } from '../../model/authorization.ts'
import type { IntegrationRecord, StoredCredential } from '../../model/integration.ts'
import { type Refusal, refuse } from '../../result.ts'
import type { Call, Services } from '../../services.ts'
import { loggedFacts } from '../diagnosing/facts.ts'
import { noteCredentialAccepted, noteCredentialRejected } from '../integration/credential-state.ts'
import { madeElsewhere } from '../integration/integration.ts'
import { hashSecret, matchesHash } from '../secrets.ts'
import { wrongBrowser } from './decide.ts'
import { type Ending, endFailed, stopped, stoppedOf } from './ending.ts'
import { explainSignIn, refused } from './explain.ts'
import { appChanged, refuseSignIn } from './integration-state.ts'
import { refuseProgress, used } from './link.ts'
import { redeemCode } from './redeem.ts'
import { settle } from './settle.ts'
import { cookieName } from './start.ts'
import { NO_HASH } from './views.ts'

const malformed = refuse(
  'bad_request',
  "This is not an answer of Microsoft's sign-in. Go back to where you came from and start again.",
).error

/** The page takes the answer out of its address, so this is what loading it again asks for. */
const loadedAgain = refuse(
  'bad_request',
  'How a sign-in ended is shown once. What it said before still holds; if it said nothing, go back to where you came from and start again.',
).error

const unknown = refuse(
  'bad_request',
  'This sign-in is not known here, or was started again since. Finish in the newest window, or start again where you came from.',
).error

export async function receiveCallback(
  services: Services,
  call: Call,
  params: URLSearchParams,
  cookie: (name: string) => string | undefined,
): Promise<Ending> {
  if (params.size === 0) return stopped(loadedAgain)
  const answer = readCallback(params)
  if (answer.state === null) return stopped(malformed)
  const stateHash = await hashSecret(answer.state)
  const record = await services.store.authorizations.readByState(stateHash)
  if (!record?.signIn) return stopped(unknown)
  const presented = cookie(cookieName(record.id)) ?? ''
  if (!(await matchesHash(presented, record.hashes.browser ?? NO_HASH))) {
    return stopped(wrongBrowser.error)
  }
  const now = services.now()
  const over = refuseProgress(record, now)
  if (over) return stoppedOf(over, record, now)
  if ('malformed' in answer) return stopped(malformed)

  // Whatever may be missing here is found out while the sign-in can still be repeated.
  const [{ integration, credential }, verifier] = await Promise.all([
    services.store.integrations.readWithCredential(),
    services.store.authorizations.readVerifier(record.id),
  ])
  const work = conclude(services, call, { ...record, signIn: record.signIn }, stateHash, {
    answer,
    integration,
    credential,
    verifier,
  })
  call.defer(work.catch(() => undefined))
  return work
}

type Taken = AuthorizationRecord & { signIn: NonNullable<AuthorizationRecord['signIn']> }

type Known = {
  answer: Exclude<CallbackAnswer, { malformed: unknown }>
  integration: IntegrationRecord
  credential: StoredCredential | null
  verifier: string | null
}

async function conclude(
  services: Services,
  call: Call,
  record: Taken,
  stateHash: string,
  { answer, integration, credential, verifier }: Known,
): Promise<Ending> {
  const taken = await services.store.authorizations.consume(record.id, stateHash, services.now())
  if (!taken) return stopped(used)
  const fail = (refusal: Refusal, failure: EntraFailure | null = null) =>
    failWith(services, call, record, refusal, failure)

  const { cloud, tenant, clientId } = record.signIn
  // RFC 9207 section 2.4: an answer in another issuer's name is dropped before anything is sent.
  if (answer.iss !== null && !issuerFits(services.entra.authority(cloud, tenant), answer.iss)) {
    return fail(
      refuse('sign_in_refused', 'The answer came from another sign-in service. Start again.').error,
    )
  }
  if (!answer.ok) {
    const failure = refused(answer.refusal)
    // Whoever holds the browser can write this answer: it says nothing about our credential.
    const refusal = explainSignIn(failure, { stage: 'callback', tenant, credential: null })
    return fail({ ...refusal, code: 'sign_in_refused' }, failure)
  }
  const closed = refuseSignIn(integration)
  if (closed) return fail(closed)
  const moved = madeElsewhere({ clientId, cloud }, integration)
  if (moved || credential === null || verifier === null) return fail(appChanged)
  const { code, iss } = answer
  const material = { code, iss, state: answer.state, verifier, credential }
  const redeemed = await redeemCode(services, record, material)
  if (!redeemed.ok) {
    const { refusal, failure } = redeemed.error
    const ending = await fail(refusal, failure)
    if (refusal.code === 'credential_rejected') {
      await quietly(noteRejected(services, call, integration.version, refusal))
    }
    return ending
  }
  if (integration.credentialRejected)
    await quietly(noteCredentialAccepted(services, call, integration.version))
  return settle(services, call, record, redeemed.value)
}

async function failWith(
  services: Services,
  call: Call,
  record: Taken,
  refusal: Refusal,
  failure: EntraFailure | null,
): Promise<Ending> {
  services.log('warn', 'sign_in_failed', {
    authorization: record.id,
    code: refusal.code,
    ...(failure && loggedFacts(failure)),
  })
  return endFailed(services, call, record, refusal)
}

const noteRejected = (
  services: Services,
  call: Call,
  version: number,
  { detail, facts = null }: Refusal,
) => noteCredentialRejected(services, call, version, detail, facts)

/** A side of the matter: the person's answer does not wait for it to work. */
const quietly = <Value>(work: Promise<Value>): Promise<Value | null> => work.catch(() => null)
