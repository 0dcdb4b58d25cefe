/** POST /oauth/token: access tokens for programs that know OAuth (RFC 6749), and its metadata (RFC 8414). */
import type { RouteConfig } from '@hono/zod-openapi'
import type { Context } from 'hono'
import {
  AuthorizationServerMetadata,
  JsonWebKeySet,
  OAuthError,
  OAuthToken,
  OAuthTokenInput,
  OpenIdConfiguration,
} from '../../schema/token-endpoint.ts'
import { mayDo, recordKeyUse } from '../domain/access/authenticate.ts'
import { readKeySet } from '../domain/app/federated.ts'
import { issueAccessToken } from '../domain/tokens/issue-access-token.ts'
import { AUTHORIZATION_SERVER, KEY_SET, OPENID_CONFIGURATION, TOKEN_ENDPOINT } from '../paths.ts'
import { ProblemError } from '../problem.ts'
import type { Services } from '../services.ts'
import { keyWithAccount } from './access-tokens.ts'
import { type AppEnv, type Caller, createCall, createRouter } from './app-env.ts'
import { requirePresentedKey } from './identify.ts'
import { jsonResponse } from './json.ts'
import { toProblem, unwrap } from './to-problem.ts'
import { TokenError } from './token-error.ts'
import { malformed, readTokenRequest, type TokenRequest } from './token-request.ts'

const NO_KEY = 'The API key is unknown, expired or revoked. Use a valid one.'

/** Returns the caller whose key was presented. Throws the refusal of the request. */
async function authenticate(
  c: Context<AppEnv>,
  { grantType, clientId, key }: TokenRequest,
): Promise<Caller> {
  const lookUp = keyWithAccount(c, clientId)
  const presented = requirePresentedKey(c, key, { lookUp, refusal: NO_KEY })
  const found = await presented.catch((error: unknown) => {
    const asGrant = grantType === 'refresh_token' && error instanceof ProblemError
    if (!asGrant || error.problem.code !== 'unauthorized') throw error
    throw new TokenError('invalid_grant', error.problem)
  })
  const caller: Caller = { ...found, actor: { type: 'key', id: found.id } }
  recordKeyUse(c.get('services'), createCall(c, caller), found)
  if (found.id === 'root') {
    throw refused('ROOT_API_KEY is not accepted here. Create an API key with the scope tokens.')
  }
  c.set('actor', caller.actor)
  if (!mayDo(found, 'tokens')) throw refused('This API key lacks the scope tokens.')
  return caller
}

const refused = (detail: string) => new ProblemError({ code: 'insufficient_scope', detail })

/** Described for the API reference only. The route reads its body itself, since its errors are those of OAuth. */
const token = {
  method: 'post',
  path: TOKEN_ENDPOINT,
  security: [],
  operationId: 'requestToken',
  tags: ['Email accounts'],
  summary: 'Issue an access token to an OAuth client',
  description:
    "For programs that refresh their access token at a token endpoint (RFC 6749), such as mail clients, libraries, and Postfix with sasl-xoauth2. Use either `grant_type=refresh_token`, with the email account's ID as `client_id` and an API key as `refresh_token` (a `client_secret` is ignored), or `grant_type=client_credentials`, with the key as `client_secret`, in the form or by HTTP Basic. `scope` is ignored, except that an account for Microsoft Graph needs an empty one or a Graph scope. Permissions, limits and refusals are those of `POST /v1/mail-accounts/{id}/access-token`, but `ROOT_API_KEY` is refused. `invalid_client` or `invalid_grant`: the key is not valid. `unauthorized_client`: the key isn't allowed to fetch this token. `invalid_scope`: the token would be for Microsoft Graph, but `scope` is for something else. `interaction_required`: the key is valid, but a person or an administrator must act first, as `error_description` says. `temporarily_unavailable`: retry after `Retry-After`. The refresh token does not change. Send nothing in the query.",
  request: {
    body: {
      required: true,
      content: { 'application/x-www-form-urlencoded': { schema: OAuthTokenInput } },
    },
  },
  responses: {
    200: jsonResponse('The access token.', OAuthToken),
    400: jsonResponse('The request is refused.', OAuthError),
    401: jsonResponse('`invalid_client`: the API key is unknown, expired or revoked.', OAuthError),
    429: jsonResponse('Too many failed authentications. `Retry-After` says when.', OAuthError),
    500: jsonResponse('`server_error`.', OAuthError),
    503: jsonResponse('`temporarily_unavailable`. `Retry-After` says when.', OAuthError),
  },
} satisfies RouteConfig

