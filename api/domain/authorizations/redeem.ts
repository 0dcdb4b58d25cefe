/**
 * Redemption of an authorization code: exchanged at the authority of its request, with a valid
 * id_token, a refresh token, and at least one of the requested mail scopes.
 */
import type { FailureFacts } from '../../../schema/failure.ts'
import { issuerOf } from '../../entra/authority.ts'
import type { EntraFailure } from '../../entra/errors.ts'
import type { IdTokenFault } from '../../entra/id-token.ts'
import { grantedProtocols } from '../../entra/scopes.ts'
import type { Tokens } from '../../entra/token.ts'
import type { StartedAuthorization } from '../../model/authorization.ts'
import type { NewGrant } from '../../model/grant.ts'
import type { SignInFailure } from '../../model/reason.ts'
import { ok, type Result } from '../../model/result.ts'
import type { Services } from '../../services.ts'
import type { AppCredential } from '../integration/credential.ts'
import { newId } from '../secrets.ts'
import { explainSignIn } from './explain.ts'
import { nonceOf } from './start.ts'

/** A code with the rest of its callback and what was stored to redeem it. */
export type CodeRedemption = {
  code: string
  /** Issuer in the callback (RFC 9207); null without one. */
  iss: string | null
  state: string
  verifier: string
  credential: AppCredential
  /** Shared by all exchanges with Entra for this callback. */
  deadline: AbortSignal
}

/** `cause`: the failure at Entra, for the log. */
export type RedeemFailure = { failure: SignInFailure; cause: EntraFailure | null }

export async function redeemCode(
  services: Services,
  record: StartedAuthorization,
  { code, iss, state, verifier, credential, deadline }: CodeRedemption,
): Promise<Result<NewGrant, RedeemFailure>> {
  const { signIn } = record
  const authority = services.entra.authority(signIn.cloud, signIn.tenant)
  const answer = await services.entra.exchangeCode({
    authority,
    auth: credential.auth,
    code,
    redirectUri: services.settings.urls.redirectUri,
    verifier,
    scopes: signIn.scopes,
    now: services.now(),
    deadline,
  })
  if (!answer.ok) {
    const { failure: cause } = answer
    const failure = explainSignIn(cause, record, { stage: 'token_exchange', credential })
    return { ok: false, error: { failure, cause } }
  }
  const { tokens } = answer
  if (tokens.idToken === null) return fromIdToken('missing')
  const now = services.now()
  const verdict = await services.entra.verifyIdToken(tokens.idToken, {
    authority,
    clientId: signIn.clientId,
    nonce: await nonceOf(state),
    now,
    deadline,
  })
  if (!verdict.ok) {
    return verdict.reason === 'keys_unavailable'
      ? fail('provider_unavailable', "Microsoft's signing keys could not be fetched. Start again.")
      : fromIdToken(verdict.reason)
  }
  const { claims } = verdict
  if (iss !== null && iss !== issuerOf(authority, claims.tid)) {
    return fromIdToken('issuer')
  }
  return toNewGrant(services, record, tokens, {
    tenantId: claims.tid,
    objectId: claims.oid,
    accountType: claims.accountType,
    signedInAs: claims.preferredUsername ?? claims.name ?? claims.oid,
  })
}

type Account = Pick<NewGrant, 'tenantId' | 'objectId' | 'accountType' | 'signedInAs'>

/** Refuses tokens without a refresh token or a mail scope: the grant would not outlast the hour. */
function toNewGrant(
  services: Services,
  record: StartedAuthorization,
  tokens: Tokens,
  account: Account,
): Result<NewGrant, RedeemFailure> {
  const { clientId, cloud, scopes } = record.signIn
  if (tokens.refreshToken === null) {
    return fail(
      'sign_in_refused',
      'Microsoft issued no refresh token, so access would expire within the hour. Check that the app registration declares offline_access, then start again.',
      { stage: 'token_exchange', kind: 'no_refresh_token' },
    )
  }
  const granted = grantedProtocols(cloud, tokens.scope)
  const protocols = record.protocols.filter((protocol) => granted.includes(protocol))
  if (protocols.length === 0) {
    return fail(
      'protocol_not_granted',
      'Microsoft granted none of the requested mail permissions. An administrator of the organisation may have to consent to them.',
      { stage: 'token_exchange', kind: 'no_mail_scope' },
    )
  }
  return ok({
    id: newId('grant', services.random),
    clientId,
    cloud,
    ...account,
    scopes,
    protocols,
    tokens: {
      accessToken: tokens.accessToken,
      accessTokenExpiresAt: new Date(services.now().getTime() + tokens.expiresIn * 1000),
      refreshToken: tokens.refreshToken,
    },
  })
}

const fail = (code: SignInFailure['code'], detail: string, facts: FailureFacts | null = null) => ({
  ok: false as const,
  error: { failure: { code, detail, facts }, cause: null },
})

/** Refuses the tokens. A valid token outside its times says that our clock is wrong. */
const fromIdToken = (defect: IdTokenFault | 'missing') =>
  fail('sign_in_refused', identityDetail(defect), {
    stage: 'token_exchange',
    kind:
      defect === 'expired' || defect === 'not_yet_valid' ? 'clock_wrong' : 'identity_not_proven',
  })

const identityDetail = (defect: IdTokenFault | 'missing') =>
  `Microsoft's response does not prove who signed in (ID token: ${defect.replaceAll('_', ' ')}). Nothing was saved. Start again; if the problem persists, tell your Mailgrant administrator.`
