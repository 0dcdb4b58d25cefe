/** Statements about the token endpoint: responses, lifetimes, and the numbers that decide what a refusal means. */
import {
  type Assumptions,
  believed,
  concluded,
  documented,
  files,
  notes,
  reported,
} from './assumption.ts'

const { clientAuth, delegated, idToken, numbers, scopes, token } = files
const authCode = documented('entra/identity-platform/v2-oauth2-auth-code-flow')
const clientCredentials = documented('entra/identity-platform/v2-oauth2-client-creds-grant-flow')
const errorCodes = documented('entra/identity-platform/reference-error-codes')
const lifetimes = documented('entra/identity-platform/configurable-token-lifetimes')
const refreshTokens = documented('entra/identity-platform/refresh-tokens')
const accessTokens = documented('entra/identity-platform/access-tokens')
const claims = documented('entra/identity-platform/id-token-claims-reference')
const certificates = documented('entra/identity-platform/certificate-credentials')
const federation = documented(
  'entra/workload-id/workload-identity-federation-considerations',
  '2026-11-25',
)
const mailcopilot = reported(
  'https://github.com/mailcopilot/mailcopilot/blob/main/electron/microsoftOAuth.ts',
  '2026-04-23',
)

const throttled = reported(
  'https://github.com/AzureAD/microsoft-authentication-library-for-dotnet/issues/2855',
  '2021-08-30',
)

