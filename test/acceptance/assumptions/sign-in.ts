/** Statements about Microsoft's pages and redirects: sign-in, consent, and approval by an admin. */
import {
  type Assumptions,
  believed,
  concluded,
  documented,
  files,
  from,
  notes,
  reported,
} from './assumption.ts'

const { adminConsent, authority, authorize, clouds, idToken, numbers, scopes } = files
const authCode = documented('entra/identity-platform/v2-oauth2-auth-code-flow')
const openId = documented('entra/identity-platform/v2-protocols-oidc')
const replyUrls = documented('entra/identity-platform/reply-url', '2022-08')
const consentLink = documented('entra/identity-platform/v2-admin-consent')
const consentPolicies = 'entra/identity/enterprise-apps/manage-app-consent-policies'
const errorCodes = documented('entra/identity-platform/reference-error-codes')
const permissionData =
  'https://github.com/microsoftgraph/microsoft-graph-devx-content/blob/dev/permissions/new/ProvisioningInfo.json'
const declined = reported('https://github.com/MicrosoftDocs/azure-docs/issues/114009', '2023-08-28')

export const signIn = {
  // Discovery
  'issuer-placeholder': {
    statement: 'The metadata of common has the issuer with {tenantid} literally.',
    source: openId,
    check: 'automatic',
    file: authority,
    code: "tid === '{tenantid}'",
  },
  'tenant-by-domain': {
    statement: 'Entra accepts a verified domain of a tenant in place of its GUID.',
    source: openId,
    check: 'automatic',
    file: 'api/entra/client.ts',
    code: 'isGuid(tenantId) && issuer === issuerOf(authority, tenantId)',
  },
  'keys-have-issuers': {
    statement: 'The issuer of a signing key is that of its tokens, with {tenantid} for any tenant.',
    source: documented('entra/identity-platform/access-tokens'),
    check: 'automatic',
    file: idToken,
    code: 'fill(key.issuer, tid) !== iss',
  },
  'keys-change-at-once': {
    statement: 'A signing key is in the key set as soon as tokens are signed with it.',
    source: concluded('entra/identity-platform/signing-key-rollover'),
    check: 'needs waiting',
    file: 'api/entra/signing-keys.ts',
    code: 'KEYS_MAX_AGE_MS = DAY_MS',
  },

  // The authorization request
  'authorize-two-resources-work': {
    statement: 'A work account signs in with scopes of Outlook and Graph in one request.',
    source: documented('entra/identity-platform/scenario-desktop-production'),
    check: 'needs a person',
    file: scopes,
    code: '.map(({ name }) => scopeAt(cloud, resourceOf(protocol), name))',
  },
  'authorize-two-resources-personal': {
    statement: 'A personal account signs in with scopes of Outlook and Graph in one request.',
    source: notes,
    check: 'needs a person',
    file: scopes,
    code: '.map(({ name }) => scopeAt(cloud, resourceOf(protocol), name))',
  },
  'outlook-prefix': {
    statement: 'A personal account accepts the mail scopes under https://outlook.office.com/.',
    source: reported('https://github.com/Webklex/php-imap/issues/527', '2024-11-13'),
    check: 'needs a person',
    file: clouds,
    code: "scopePrefix: 'https://outlook.office.com/'",
  },
  'full-scope-names': {
    statement: "A Graph scope of a national cloud begins with that cloud's Graph host.",
    source: believed(
      'https://github.com/postalsys/emailengine/blob/master/lib/oauth/outlook.js',
      '2026-08',
    ),
    check: 'needs an admin',
    file: clouds,
    code: "graphScopePrefix: 'https://graph.microsoft.us/'",
  },
  'pkce-s256': {
    statement: 'Entra accepts code_challenge_method S256.',
    source: authCode,
    check: 'needs a person',
    file: authorize,
    code: "code_challenge_method: 'S256'",
  },
  'hint-or-prompt': {
    statement: 'Entra does not accept login_hint beside the prompt select_account.',
    source: openId,
    check: 'needs a person',
    file: authorize,
    code: '? { prompt: input.prompt }',
  },
  'login-hint': {
    statement: 'login_hint fills in the user name on the sign-in page.',
    source: openId,
    check: 'needs a person',
    file: authorize,
    code: '? { login_hint: input.loginHint }',
  },
  'claims-pass-through': {
    statement: 'A sign-in with the claims of a refused refresh satisfies the policy.',
    source: documented('entra/identity-platform/claims-challenge', '2024-04-10'),
    check: 'needs an admin',
    file: authorize,
    code: '...(input.claims && { claims: input.claims })',
  },
  'localhost-redirect': {
    statement: 'Entra accepts a redirect URI with http:// for localhost.',
    source: replyUrls,
    check: 'needs a person',
    file: 'README.md',
    code: 'accepts `http://localhost` as a redirect URI',
  },

  // The response to it
  'callback-parameters': {
    statement: 'The redirect has code and state in its query, each once.',
    source: authCode,
    check: 'automatic',
    file: authorize,
    code: 'params.getAll(name).length > 1',
  },
  'callback-issuer': {
    statement: 'An iss in the redirect is the issuer of the id_token.',
    source: from('believed')('https://www.rfc-editor.org/rfc/rfc9207'),
    check: 'automatic',
    file: 'api/domain/sign-ins/callback.ts',
    code: '!issuerFits(services.entra.authority(cloud, tenant), response.iss)',
  },
  'consent-cancelled': {
    statement: 'Cancel on the consent page returns to the app with AADSTS65004.',
    source: declined,
    check: 'needs a person',
    file: numbers,
    code: 'CONSENT_DECLINED = 65004',
  },
  'redirect-uri-unknown': {
    statement: 'An unregistered redirect URI is refused with AADSTS50011.',
    source: errorCodes,
    check: 'needs a person',
    file: 'api/diagnosis/catalogue/sign-in/redirect.ts',
    code: '50011',
  },
  'policy-blocks-sign-in': {
    statement: 'Conditional Access blocks a sign-in with AADSTS53003.',
    source: errorCodes,
    check: 'needs an admin',
    file: 'api/diagnosis/catalogue/sign-in/policy.ts',
    code: '50131, 53003, 53008',
  },
  'policy-of-one-resource': {
    statement:
      'Conditional Access that refuses the token for Outlook leaves the token for Graph alone.',
    source: concluded('entra/identity/conditional-access/concept-conditional-access-cloud-apps'),
    check: 'needs an admin',
    file: 'api/store/grants.ts',
    code: 'putToken(lease, columns)',
  },
  'popup-is-disconnected': {
    statement:
      "Microsoft's sign-in page has a Cross-Origin-Opener-Policy, which disconnects it from the page that opened it.",
    source: documented('entra/identity-platform/how-to-prepare-app-coop-enforcement', '2026-09-24'),
    check: 'needs a person',
    file: 'api/connect/open-sign-in.ts',
    code: 'return ending(links.status_url, waited.signal)',
  },

  // Consent
  'sign-in-adds-consent': {
    statement:
      'The refresh token of a later sign-in for Graph alone also brings tokens for Outlook.',
    source: concluded('entra/msal/javascript/browser/resources-and-scopes'),
    check: 'needs a person',
    file: 'api/domain/sign-ins/reconnect.ts',
    code: 'mergedScopes(old.value.scopes, fresh.scopes)',
  },
  'imap-consent-needs-admin': {
    statement: "Microsoft's default policy leaves consent to IMAP to admins.",
    source: documented(consentPolicies, '2026-01-22'),
    check: 'needs a person',
    file: 'api/diagnosis/catalogue/sign-in/consent.ts',
    code: "Microsoft's default policy leaves IMAP and POP to admins",
  },
  'admin-needed-number': {
    statement:
      'Where the admin consent workflow is off, a user whose consent needs an admin gets AADSTS90094.',
    source: concluded(
      'entra/identity/enterprise-apps/configure-risk-based-step-up-consent',
      '2025-05-21',
    ),
    check: 'needs a person',
    file: 'api/diagnosis/catalogue/sign-in/consent.ts',
    code: '90094',
  },
  'users-consent-to-mail-send': {
    statement: "Microsoft's managed policy lets users consent to Mail.Send and Mail.Send.Shared.",
    source: documented(consentPolicies, '2026-01-22'),
    check: 'needs a person',
    file: 'api/diagnosis/catalogue/sign-in/consent.ts',
    code: 'SMTP.Send and Mail.Send are still open to users',
  },
  'consent-is-for-the-whole-request': {
    statement: 'If one permission of a request needs an admin, the user consents to none of them.',
    source: concluded(consentPolicies, '2026-01-22'),
    check: 'needs a person',
    file: 'api/domain/app/integration.ts',
    code: "resourceOf(protocol) === 'outlook'",
  },
  'admin-consent-response': {
    statement:
      "After approval, the admin-consent link returns with admin_consent=True and the tenant's GUID.",
    source: consentLink,
    check: 'needs an admin',
    file: adminConsent,
    code: "params.get('admin_consent')?.toLowerCase() !== 'true'",
  },
  'admin-consent-refused': {
    statement:
      'After a refusal, the admin-consent link returns with error beside admin_consent=True.',
    source: declined,
    check: 'needs an admin',
    file: adminConsent,
    code: "if (params.get('error')) return { ok: false, state }",
  },
  'admin-consent-not-common': {
    statement: 'The admin-consent link accepts organizations in place of common.',
    source: consentLink,
    check: 'needs an admin',
    file: adminConsent,
    code: "authority.tenant === 'common' ? 'organizations'",
  },
  'admin-consents-add-up': {
    statement: 'Consent through the link for a second resource keeps the consent to the first.',
    source: concluded('entra/identity/enterprise-apps/grant-admin-consent'),
    check: 'needs an admin',
    file: 'api/domain/app/admin-consent.ts',
    code: "const [first = 'outlook', ...others] = request.resources",
  },
  'admin-consent-default': {
    statement: 'An admin consents to the declared application permissions with the scope .default.',
    source: consentLink,
    check: 'needs an admin',
    file: 'api/domain/app/admin-consent.ts',
    code: '[appOnlyScope(cloud, resource)]',
  },
  'declared-under-graph': {
    statement:
      'An app that declares the mail permissions under Graph alone signs users in with outlook.office.com scopes.',
    source: reported(
      'https://github.com/MicrosoftDocs/office-developer-exchange-docs/pull/276',
      '2022-04-22',
    ),
    check: 'needs a person',
    file: scopes,
    code: 'export const declaredPermissions',
  },
  'graph-permission-ids': {
    statement: "The IDs of Mail.Send and Mail.Send.Shared are those in Graph's permission data.",
    source: from('documented')(permissionData, '2026-08-07'),
    check: 'needs an admin',
    file: scopes,
    code: 'e383f46e-2787-4529-855e-0e479a3ffac0',
  },
  'graph-permission-ids-in-clouds': {
    statement:
      'Mail.Send and Mail.Send.Shared have the same IDs in the national clouds as in the public cloud.',
    source: believed(permissionData, '2026-08-07'),
    check: 'needs an admin',
    file: scopes,
    code: 'a367ab51-6b49-43bf-a716-a1fb06d2a174',
  },
  'mail-permission-ids': {
    statement:
      'IMAP.AccessAsUser.All and SMTP.Send have the same IDs in the national clouds as in the public cloud.',
    source: believed(permissionData, '2026-08-07'),
    check: 'needs an admin',
    file: scopes,
    code: '258f6531-6087-4cc4-bb90-092c5fb3ed3f',
  },
  'no-shared-scopes-for-personal': {
    statement: 'Personal accounts have no Mail.Send.Shared.',
    source: from('documented')(
      'https://github.com/microsoftgraph/microsoft-graph-devx-content/tree/dev/permissions',
      '2026-08',
    ),
    check: 'needs a person',
    file: files.delegated,
    code: "grant.accountType === 'work' && !isOwnMailbox(account)",
  },
  'no-personal-accounts-in-clouds': {
    statement: 'An app for personal accounts cannot be used in the national clouds.',
    source: documented('entra/identity-platform/supported-accounts-validation'),
    check: 'needs an admin',
    file: clouds,
    code: 'personalAccounts: false',
  },
} as const satisfies Assumptions
