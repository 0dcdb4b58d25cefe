/**
 * Going on to Entra. The browser is bound by a cookie, the answer by `state`, `nonce` and PKCE, all
 * new each time: going back and on again makes the earlier try worthless.
 */
import { authorizeUrl } from '../../entra/authorize.ts'
import { challengeS256, createVerifier } from '../../entra/pkce.ts'
import { mailScopes } from '../../entra/scopes.ts'
import { ok, type Result } from '../../result.ts'
import type { Services } from '../../services.ts'
import { redirectUri } from '../integration/redirect-uris.ts'
import { hashSecret, newSecret } from '../secrets.ts'
import { type OpenLink, used } from './link.ts'
import { DECISION_TIME } from './undecided.ts'

/** To sign in, milliseconds. */
const SIGN_IN_TIME = 600_000

/** The cookie also covers the question that may follow, milliseconds. */
export const COOKIE_LIFETIME = SIGN_IN_TIME + DECISION_TIME

/** `__Host-`: no other host and no plain HTTP can set it. One per authorization: popups may overlap. */
export const cookieName = (id: string) => `__Host-mg_${id}`

/** Known to whoever knows the state, so that it needs no storing. */
export const nonceOf = (state: string) => hashSecret(`nonce.${state}`)

export type Departure = { url: string; cookie: { name: string; value: string } }

export async function startSignIn(
  services: Services,
  { authorization, integration }: OpenLink,
): Promise<Result<Departure>> {
  const { store, entra, random, settings } = services
  const { id, username, delegate } = authorization
  const { clientId, cloud, tenant } = integration
  const [state, browser] = [newSecret(random), newSecret(random)]
  const verifier = createVerifier(random)
  const scopes = mailScopes(cloud, authorization.protocols)
  const now = services.now()
  const askWhich = await store.authorizations.lastWasMismatch(username, id)
  const started = await store.authorizations.start(
    id,
    {
      stateHash: await hashSecret(state),
      browserHash: await hashSecret(browser),
      verifier,
      clientId,
      cloud,
      tenant,
      scopes,
      expiresAt: new Date(now.getTime() + SIGN_IN_TIME),
    },
    now,
  )
  if (!started) return { ok: false, error: used }
  const url = authorizeUrl({
    authority: entra.authority(cloud, tenant),
    clientId,
    redirectUri: redirectUri(settings.publicUrl),
    scopes,
    state,
    nonce: await nonceOf(state),
    challenge: await challengeS256(verifier),
    ...(askWhich ? { prompt: 'select_account' as const } : { loginHint: delegate ?? username }),
  })
  return ok({ url, cookie: { name: cookieName(id), value: browser } })
}
