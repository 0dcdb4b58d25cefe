/**
 * The redirect to Entra. A secret binds the browser; `state`, `nonce` and PKCE bind the response. All
 * are new for each start, so that starting again invalidates the earlier attempt.
 */
import { MINUTE_MS } from '../../../schema/durations.ts'
import { isPersonalTenant } from '../../../schema/integration.ts'
import { authorizeUrl, challengeS256, createVerifier } from '../../entra/authorize.ts'
import { mailScopes } from '../../entra/scopes.ts'
import { hashSecret } from '../../hash.ts'
import { ok, type Result } from '../../model/result.ts'
import type { Services } from '../../services.ts'
import { boundToRootKey } from '../access/authenticate.ts'
import { isFromOtherApp } from '../app/integration.ts'
import { newSecret } from '../secrets.ts'
import { DECISION_TIME_MS } from './mismatch.ts'
import { type Rejected, rejected } from './outcome.ts'
import { openLink } from './sign-in-link.ts'

const SIGN_IN_TIME_MS = 10 * MINUTE_MS

/** Lifetime of the browser secret: the sign-in, then a decision about a mismatch. */
export const BROWSER_SECRET_LIFETIME_MS = SIGN_IN_TIME_MS + DECISION_TIME_MS

/** Derives the nonce from the state, so that it need not be stored. */
export const nonceOf = (state: string) => hashSecret(`nonce.${state}`)

/** The redirect to Microsoft. `browserSecret` binds the browser to the authorization. */
export type AuthorizeRedirect = { url: string; browserSecret: string }

/**
 * Starts a sign-in with a fresh state, PKCE verifier and nonce, valid for 10 minutes. Starting again invalidates the
 * state of the previous start.
 */
export async function startSignIn(
  services: Services,
  id: string,
  secret: string,
): Promise<Result<AuthorizeRedirect, Rejected>> {
  const { store, entra, random, settings } = services
  const [link, chooseAccount, challenge] = await Promise.all([
    openLink(services, id, secret),
    store.authorizations.lastWasMismatch(id),
    store.grants.readClaimsChallenge(id),
  ])
  if (!link.ok) return link
  const { authorization, integration } = link.value
  const { username, delegate } = authorization
  const { clientId, cloud, tenant } = integration
  const [state, browser] = [newSecret(random), newSecret(random)]
  const verifier = createVerifier(random)
  const shared = delegate !== null && !isPersonalTenant(tenant)
  const scopes = mailScopes(cloud, authorization.protocols, { shared })
  const now = services.now()
  const started = await store.authorizations.start(
    authorization,
    {
      state,
      browser: boundToRootKey(services, authorization.requestedBy, browser),
      verifier,
      clientId,
      cloud,
      tenant,
      scopes,
      expiresAt: new Date(now.getTime() + SIGN_IN_TIME_MS),
    },
    now,
  )
  if (!started) return { ok: false, error: rejected({ reason: 'authorization_used' }) }
  const url = authorizeUrl({
    authority: entra.authority(cloud, tenant),
    clientId,
    redirectUri: settings.urls.redirectUri,
    scopes,
    state,
    nonce: await nonceOf(state),
    challenge: await challengeS256(verifier),
    ...(chooseAccount
      ? { prompt: 'select_account' as const }
      : { loginHint: delegate ?? username }),
    claims: challenge && !isFromOtherApp(challenge, integration) ? challenge.claims : null,
  })
  return ok({ url, browserSecret: browser })
}