const describeMetadata = (path: string, operationId: string, title: string) => ({
  method: 'get' as const,
  path,
  security: [],
  'x-problems': ['storage_unavailable'],
  operationId,
  tags: ['Operating'],
  summary: title,
  description:
    'Contains the token endpoint, for programs that look it up by the issuer, which is `PUBLIC_URL`. There is no authorization endpoint, because people sign in with the links of `POST /v1/authorizations`. `jwks_uri` is present from the moment a federated credential is stored, current or next, until a day after it is replaced.',
})

const authorizationServer = {
  ...describeMetadata(
    AUTHORIZATION_SERVER,
    'getAuthorizationServerMetadata',
    'OAuth authorization server metadata (RFC 8414)',
  ),
  responses: { 200: jsonResponse('The metadata.', AuthorizationServerMetadata) },
} satisfies RouteConfig

const openIdConfiguration = {
  ...describeMetadata(
    OPENID_CONFIGURATION,
    'getOpenIdConfiguration',
    'OpenID Connect discovery document',
  ),
  responses: { 200: jsonResponse('The metadata.', OpenIdConfiguration) },
} satisfies RouteConfig

const keySet = {
  ...describeMetadata(KEY_SET, 'getKeySet', "Mailgrant's public keys (RFC 7517)"),
  description:
    'The keys with which Entra verifies the assertions that Mailgrant signs for a federated credential. A key is published a day before it signs (the first one signs at once) and a day after its last signature. Without a federated credential there are none.',
  responses: { 200: jsonResponse('The keys.', JsonWebKeySet) },
} satisfies RouteConfig

/** Cached briefly, since the first signing key is used as soon as it is made. */
const CACHED = { 'cache-control': 'public, max-age=300' }

const metadataOf = async ({
  settings: { publicUrl },
  store,
}: Services): Promise<AuthorizationServerMetadata> => ({
  issuer: publicUrl,
  token_endpoint: `${publicUrl}${TOKEN_ENDPOINT}`,
  grant_types_supported: ['refresh_token', 'client_credentials'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
  response_types_supported: ['id_token'],
  ...((await store.signingKeys.list()).length > 0 && { jwks_uri: `${publicUrl}${KEY_SET}` }),
})

export const tokenEndpoint = createRouter()
for (const route of [token, authorizationServer, openIdConfiguration, keySet]) {
  tokenEndpoint.openAPIRegistry.registerPath(route)
}

tokenEndpoint.post(TOKEN_ENDPOINT, async (c) => {
  if (c.req.url.includes('?')) {
    throw malformed('Send the parameters in the body: a URL is stored in logs.')
  }
  const presented = {
    authorization: c.req.header('authorization'),
    contentType: c.req.header('content-type'),
  }
  // Not with text(), which logs a warning for a form in Workers.
  const body = new TextDecoder().decode(await c.req.arrayBuffer())
  const request = readTokenRequest(presented, body)
  const caller = await authenticate(c, request)
  const issued = await issueAccessToken(
    c.get('services'),
    createCall(c, caller),
    request.clientId,
    { scope: request.scope },
    c.get('tokenIssue'),
  )
  if (!issued.ok && issued.error.reason === 'scope_not_graph') {
    throw new TokenError('invalid_scope', toProblem(issued.error))
  }
  const { token, scope } = unwrap(issued)
  c.set('issuedFromStore', !token.refreshed)
  const { access_token, token_type, expires_in } = token
  const headers = { 'cache-control': 'no-store', pragma: 'no-cache' }
  return c.json({ access_token, token_type, expires_in, scope } satisfies OAuthToken, 200, headers)
})

tokenEndpoint.get(AUTHORIZATION_SERVER, async (c) =>
  c.json(await metadataOf(c.get('services')), 200, CACHED),
)

tokenEndpoint.get(OPENID_CONFIGURATION, async (c) => {
  const metadata: OpenIdConfiguration = {
    ...(await metadataOf(c.get('services'))),
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  }
  return c.json(metadata, 200, CACHED)
})

tokenEndpoint.get(KEY_SET, async (c) => c.json(await readKeySet(c.get('services')), 200, CACHED))
