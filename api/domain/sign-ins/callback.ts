/**
 * The callback from Entra. `state` finds the authorization, the cookie proves the browser, and one conditional UPDATE
 * consumes the sign-in. Before that, nothing is written and no code is redeemed, so a forged callback does no harm.
 * After it, everything is retried, since a code is good for one try.
 */
import { encodeBase64Url } from '../../../schema/base64.ts'
import { sameAddress } from '../../../schema/common.ts'
import { MINUTE_MS } from '../../../schema/durations.ts'
import { issuerFits } from '../../entra/authority.ts'
import type { AuthorizationResponse } from '../../entra/authorize.ts'
import type { EntraFailure } from '../../entra/errors.ts'
import type { AuthorizationRecord, StartedAuthorization } from '../../model/authorization.ts'
import type { GrantRecord, NewGrant } from '../../model/grant.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import type { SignInFailure } from '../../model/reason.ts'
import { ok, type Result } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { type AppCredential, openAppCredential } from '../app/credential.ts'
import {
  appRegistrationChanged,
  integrationDeactivated,
  isFromOtherApp,
} from '../app/integration.ts'
import { loggedFacts, mismatchFacts } from '../failures/facts.ts'
import { explainMissingKeys, type FailureEffect, judgeSignIn } from '../failures/failures.ts'
import { newId } from '../secrets.ts'
import { retryOnStorageError, writeWithRetry } from '../write-with-retry.ts'
import { progressBlockedReason } from './authorization-status.ts'
import { type BrowserSecret, DECISION_TIME_MS, sealPendingMismatch } from './mismatch.ts'
import {
  alreadyEnded,
  completeSignIn,
  failSignIn,
  rejected,
  rejectedWithReturn,
  reportNotStored,
  type SignInOutcome,
} from './outcome.ts'
import { type ReconnectTarget, reconnect } from './reconnect.ts'
import { protocolsOf, type Redeemed, type RedemptionFailure, redeem, toNewGrant } from './redeem.ts'
import { provesSecret, requesterOf } from './sign-in-link.ts'

/**
 * Consumes the sign-in (single use) and redeems its code. `response` is null for a callback without
 * parameters.
 */
export async function receiveCallback(
  services: Services,
  call: Call,
  response: AuthorizationResponse | null,
  browserSecret: BrowserSecret,
): Promise<SignInOutcome> {
  // The page removes the response from its URL, so a reload has no parameters.
  if (response === null) return rejected({ reason: 'callback_empty' })
  if (response.state === null) return rejected({ reason: 'callback_malformed' })
  const { state } = response
  // Read before the sign-in is consumed, so that a failing database does not cost it.
  const [returned, stored] = await Promise.all([
    services.store.authorizations.readByState(state),
    services.store.integrations.readWithCredentials(),
  ])
  const signIn = returned?.authorization.signIn
  if (!returned || !signIn) return rejected({ reason: 'callback_unknown' })
  const record: StartedAuthorization = { ...returned.authorization, signIn }
  if (!provesSecret(services, record, 'browser', browserSecret(record.id) ?? '')) {
    return rejected({ reason: 'wrong_browser' })
  }
  const now = services.now()
  const blockedReason = progressBlockedReason(record, now)
  if (blockedReason) return rejectedWithReturn(blockedReason, record, now)
  if ('malformed' in response) return rejected({ reason: 'callback_malformed' })

  // Opened before the sign-in is consumed for the same reason: an encryption key may be missing.
  const [{ integration, credential, refusal }, verifier] = await Promise.all([
    openAppCredential(services, stored, 'current'),
    returned.openVerifier(),
  ])
  if (!(await requesterOf(services, returned, integration))) {
    return rejectedWithReturn({ reason: 'link_ended' }, record, now)
  }
  using started = services.entra.startDeadline()
  const deadline = started.signal
  const authority = services.entra.authority(signIn.cloud, signIn.tenant)
  // Loaded before the sign-in is consumed, too, so that keys that cannot be fetched do not cost it.
  const keys = response.ok
    ? await services.entra.loadSigningKeys(authority, { now, deadline })
    : null
  if (keys === 'unavailable') return rejected({ reason: 'signing_keys_unavailable' })
  if (keys !== null && keys !== 'loaded') {
    services.log('warn', 'sign_in_failed', { authorization: record.id, ...loggedFacts(keys) })
    return rejected({
      reason: 'signing_keys_unavailable',
      detail: explainMissingKeys(keys, record),
    })
  }
  const { oldGrant: grant } = returned
  const context = { response, integration, credential, refusal, verifier, grant, deadline }
  const work = processResponse(services, call, record, state, context)
  call.defer(work.catch(() => undefined))
  return await work
}

