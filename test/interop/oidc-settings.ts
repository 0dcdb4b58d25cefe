/** Settings that make oidc-provider strict, and similar to Entra where a client can tell. */
import { randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair } from 'jose'
import type { Configuration } from 'oidc-provider'
import { accounts, TENANT } from './people.ts'

export const APP_ID = 'b7f0d2c4-61e5-4a38-8f9d-2c5a7e1b4f60'
const IMAP_SCOPE = 'https://outlook.office.com/IMAP.AccessAsUser.All'
const SMTP_SCOPE = 'https://outlook.office.com/SMTP.Send'
const GRAPH_SCOPE = 'https://graph.microsoft.com/Mail.Send'

/** Characters of an access token: as many as Entra's for a work account have, which are 1,500 to 2,500. */
const ACCESS_TOKEN_LENGTH = 2400
const BITS_PER_CHARACTER = 6
const OTHER_TOKEN_BITS = 256

export type Lifetimes = { accessToken: number }

export type Clients = {
  app: { id: string; secret: string; redirectUris: readonly string[] }
  /** The mail server, which may introspect tokens. */
  mailServer: { id: string; secret: string }
}

/** Creates the settings. `lifetimes` is read for each token, so changes apply to the next one. */
export async function strictSettings(
  { app, mailServer }: Clients,
  lifetimes: Lifetimes,
): Promise<Configuration> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const signingKey = { ...(await exportJWK(privateKey)), kid: 'first', use: 'sig', alg: 'RS256' }
  return {
    clients: [
      {
        client_id: app.id,
        client_secret: app.secret,
        redirect_uris: app.redirectUris,
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
        token_endpoint_auth_method: 'client_secret_post',
      },
      {
        client_id: mailServer.id,
        client_secret: mailServer.secret,
        redirect_uris: [],
        grant_types: [],
        response_types: [],
        token_endpoint_auth_method: 'client_secret_basic',
      },
    ],
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    responseTypes: ['code'],
    pkce: { required: () => true },
    // A refresh token works once. Reuse revokes its whole family.
    rotateRefreshToken: true,
    clockTolerance: 0,
    ttl: {
      AccessToken: () => lifetimes.accessToken,
      AuthorizationCode: () => 60,
      Grant: () => 3600,
      IdToken: () => 3600,
      Interaction: () => 600,
      RefreshToken: () => 3600,
      Session: () => 3600,
    },
    formats: {
      bitsOfOpaqueRandomness: (_ctx, { kind }) =>
        kind === 'AccessToken' ? ACCESS_TOKEN_LENGTH * BITS_PER_CHARACTER : OTHER_TOKEN_BITS,
    },
    routes: {
      authorization: '/oauth2/v2.0/authorize',
      token: '/oauth2/v2.0/token',
      jwks: '/discovery/v2.0/keys',
      introspection: '/introspection',
    },
    scopes: ['openid', 'offline_access', IMAP_SCOPE, SMTP_SCOPE, GRAPH_SCOPE],
    claims: { openid: ['sub', 'tid', 'oid'], profile: ['name', 'preferred_username'] },
    // Entra puts the claims of `profile` into the id_token; the standard leaves them to userinfo.
    conformIdTokenClaims: false,
    findAccount: (_ctx, id) => accountOf(id),
    // Tells the mail server the login name of the token's owner.
    extraTokenClaims(_ctx, { accountId }) {
      const username = accounts.find(({ oid }) => oid === accountId)?.username
      return username === undefined ? undefined : { username }
    },
    features: {
      devInteractions: { enabled: false },
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx: unknown, client: { clientId: string }) =>
          client.clientId === mailServer.id,
      },
    },
    interactions: { url: (_ctx, { uid }) => `/${TENANT}/interaction/${uid}` },
    cookies: { keys: [randomBytes(16).toString('hex')] },
    jwks: { keys: [signingKey] },
    renderError(ctx, out) {
      ctx.type = 'application/json'
      ctx.body = out
    },
  }
}

function accountOf(id: string) {
  const account = accounts.find(({ oid }) => oid === id)
  if (account === undefined) return undefined
  const { oid, name, username } = account
  return {
    accountId: oid,
    claims: () => ({ sub: oid, oid, tid: TENANT, name, preferred_username: username }),
  }
}
