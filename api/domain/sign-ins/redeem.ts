/**
 * Redemption of the code of a callback, or of another product's refresh token. The same for sign-ins, the console and
 * imports. Microsoft's signing keys are loaded first, since a code is good for one try.
 */
import type { Protocol } from '../../../schema/mail-servers.ts'
import { type Resource, resourceOf } from '../../../schema/protocols.ts'
import { issuerOf, refreshTenant } from '../../entra/authority.ts'
import type { EntraFailure } from '../../entra/errors.ts'
import type { IdTokenClaims, IdTokenFault } from '../../entra/id-token.ts'
import {
  grantedProtocols,
  resourcesIn,
  scopesAfter,
  scopesFor,
  unaskedPermissions,
} from '../../entra/scopes.ts'
import type { Tokens } from '../../entra/token.ts'
import type { SignInParameters } from '../../model/authorization.ts'
import type { NewGrant } from '../../model/grant.ts'
import { type IntegrationRecord, speaksForApp } from '../../model/integration.ts'
import { ok, type Result } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { recordAppAcceptance, recordAppRefusal } from '../app/app-problem.ts'
import type { AppCredential } from '../app/credential.ts'
import { type JudgedFailure, judgeSignIn } from '../failures/failures.ts'
import { nonceOf } from './start.ts'

export type Redemption = {
  proof: ReturnedCode | { refreshToken: string }
  /** The mailbox; left out for the console. */
  username?: string
  signIn: SignInParameters
  credential: AppCredential
  integration: IntegrationRecord
  /** Shared by all exchanges with Entra for this redemption. */
  deadline: AbortSignal
}

/** A code, and what was stored when the browser was sent to Microsoft. */
type ReturnedCode = {
  code: string
  /** Issuer in the callback (RFC 9207); null without one. */
  iss: string | null
  state: string
  verifier: string
  redirectUri: string
}

/** The tokens, the resource that they are for, and whose they are. */
export type Redeemed = { tokens: Tokens; resource: Resource; claims: IdTokenClaims }

export type RedemptionFailure =
  | { kind: 'keys_unavailable' }
  | { kind: 'refused'; judged: JudgedFailure; cause: EntraFailure }
  | { kind: 'not_proven'; fault: IdentityFault }

/** Reason for which an id_token does not prove who signed in. */
export type IdentityFault = Exclude<IdTokenFault, 'keys_unavailable'> | 'missing'

/** Exchanges the proof, records what the response says about the app, and verifies the id_token. */
export async function redeem(
  services: Services,
  call: Call,
  { proof, credential, integration, deadline, ...failed }: Redemption,
): Promise<Result<Redeemed, RedemptionFailure>> {
  const { entra } = services
  const { clientId, cloud, tenant, scopes } = failed.signIn
  const authority = entra.authority(cloud, refreshTenant(tenant))
  const now = services.now()
  const refused = async (cause: EntraFailure) => {
    const stage = 'code' in proof ? 'token_exchange' : 'refresh'
    const judged = judgeSignIn(cause, failed, integration, { stage, credential })
    await recordAppRefusal(services, call, integration, judged)
    return err({ kind: 'refused', judged, cause })
  }
  const keys = await entra.loadSigningKeys(authority, { now, deadline })
  if (keys === 'unavailable') return keysUnavailable
  if (keys !== 'loaded') return refused(keys)
  // The console asks for no mail.
  const [resource = null] = resourcesIn(scopes)
  const asked = resource ? scopesFor(cloud, scopes, resource) : scopes
  const request = { authority, auth: credential.auth, scopes: asked, now, deadline }
  const response =
    'code' in proof
      ? await entra.exchangeCode({ ...request, ...proof })
      : await entra.refresh({ ...request, ...proof })
  if (!response.ok) return refused(response.failure)
  const { tokens } = response
  if (tokens.idToken === null) return err({ kind: 'not_proven', fault: 'missing' })
  const verdict = await entra.verifyIdToken(tokens.idToken, {
    authority,
    clientId,
    nonce: 'code' in proof ? await nonceOf(proof.state) : null,
    now: services.now(),
    deadline,
  })
  if (!verdict.ok) {
    return verdict.reason === 'keys_unavailable'
      ? keysUnavailable
      : err({ kind: 'not_proven', fault: verdict.reason })
  }
  const { claims } = verdict
  const isOwn = [tenant, claims.tid].some((one) => speaksForApp(one, integration))
  await recordAppAcceptance(services, call, integration, isOwn)
  const iss = 'code' in proof ? proof.iss : null
  return iss === null || iss === issuerOf(authority, claims.tid)
    ? ok({ tokens, resource: resource ?? 'outlook', claims })
    : err({ kind: 'not_proven', fault: 'issuer' })
}

const err = (error: RedemptionFailure) => ({ ok: false as const, error })

const keysUnavailable = err({ kind: 'keys_unavailable' })

/**
 * Returns those of these protocols that the tokens are for, and all those of other resources. Returns none if the
 * tokens are for no protocol at all. Microsoft asked the person for all of them, but only the first token for another
 * resource shows whether it grants them.
 */
export function protocolsOf(
  { tokens, resource }: Redeemed,
  requested: readonly Protocol[],
): Protocol[] {
  const granted = grantedProtocols(resource, tokens.scope)
  if (granted.length === 0) return []
  return requested.filter(
    (protocol) => granted.includes(protocol) || resourceOf(protocol) !== resource,
  )
}

/** Returns the name by which people recognise the person who signed in. */
export const signedInAs = ({ preferredUsername, name, oid }: IdTokenClaims): string =>
  preferredUsername ?? name ?? oid

/** Builds the grant of redeemed tokens. */
export const toNewGrant = (
  id: string,
  { tokens, resource, claims }: Redeemed,
  { clientId, cloud, scopes }: SignInParameters,
  {
    protocols,
    refreshToken,
    customer,
  }: { protocols: Protocol[]; refreshToken: string; customer: string | null },
  now: Date,
): NewGrant => ({
  id,
  customer,
  clientId,
  cloud,
  tenantId: claims.tid,
  objectId: claims.oid,
  accountType: claims.accountType,
  signedInAs: signedInAs(claims),
  scopes: scopesAfter(cloud, scopes, resource, tokens.scope),
  resource,
  protocols,
  wider: unaskedPermissions(tokens.scope),
  tokens: {
    accessToken: tokens.accessToken,
    accessTokenExpiresAt: new Date(now.getTime() + tokens.expiresIn * 1000),
    refreshToken,
  },
})