/** Time to redeem the code and store the result, with all retries. An authorization expires after it. */
const PROCESSING_TIME_MS = MINUTE_MS

type CallbackContext = {
  response: Exclude<AuthorizationResponse, { malformed: unknown }>
  integration: IntegrationRecord
  credential: AppCredential | null
  /** The reason if there is no usable credential. */
  refusal: string | null
  verifier: string | null
  /** The grant to reconnect, if any. */
  grant: GrantRecord | null
  /** Shared by all exchanges with Entra. */
  deadline: AbortSignal
}

async function processResponse(
  services: Services,
  call: Call,
  record: StartedAuthorization,
  state: string,
  context: CallbackContext,
): Promise<SignInOutcome> {
  if (!(await consume(services, record, state))) {
    return rejected({ reason: 'authorization_used' })
  }
  try {
    return await finishConsumed(services, call, record, context)
  } catch (error) {
    if (!services.store.isStorageError(error)) throw error
    return reportNotStored(services, record)
  }
}

/**
 * Returns false if another request consumed it, or it has ended or expired. Recognises its own write when D1 loses the
 * response.
 */
function consume(services: Services, { id }: AuthorizationRecord, state: string) {
  const { authorizations } = services.store
  const consumer = encodeBase64Url(services.random(12))
  return retryOnStorageError(services, async (uncertain) => {
    if (uncertain && (await authorizations.isConsumedBy(id, consumer))) return true
    const now = services.now()
    const expiresAt = new Date(now.getTime() + PROCESSING_TIME_MS)
    return (
      (await authorizations.consume(id, state, consumer, { now, expiresAt })) ||
      // D1 may have applied an earlier attempt since the row was read.
      (uncertain && authorizations.isConsumedBy(id, consumer))
    )
  })
}

async function finishConsumed(
  services: Services,
  call: Call,
  record: StartedAuthorization,
  { response, integration, credential, refusal, verifier, grant, deadline }: CallbackContext,
): Promise<SignInOutcome> {
  const err = (failure: SignInFailure, cause: EntraFailure | null = null) =>
    failWith(services, call, record, failure, cause)

  const { cloud, tenant, clientId } = record.signIn
  // RFC 9207 section 2.4: a response in another issuer's name is dropped before anything is sent.
  if (response.iss !== null && !issuerFits(services.entra.authority(cloud, tenant), response.iss)) {
    return err({
      code: 'sign_in_refused',
      detail: 'The response came from a different sign-in service. Start again.',
      facts: { stage: 'callback', kind: 'identity_not_proven' },
    })
  }
  if (!response.ok) {
    const cause: EntraFailure = { kind: 'refused', refusal: response.refusal, retryAfter: null }
    // The browser's user can forge this response, so it proves nothing about the credential.
    const { detail, facts } = judgeSignIn(cause, record, integration, {
      stage: 'callback',
      credential: null,
    })
    return err({ code: 'sign_in_refused', detail, facts }, cause)
  }
  if (!integration.active) return err(integrationDeactivated)
  const changed = isFromOtherApp({ clientId, cloud }, integration)
  if (changed || verifier === null) return err(appRegistrationChanged)
  if (credential === null) {
    return err(
      integration.credential && refusal !== null
        ? { code: 'credential_rejected', detail: refusal }
        : appRegistrationChanged,
    )
  }
  const { redirectUri } = services.settings.urls
  const redeemed = await redeem(services, call, {
    proof: { ...response, verifier, redirectUri },
    username: record.username,
    signIn: record.signIn,
    credential,
    integration,
    deadline,
  })
  if (!redeemed.ok) {
    const { error } = redeemed
    return err(explainRedemption(error), error.kind === 'refused' ? error.cause : null)
  }
  const granted = grantFrom(services, record, redeemed.value)
  if (!granted.ok) return err(granted.error)
  return finishSignIn(services, call, record, granted.value, { integration, grant })
}

/**
 * Returns the grant. Refuses tokens without a refresh token, since access would end within the hour, and tokens that
 * permit none of the requested protocols.
 */