export const tokens = {
  // What a successful request returns
  'token-response': {
    statement:
      'The response to a code has access_token, token_type Bearer, expires_in in seconds and scope, with refresh_token for offline_access and id_token for openid.',
    source: authCode,
    check: 'automatic',
    file: token,
    code: "if (expiresIn === undefined) return 'expires_in'",
  },
  'access-token-lifetime': {
    statement: 'An access token lives between 60 and 90 minutes, unless a policy says otherwise.',
    source: lifetimes,
    check: 'automatic',
    file: token,
    code: 'const DEFAULT_LIFETIME_S = 3600',
  },
  'longest-access-token': {
    statement: 'No access token lives longer than 28 hours.',
    source: accessTokens,
    check: 'needs waiting',
    file: token,
    code: 'const MAX_LIFETIME_S = 100_800',
  },
  'work-token-is-readable': {
    statement: "A work account's access token is a JWT with aud, scp, tid, appid and upn.",
    source: reported('https://github.com/jstedfast/MailKit/issues/178', '2015-04-16'),
    check: 'automatic',
    file: 'api/entra/access-token.ts',
    code: "permissions: text('scp') ?? roles",
  },
  'app-token-is-readable': {
    statement: "The app's own token has idtyp app, and its permissions in roles.",
    source: reported('https://github.com/jstedfast/MailKit/issues/1811', '2024-09-08'),
    check: 'automatic',
    file: 'api/entra/access-token.ts',
    code: "appOnly: claims.idtyp === 'app'",
  },
  'id-token-claims': {
    statement:
      'The id_token has aud (the client ID), nonce, exp, sub, and with the scope profile also oid and preferred_username.',
    source: claims,
    check: 'automatic',
    file: idToken,
    code: 'const { aud, tid, iss, oid, sub } = payload',
  },
  'id-token-algorithm': {
    statement: "The id_token is signed with RS256, by the key that the header's kid identifies.",
    source: accessTokens,
    check: 'automatic',
    file: idToken,
    code: "algorithms: ['RS256']",
  },
  'id-token-issuer': {
    statement: 'iss of the id_token is the login host, the tenant tid, and /v2.0.',
    source: claims,
    check: 'automatic',
    file: 'api/entra/authority.ts',
    code: 'export function issuerOf',
  },
  'personal-tenant': {
    statement: 'tid of every personal account is 9188040d-6c67-4c5b-b112-36a304b66dad.',
    source: claims,
    check: 'automatic',
    file: 'schema/integration.ts',
    code: '9188040d-6c67-4c5b-b112-36a304b66dad',
  },

  // Codes
  'code-once': {
    statement: 'A code that was redeemed is refused with invalid_grant and AADSTS54005.',
    source: errorCodes,
    check: 'automatic',
    file: 'api/diagnosis/catalogue/token/grant.ts',
    code: '54005',
  },
  'pkce-is-checked': {
    statement: 'A wrong code_verifier is refused with AADSTS501481.',
    source: errorCodes,
    check: 'needs a person',
    file: 'api/diagnosis/catalogue/token/grant.ts',
    code: '501481',
  },
  'code-of-another-tenant': {
    statement: "A code that is redeemed at another tenant's path is refused with AADSTS700005.",
    source: errorCodes,
    check: 'needs a person',
    file: 'api/diagnosis/catalogue/sign-in/tenant.ts',
    code: '700005',
  },

  // Refresh tokens
  'newest-refresh-token': {
    statement: 'Each refresh returns a new refresh token without revoking the old one.',
    source: refreshTokens,
    check: 'automatic',
    file: 'api/store/grants.ts',
    code: 'isRotated && { previousRefreshTokenSealed: grants.refreshTokenSealed }',
  },
  'refresh-token-personal': {
    statement:
      'A refresh of a personal account returns a new refresh token without revoking the old one.',
    source: mailcopilot,
    check: 'automatic',
    file: delegated,
    code: 'await ask(previousRefreshToken)',
  },
  'refresh-token-serves-both': {
    statement: 'A refresh token brings an access token of each resource with consent.',
    source: refreshTokens,
    check: 'automatic',
    file: delegated,
    code: 'grants.leases.acquire(id, resource, ...args)',
  },
  'refresh-at-own-tenant': {
    statement:
      "A refresh succeeds at the account's own tenant, which is consumers for a personal account.",
    source: reported('https://github.com/Softeria/ms-365-mcp-server/pull/528', '2026-06-10'),
    check: 'automatic',
    file: 'api/entra/authority.ts',
    code: "tid.toLowerCase() === PERSONAL_TENANT ? 'consumers' : tid",
  },
  'refresh-token-90-days': {
    statement: 'A refresh token that was not used for its lifetime is refused with AADSTS700082.',
    source: errorCodes,
    check: 'needs waiting',
    file: 'api/diagnosis/catalogue/token/grant.ts',
    code: '700082',
  },
  'refresh-token-has-no-maximum-age': {
    statement: 'A refresh token that is used has no maximum age.',
    source: lifetimes,
    check: 'needs waiting',
    file: 'api/domain/operations/maintenance/refresh-tokens.ts',
    code: 'IDLE_MS = 20 * DAY_MS',
  },
  'refresh-token-of-spa': {
    statement:
      'A refresh token from a redirect URI of the platform SPA is refused with AADSTS700084 at the end of its fixed lifetime.',
    source: errorCodes,
    check: 'needs waiting',
    file: 'api/diagnosis/catalogue/sign-in/redirect.ts',
    code: '700084',
  },
  'password-change-keeps-sign-in': {
    statement:
      "A user's own password change does not end the refresh token of an app with a secret or certificate.",
    source: refreshTokens,
    check: 'needs waiting',
    file: 'api/diagnosis/catalogue/token/grant.ts',
    code: 'an admin reset the password or revoked the sessions',
  },

  // Refusals that end a sign-in
  'revoked-sessions': {
    statement: 'After an admin has revoked the sessions, a refresh fails with AADSTS50173.',
    source: errorCodes,
    check: 'needs an admin',
    file: 'api/diagnosis/catalogue/token/grant.ts',
    code: '50173',
  },
  'consent-removed': {
    statement:
      'After a user has removed the app from their account, a refresh fails with invalid_grant.',
    source: believed('https://learn.microsoft.com/en-us/entra/identity-platform/refresh-tokens'),
    check: 'needs a person',
    file: 'api/diagnosis/catalogue/token/grant.ts',
    code: 'the app was removed from the account',
  },
  'sign-in-frequency': {
    statement: 'The sign-in frequency of Conditional Access ends a sign-in with AADSTS70043.',
    source: errorCodes,
    check: 'needs waiting',
    file: 'api/diagnosis/catalogue/sign-in/person.ts',
    code: '70043',
  },
  'mfa-required': {
    statement: 'A refresh that needs multi-factor authentication fails with AADSTS50076.',
    source: errorCodes,
    check: 'needs an admin',
    file: 'api/diagnosis/catalogue/sign-in/person.ts',
    code: '50076',
  },
  'missing-consent-work': {
    statement:
      'For a work account, a refresh for a resource without consent fails with AADSTS65001.',
    source: reported(
      'https://github.com/microsoft/Partner-Center-DotNet-Samples/issues/49',
      '2020-05-13',
    ),
    check: 'automatic',
    file: numbers,
    code: 'CONSENT_MISSING = 65001',
  },
  'missing-consent-personal': {
    statement:
      'For a personal account, a refresh for a resource without consent fails with AADSTS70000.',
    source: reported('https://github.com/ZeroPointSix/outlookEmailPlus/issues/107', '2026-07-10'),
    check: 'automatic',
    file: numbers,
    code: 'GRANT_NOT_ACCEPTED = 70000',
  },

  // Refusals that do not end a sign-in
  'outage-number': {
    statement:
      'The errors temporarily_unavailable and server_error come from a fault at Microsoft, whatever number is beside them.',
    source: errorCodes,
    check: 'needs waiting',
    file: 'api/diagnosis/catalogue/network/service.ts',
    code: "by.oauth(WEIGHT.overrides + 1, 'temporarily_unavailable', 'server_error')",
  },
  'refusal-that-passes': {
    statement: 'Entra refused a refresh token with AADSTS70000 that worked afterwards.',
    source: reported('https://github.com/BingAds/BingAds-Python-SDK/issues/279', '2024-04-15'),
    check: 'needs waiting',
    file: 'api/diagnosis/judge.ts',
    code: "unconfirmed: effect !== 'cool_down' && mayPass(parsed)",
  },
  'throttling-429': {
    statement: 'Entra limits an app with 429 and Retry-After.',
    source: throttled,
    check: 'needs waiting',
    file: token,
    code: "parseRetryAfter(response.headers.get('retry-after'), asked.now)",
  },
  'throttling-body': {
    statement: "The body of Entra's 429 is plain text.",
    source: throttled,
    check: 'needs waiting',
    file: token,
    code: "if (status === 429) return failed({ kind: 'throttled'",
  },
  'throttling-loop': {
    statement: 'Entra limits a user with invalid_grant and AADSTS50196.',
    source: documented('entra/identity-platform/reference-breaking-changes'),
    check: 'needs waiting',
    file: 'api/diagnosis/catalogue/mail/limits.ts',
    code: '50196',
  },
  'error-members': {
    statement:
      'A refusal is JSON with error, error_description, error_codes, trace_id, correlation_id and timestamp.',
    source: errorCodes,
    check: 'automatic',
    file: 'api/entra/errors.ts',
    code: 'fields.error_codes',
  },
  'number-in-description': {
    statement: 'error_description begins with AADSTS and the number of error_codes.',
    source: errorCodes,
    check: 'automatic',
    file: 'api/entra/errors.ts',
    code: 'AADSTS(\\d{3,9})',
  },

  // Refusals of the app
  'secret-wrong': {
    statement: 'A wrong client secret is refused with 401, invalid_client and AADSTS7000215.',
    source: errorCodes,
    check: 'automatic',
    file: 'api/diagnosis/catalogue/token/credential.ts',
    code: '7000215',
  },
  'secret-missing': {
    statement: 'A request without a secret or an assertion is refused with AADSTS7000218.',
    source: errorCodes,
    check: 'automatic',
    file: 'api/diagnosis/catalogue/token/credential.ts',
    code: '7000218',
  },
  'secret-expired': {
    statement: 'An expired client secret is refused with AADSTS7000222.',
    source: errorCodes,
    check: 'needs waiting',
    file: 'api/diagnosis/catalogue/token/credential.ts',
    code: '7000222',
  },
  'client-unknown': {
    statement: 'An unknown client ID is refused with unauthorized_client and AADSTS700016.',
    source: errorCodes,
    check: 'automatic',
    file: numbers,
    code: 'UNKNOWN_APP = 700016',
  },
  'tenant-unknown': {
    statement: 'A tenant that does not exist is refused with AADSTS90002.',
    source: errorCodes,
    check: 'automatic',
    file: 'api/diagnosis/catalogue/sign-in/tenant.ts',
    code: '90002',
  },
  'grant-type-unsupported': {
    statement: 'A grant type that Entra does not have is refused with AADSTS70003.',
    source: errorCodes,
    check: 'automatic',
    file: 'api/diagnosis/catalogue/sign-in/request.ts',
    code: '70003',
  },
  'no-origin': {
    statement: "A token request with a browser's Origin header is refused where a secret is sent.",
    source: authCode,
    check: 'automatic',
    file: 'api/diagnosis/catalogue/sign-in/redirect.ts',
    code: "A server must not forward a browser's Origin header to the token endpoint.",
  },

  // One resource per token
  'token-one-resource': {
    statement:
      'A token request for both resources is refused: AADSTS28000 (work), AADSTS70011 (personal).',
    source: mailcopilot,
    check: 'automatic',
    file: 'api/diagnosis/catalogue/sign-in/request.ts',
    code: '28000',
  },
  'resource-unknown': {
    statement: 'A scope of a resource that does not exist is refused with AADSTS500011.',
    source: errorCodes,
    check: 'automatic',
    file: numbers,
    code: 'RESOURCE_UNKNOWN = 500011',
  },
  'scopes-with-other-prefix': {
    statement:
      'The scope of a token response gives every consented permission the prefix of the requested resource.',
    source: notes,
    check: 'automatic',
    file: scopes,
    code: "scope.slice(scope.lastIndexOf('/') + 1)",
  },

  // Tokens of the app itself
  'app-token-without-refresh': {
    statement: 'Client credentials bring no refresh token.',
    source: clientCredentials,
    check: 'automatic',
    file: token,
    code: "grant_type: 'client_credentials'",
  },
  'app-token-one-tenant': {
    statement: 'Client credentials at common or consumers are refused with AADSTS9001023.',
    source: concluded('entra/identity-platform/reference-error-codes'),
    check: 'automatic',
    file: 'api/diagnosis/catalogue/sign-in/tenant.ts',
    code: '9001023',
  },
  'app-token-default': {
    statement:
      'Client credentials with a scope other than .default are refused with AADSTS1002012.',
    source: clientCredentials,
    check: 'automatic',
    file: 'api/diagnosis/catalogue/sign-in/request.ts',
    code: '1002012',
  },

  // Credentials
  'certificate-ps256': {
    statement:
      'Entra accepts an assertion that is signed with PS256, with x5t#S256 of an uploaded certificate.',
    source: certificates,
    check: 'needs an admin',
    file: clientAuth,
    code: "{ alg: 'PS256', header: { 'x5t#S256': thumbprint }",
  },
  'certificate-unknown': {
    statement: 'A certificate that is not uploaded is refused with AADSTS700027.',
    source: errorCodes,
    check: 'automatic',
    file: 'api/diagnosis/catalogue/token/credential.ts',
    code: '700027',
  },
  'assertion-lifetime': {
    statement: 'Entra accepts an assertion that is valid from a minute ago for six minutes.',
    source: certificates,
    check: 'needs an admin',
    file: clientAuth,
    code: 'const LIFETIME_S = 300',
  },
  'assertion-audience': {
    statement: 'Entra accepts the token endpoint as aud of an assertion.',
    source: certificates,
    check: 'needs an admin',
    file: clientAuth,
    code: 'audience: tokenEndpoint',
  },
  'federated-rs256': {
    statement: "Entra accepts a federated credential's assertion that is signed with RS256.",
    source: federation,
    check: 'needs an admin',
    file: clientAuth,
    code: "alg: 'RS256'",
  },
  'federated-key': {
    statement: "Entra finds the key of a federated assertion by kid in the issuer's key set.",
    source: federation,
    check: 'needs an admin',
    file: clientAuth,
    code: 'header: { kid: keyId }',
  },
  'federated-exact': {
    statement: 'Entra compares issuer, subject and audience of a federated credential exactly.',
    source: federation,
    check: 'needs an admin',
    file: 'api/domain/app/setup/app-registration.ts',
    code: 'issuer: federation?.issuer',
  },
  'federated-mismatch': {
    statement:
      'An assertion of an issuer that the app does not trust is refused with AADSTS700211.',
    source: reported('https://github.com/Azure/azure-workload-identity/issues/1200', '2024-03-01'),
    check: 'automatic',
    file: 'api/diagnosis/catalogue/token/federated.ts',
    code: '700211',
  },
  'federated-audience': {
    statement: 'The audience of a federated credential is api://AzureADTokenExchange.',
    source: federation,
    check: 'needs an admin',
    file: files.clouds,
    code: "federatedAudience: 'api://AzureADTokenExchange'",
  },
  'federated-for-personal': {
    statement: 'Microsoft accepts a federated credential of the app for personal accounts.',
    source: believed(
      'https://learn.microsoft.com/en-us/entra/workload-id/workload-identity-federation',
    ),
    check: 'needs an admin',
    file: 'api/domain/app/setup/guide.ts',
    code: 'Microsoft does not say whether it accepts one for personal accounts',
  },
} as const satisfies Assumptions
