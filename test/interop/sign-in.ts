/**
 * Signs a person in at the strict server through the product's Entra client: authorize URL, callback,
 * code exchange and id_token verification.
 */
import { randomBytes } from 'node:crypto'
import { authorizeUrl, readCallback } from '../../api/entra/authorize.ts'
import { createEntra } from '../../api/entra/client.ts'
import { clientSecretPost } from '../../api/entra/client-auth.ts'
import { challengeS256, createVerifier } from '../../api/entra/pkce.ts'
import { mailScopes } from '../../api/entra/scopes.ts'
import type { Protocol } from '../../schema/mail-servers.ts'
import { type Browser, createBrowser, type Page } from '../sandbox/browser.ts'
import { plainHttp } from '../sandbox/plain-http.ts'
import type { OidcServer } from './oidc-server.ts'
import type { Account } from './people.ts'

/** Completes both forms of the strict server and follows the redirects. */
export async function completeForms(
  browser: Browser,
  first: Page,
  account: Account,
  stopBefore: (url: URL) => boolean = () => false,
): Promise<Page> {
  const consent = await browser.submit(first, { username: account.username })
  return browser.submit(consent, {}, { stopBefore })
}

export async function signIn(
  server: OidcServer,
  account: Account,
  protocols: readonly Protocol[] = ['imap', 'smtp'],
) {
  const entra = createEntra({ fetch, authorityOverride: server.origin })
  const authority = entra.authority('global', server.tenant)
  const scopes = mailScopes('global', protocols)
  const redirectUri = server.app.redirectUris[0] ?? ''
  const verifier = createVerifier(randomBytes)
  const [state, nonce] = [randomBytes(16).toString('hex'), randomBytes(16).toString('hex')]
  const clientId = server.app.id

  const browser = createBrowser({ fetch: plainHttp })
  const first = await browser.visit(
    authorizeUrl({
      authority,
      clientId,
      redirectUri,
      scopes,
      state,
      nonce,
      challenge: await challengeS256(verifier),
      loginHint: account.username,
    }),
  )
  const back = await completeForms(browser, first, account, (url) =>
    url.href.startsWith(redirectUri),
  )
  const callback = readCallback(new URL(back.headers.get('location') ?? back.url).searchParams)
  if (!callback.ok || callback.state !== state)
    throw new Error(`the callback contains no code: ${back.body}`)

  const request = { authority, auth: clientSecretPost(clientId, server.app.secret), scopes }
  const now = new Date()
  const exchange = () =>
    entra.exchangeCode({ ...request, now, code: callback.code, redirectUri, verifier })
  const answer = await exchange()
  if (!answer.ok) throw new Error(`the code was refused: ${JSON.stringify(answer.failure)}`)
  const { tokens } = answer
  const idToken = tokens.idToken ?? ''
  using deadline = entra.startDeadline()
  const identity = await entra.verifyIdToken(idToken, {
    authority,
    clientId,
    nonce,
    now,
    deadline: deadline.signal,
  })
  return {
    tokens,
    identity,
    /** Issuer in the callback (RFC 9207). */
    issuer: callback.iss,
    /** Redeems the same code again. */
    exchangeAgain: exchange,
    refresh: (refreshToken: string) => entra.refresh({ ...request, now: new Date(), refreshToken }),
  }
}
