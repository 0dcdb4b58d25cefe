/**
 * Signs a person in at the strict server through the product's Entra client: authorize URL, callback and
 * code exchange.
 */
import { randomBytes } from 'node:crypto'
import {
  authorizeUrl,
  challengeS256,
  createVerifier,
  readCallback,
} from '../../api/entra/authorize.ts'
import { createEntra } from '../../api/entra/client.ts'
import { clientSecretPost } from '../../api/entra/client-auth.ts'
import { mailScopes } from '../../api/entra/scopes.ts'
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

/** Returns the access token of a new sign-in. */
export async function signIn(server: OidcServer, account: Account): Promise<string> {
  const entra = createEntra({ fetch, authorityOverride: server.origin })
  const authority = entra.authority('global', server.tenant)
  const scopes = mailScopes('global', ['imap', 'smtp'])
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

  const response = await entra.exchangeCode({
    authority,
    auth: clientSecretPost(clientId, server.app.secret),
    scopes,
    now: new Date(),
    code: callback.code,
    redirectUri,
    verifier,
  })
  if (!response.ok) throw new Error(`the code was refused: ${JSON.stringify(response.failure)}`)
  return response.tokens.accessToken
}
