/** The token endpoint for OAuth clients (RFC 6749) and its metadata (RFC 8414). */
import { z } from 'zod'
import { count, object, optionalText, text } from './common.ts'

export const OAuthTokenInput = object('OAuthTokenInput', {
  grant_type: z.enum(['refresh_token', 'client_credentials']).meta({
    description: 'How the API key is presented.',
  }),
  client_id: optionalText(
    'ID of the email account. With HTTP Basic, the user name instead.',
    'ma_mwiq4wgd7u5x2l3k7777777777',
  ),
  refresh_token: optionalText('The API key, with `grant_type=refresh_token`.', 'mg_key_...'),
  client_secret: optionalText(
    'The API key, with `grant_type=client_credentials`; ignored with `refresh_token`. With HTTP Basic, the password instead.',
  ),
  scope: optionalText(
    'Ignored for IMAP and SMTP. For `graph_send`: empty, or a scope of Microsoft Graph.',
  ),
})

export const OAuthToken = object('OAuthToken', {
  access_token: text('The access token, an opaque string.', 'eyJ0eXAi...'),
  token_type: z.literal('Bearer').meta({ description: 'Always `Bearer`.' }),
  expires_in: count('Seconds until the token expires.', 3599),
  scope: text(
    'Scopes of the token, separated by spaces.',
    'https://outlook.office.com/IMAP.AccessAsUser.All',
  ),
})
export type OAuthToken = z.infer<typeof OAuthToken>

export const OAuthError = object('OAuthError', {
  error: z
    .enum([
      'invalid_request',
      'invalid_client',
      'invalid_grant',
      'unauthorized_client',
      'unsupported_grant_type',
      'invalid_scope',
      'interaction_required',
      'temporarily_unavailable',
      'server_error',
    ])
    .meta({ description: 'Stable error code; branch on this.', example: 'interaction_required' }),
  error_description: text(
    'What happened and what to do, then the problem code in parentheses. ASCII.',
    'The sign-in has expired. Sign in again to reconnect. (reconnect_required)',
  ),
})
export type OAuthError = z.infer<typeof OAuthError>

export const AuthorizationServerMetadata = object('AuthorizationServerMetadata', {
  issuer: text('`PUBLIC_URL` of this deployment.', 'https://mailgrant.example.com'),
  token_endpoint: text(
    'Where OAuth clients fetch access tokens.',
    'https://mailgrant.example.com/oauth/token',
  ),
  grant_types_supported: z.array(z.string()).meta({
    description: 'Grant types of the token endpoint.',
    example: ['refresh_token', 'client_credentials'],
  }),
  token_endpoint_auth_methods_supported: z.array(z.string()).meta({
    description: 'How clients may authenticate there; `none` with a refresh token.',
    example: ['client_secret_basic', 'client_secret_post', 'none'],
  }),
  response_types_supported: z.array(z.string()).meta({
    description: 'Required by RFC 8414; there is no authorization endpoint.',
    example: ['id_token'],
  }),
  jwks_uri: optionalText(
    'Public keys of the assertions that Mailgrant signs. Absent unless there are such keys.',
    'https://mailgrant.example.com/.well-known/jwks.json',
  ),
})
export type AuthorizationServerMetadata = z.infer<typeof AuthorizationServerMetadata>

export const OpenIdConfiguration = AuthorizationServerMetadata.extend({
  subject_types_supported: z.array(z.string()).meta({
    description: 'Required by OpenID Connect Discovery.',
    example: ['public'],
  }),
  id_token_signing_alg_values_supported: z.array(z.string()).meta({
    description: 'Required by OpenID Connect Discovery.',
    example: ['RS256'],
  }),
}).meta({ id: 'OpenIdConfiguration' })
export type OpenIdConfiguration = z.infer<typeof OpenIdConfiguration>

export const JsonWebKeySet = object('JsonWebKeySet', {
  keys: z
    .array(
      object('JsonWebKey', {
        kty: z.literal('RSA').meta({ description: 'Key type.' }),
        kid: text(
          'SHA-256 thumbprint of the key (RFC 7638).',
          'YQ7vWkkAd6dHrrvVWhR4Z6Jd0pW3xuGBkUYLbQG8z7I',
        ),
        use: z.literal('sig').meta({ description: 'The key signs.' }),
        alg: z.literal('RS256').meta({ description: 'Algorithm of the signatures.' }),
        n: text('Modulus, base64url-encoded.', 'u1W...'),
        e: text('Exponent, base64url-encoded.', 'AQAB'),
      }),
    )
    .meta({ description: 'The key that signs, those before it for 24 hours, and the next one.' }),
})
export type JsonWebKeySet = z.infer<typeof JsonWebKeySet>
