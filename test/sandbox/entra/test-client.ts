/** A minimal OAuth client for tests of the sandbox, with every parameter open to change. */
import { app, secrets } from '../personas.ts'
import type { Entra } from './entra.ts'

export const AUTHORITY = 'https://login.microsoftonline.com'
export const IMAP = 'https://outlook.office.com/IMAP.AccessAsUser.All'
export const SMTP = 'https://outlook.office.com/SMTP.Send'
export const MAIL_SEND = 'https://graph.microsoft.com/Mail.Send'
export const SCOPE = `${IMAP} ${SMTP} offline_access openid profile`
export const REDIRECT = app.redirectUris[0] ?? ''

/** Verifier and challenge of RFC 7636, appendix B. */
const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
const CHALLENGE = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

/** Changed parameters; undefined removes one. */
type Changes = Record<string, string | undefined>

const encode = (params: Changes): URLSearchParams => {
  const present = Object.entries(params).filter(([, value]) => value !== undefined)
  return new URLSearchParams(present as [string, string][])
}

export function authorizeUrl(changes: Changes = {}, tenant = 'common'): string {
  const params = encode({
    client_id: app.clientId,
    response_type: 'code',
    redirect_uri: REDIRECT,
    scope: SCOPE,
    state: 'a-state',
    nonce: 'a-nonce',
    code_challenge: CHALLENGE,
    code_challenge_method: 'S256',
    ...changes,
  })
  return `${AUTHORITY}/${tenant}/oauth2/v2.0/authorize?${params}`
}

export type TokenResponse = { status: number; headers: Headers; body: Record<string, unknown> }

export type TokenOptions = { tenant?: string }

export async function callToken(
  entra: Entra,
  changes: Changes,
  { tenant = 'common' }: TokenOptions = {},
): Promise<TokenResponse> {
  const body = encode({ client_id: app.clientId, client_secret: secrets.current, ...changes })
  const url = `${AUTHORITY}/${tenant}/oauth2/v2.0/token`
  const response = await entra.fetch(url, { method: 'POST', body })
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as Record<string, unknown>,
  }
}

export function redeem(entra: Entra, code: string, changes: Changes = {}, options?: TokenOptions) {
  const params = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT,
    code_verifier: VERIFIER,
    ...changes,
  }
  return callToken(entra, params, options)
}

export function refresh(
  entra: Entra,
  token: string,
  changes: Changes = {},
  options: TokenOptions = {},
) {
  const params = { grant_type: 'refresh_token', refresh_token: token, ...changes }
  return callToken(entra, params, { tenant: 'contoso.test', ...options })
}

/** Signs in, accepts the consent, and returns the code. */
export async function obtainCode(entra: Entra, as: string, changes: Changes = {}): Promise<string> {
  const url = await entra.signIn(authorizeUrl(changes), { as })
  const code = url.searchParams.get('code')
  if (code === null) throw new Error(`no code in the redirect: ${url.search}`)
  return code
}

export type Tokens = { access_token: string; refresh_token: string; id_token: string }

/** Signs in, accepts the consent, and redeems the code. */
export async function obtainTokens(
  entra: Entra,
  as: string,
  changes: Changes = {},
): Promise<Tokens> {
  const { status, body } = await redeem(entra, await obtainCode(entra, as, changes))
  if (status !== 200) throw new Error(`no tokens: ${JSON.stringify(body)}`)
  return body as Tokens
}