function grantFrom(
  services: Services,
  { signIn, protocols: requested, customer }: StartedAuthorization,
  redeemed: Redeemed,
): Result<NewGrant, SignInFailure> {
  const { refreshToken } = redeemed.tokens
  if (refreshToken === null) {
    const detail =
      'Microsoft issued no refresh token, so access would expire within the hour. Check that the app registration declares offline_access, then start again.'
    const facts = { stage: 'token_exchange', kind: 'no_refresh_token' } as const
    return { ok: false, error: { code: 'sign_in_refused', detail, facts } }
  }
  const protocols = protocolsOf(redeemed, requested)
  if (protocols.length === 0) {
    const detail =
      'Microsoft granted none of the requested mail permissions. Your Microsoft 365 admin may have to consent to them.'
    const facts = { stage: 'token_exchange', kind: 'no_mail_scope' } as const
    return { ok: false, error: { code: 'protocol_not_granted', detail, facts } }
  }
  const id = newId('grant', services.random)
  return ok(toNewGrant(id, redeemed, signIn, { protocols, refreshToken, customer }, services.now()))
}

async function failWith(
  services: Services,
  call: Call,
  record: StartedAuthorization,
  failure: SignInFailure,
  cause: EntraFailure | null,
): Promise<SignInOutcome> {
  services.log('warn', 'sign_in_failed', {
    authorization: record.id,
    code: failure.code,
    ...(cause && loggedFacts(cause)),
  })
  const correlationId = cause?.kind === 'refused' ? cause.refusal.correlationId : null
  return failSignIn(services, call, record, failure, { correlationId })
}

const CODES: Record<FailureEffect, SignInFailure['code']> = {
  cool_down: 'provider_unavailable',
  reconnect: 'sign_in_refused',
  block: 'sign_in_refused',
  credential_rejected: 'credential_rejected',
}

/** Explains why a code could not be redeemed and who must act. Quotes nothing from Microsoft's response. */
function explainRedemption(failure: RedemptionFailure): SignInFailure {
  switch (failure.kind) {
    case 'keys_unavailable':
      return {
        code: 'provider_unavailable',
        detail: "Microsoft's signing keys could not be fetched. Start again.",
      }
    case 'refused': {
      const { effect, detail, facts } = failure.judged
      return { code: CODES[effect], detail, facts }
    }
    case 'not_proven': {
      const { fault } = failure
      const isClock = fault === 'expired' || fault === 'not_yet_valid'
      return {
        code: 'sign_in_refused',
        detail: `Microsoft's response does not prove who signed in (ID token: ${fault.replaceAll('_', ' ')}). Nothing was saved. Start again; if the problem persists, tell your Mailgrant administrator.`,
        // A valid token outside its times shows that the server's clock is wrong.
        facts: { stage: 'token_exchange', kind: isClock ? 'clock_wrong' : 'identity_not_proven' },
      }
    }
  }
}

// The last step of a sign-in: stores the new grant, replaces the tokens of an old one, or asks first.

async function finishSignIn(
  services: Services,
  call: Call,
  authorization: AuthorizationRecord,
  grant: NewGrant,
  target: ReconnectTarget,
): Promise<SignInOutcome> {
  if (authorization.apply === 'at_once') {
    return reconnect(services, call, authorization, grant, target)
  }
  const { username, delegate, sent } = authorization
  const expected = [username, delegate].some(
    (address) => address !== null && sameAddress(address, grant.signedInAs),
  )
  if (expected) return completeSignIn(services, call, authorization, grant)
  // A sent link may have been forwarded, so the person who opened it cannot decide to keep another account.
  return sent
    ? failSignIn(services, call, authorization, otherAccount(authorization, grant), {
        mismatch: true,
      })
    : askAboutMismatch(services, authorization, grant)
}

const otherAccount = (
  { username, delegate }: AuthorizationRecord,
  { signedInAs }: NewGrant,
): SignInFailure => {
  const expected = delegate ?? username
  return {
    code: 'account_mismatch',
    detail: `${signedInAs} signed in, not ${expected}. Nothing was saved, and the link has ended. Sign in as ${expected} with a new one.`,
    facts: mismatchFacts(signedInAs),
  }
}

/** Asks about an unexpected account without storing anything. Its tokens travel with the question. */
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
