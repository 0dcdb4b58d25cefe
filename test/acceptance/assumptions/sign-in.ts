/** Statements about Microsoft's pages and redirects: sign-in, consent, and approval by an admin. */
import {
  type Assumptions,
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
const keyRollover = documented('entra/identity-platform/signing-key-rollover')
const permissionData =
  'https://github.com/microsoftgraph/microsoft-graph-devx-content/tree/dev/permissions'
const refusedConsent = reported('https://github.com/MicrosoftDocs/azure-docs/issues/114009')

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
    statement: 'A verified domain works in place of the GUID of its tenant.',
    source: openId,
    check: 'automatic',
    file: authority,
    code: "a tenant's GUID or one of its domains",
  },
  'keys-have-issuers': {
    statement:
      "Each key of the key set has an issuer, in which {tenantid} stands for any tenant. Keys of personal accounts have their tenant's.",
    source: documented('entra/identity-platform/access-tokens'),
    check: 'automatic',
    file: idToken,
    code: 'fill(key.issuer, tid) !== iss',
  },
  'keys-change-at-once': {
    statement: 'A signing key can be replaced at any time, and is then in the key set.',
    source: keyRollover,
    check: 'needs waiting',
    file: 'api/entra/signing-keys.ts',
    code: 'KEYS_MAX_AGE_MS = DAY_MS',
  },

  // The authorization request
  'authorize-two-resources-work': {
    statement: 'A work account can sign in with scopes of Outlook and Graph in one request.',
    source: documented('entra/identity-platform/scenario-desktop-production'),
    check: 'needs a person',
    file: scopes,
    code: 'may contain scopes of both resources',
  },
  'authorize-two-resources-personal': {
    statement: 'A personal account can sign in with scopes of both, on one consent page.',
    source: notes,
    check: 'needs a person',
    file: scopes,
    code: 'may contain scopes of both resources',
  },
  'outlook-prefix': {
    statement:
      'Personal accounts accept the mail scopes under outlook.office.com only, not under outlook.office365.com.',
    source: reported('https://github.com/moralmunky/Home-Assistant-Mail-And-Packages/issues/1222'),
    check: 'needs a person',
    file: clouds,
    code: "scopePrefix: 'https://outlook.office.com/'",
  },
  'full-scope-names': {
    statement: "A Graph scope needs its cloud's prefix. A bare name means the worldwide Graph.",
    source: reported('https://github.com/postalsys/emailengine', '2026-08'),
    check: 'needs an admin',
    file: clouds,
    code: 'A bare name would request a Graph token',
  },
  'pkce-s256': {
    statement: 'Entra accepts code_challenge_method S256, and assumes plain without a method.',
    source: authCode,
    check: 'needs a person',
    file: authorize,
    code: "code_challenge_method: 'S256'",
  },
  'hint-or-prompt': {
    statement: 'login_hint fills in the user name. Entra does not accept it beside select_account.',
    source: openId,
    check: 'needs a person',
    file: authorize,
    code: 'Entra accepts one or the other',
  },
  'claims-pass-through': {
    statement: 'A sign-in with the claims of a refused refresh satisfies the policy.',
    source: documented('entra/identity-platform/claims-challenge', '2024-04-10'),
    check: 'needs an admin',
    file: authorize,
    code: 'The `claims` of a refused refresh as JSON, passed on unchanged',
  },
  'localhost-redirect': {
    statement: 'A redirect URI with http:// is allowed for localhost only.',
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
    statement: 'The redirect has no iss, or exactly the issuer of the id_token.',
    source: from('believed')('https://www.rfc-editor.org/rfc/rfc9207'),
    check: 'automatic',
    file: 'api/domain/sign-ins/callback.ts',
    code: 'RFC 9207 section 2.4',
  },
  'consent-cancelled': {
    statement:
      'Cancel on the consent page returns to the app with access_denied or consent_required, and AADSTS65004.',
    source: reported('https://github.com/MicrosoftDocs/azure-docs/issues/59872'),
    check: 'needs a person',
    file: numbers,
    code: 'CONSENT_DECLINED = 65004',
  },
  'redirect-uri-unknown': {
    statement: 'An unregistered redirect URI ends on a page of Microsoft with AADSTS50011.',
    source: errorCodes,
    check: 'needs a person',
    file: 'api/diagnosis/catalogue/sign-in/redirect.ts',
    code: '50011',
  },
  'policy-ends-on-a-page': {
    statement:
      'A block by Conditional Access ends on a page of Microsoft with AADSTS53003, and the app gets no response.',
    source: errorCodes,
    check: 'needs an admin',
    file: 'api/diagnosis/catalogue/sign-in/policy.ts',
    code: '53003',
  },
  'policy-of-one-resource': {
    statement: 'A Conditional Access policy can refuse the token of one resource alone.',
    source: documented('entra/identity/conditional-access/concept-conditional-access-cloud-apps'),
    check: 'needs an admin',
    file: 'api/diagnosis/catalogue/sign-in/policy.ts',
    code: "concerns: 'resource'",
  },
  'popup-is-disconnected': {
    statement: 'A sign-in page can disconnect a popup from the page that opened it.',
    source: documented('entra/identity-platform/how-to-prepare-app-coop-enforcement', '2026-09-24'),
    check: 'needs a person',
    file: 'api/connect/open-sign-in.ts',
    code: 'Cross-Origin-Opener-Policy',
  },

  // Consent
  'sign-in-adds-consent': {
    statement:
      'A later sign-in for Graph alone adds to what the user has consented to, and its refresh token serves both resources.',
    source: documented('entra/msal/javascript/browser/resources-and-scopes'),
    check: 'needs a person',
    file: 'api/domain/sign-ins/reconnect.ts',
    code: 'mergedScopes(old.value.scopes, fresh.scopes)',
  },
  'imap-consent-needs-admin': {
    statement:
      "Microsoft's default policy leaves consent to IMAP to admins. A user gets AADSTS90094 on a page of Microsoft.",
    source: documented(consentPolicies, '2026-01-22'),
    check: 'needs a person',
    file: 'api/diagnosis/catalogue/sign-in/consent.ts',
    code: '90094',
  },
  'users-consent-to-mail-send': {
    statement:
      "Microsoft's managed policy lets users consent to Mail.Send and Mail.Send.Shared, and not to IMAP.",
    source: documented(consentPolicies, '2026-01-22'),
    check: 'needs a person',
    file: 'api/diagnosis/catalogue/sign-in/consent.ts',
    code: 'SMTP.Send and Mail.Send are still open to users',
  },
  'consent-is-for-the-whole-request': {
    statement:
      'If one permission of a request needs an admin, the user can consent to none of them.',
    source: concluded(consentPolicies, '2026-01-22'),
    check: 'needs a person',
    file: 'api/domain/app/integration.ts',
    code: "resourceOf(protocol) === 'outlook'",
  },
  'admin-consent-response': {
    statement:
      'After approval, the admin-consent link returns with admin_consent=True and the GUID of the tenant, without a code.',
    source: consentLink,
    check: 'needs an admin',
    file: adminConsent,
    code: "params.get('admin_consent')?.toLowerCase() !== 'true'",
  },
  'admin-consent-refused': {
    statement:
      'After a refusal, the admin-consent link returns with error, and still with admin_consent=True.',
    source: refusedConsent,
    check: 'needs an admin',
    file: adminConsent,
    code: 'Entra sends `admin_consent=True` with it when the admin declined',
  },
  'admin-consent-not-common': {
    statement: 'The admin-consent link accepts organizations, and not common.',
    source: consentLink,
    check: 'needs an admin',
    file: adminConsent,
    code: "authority.tenant === 'common' ? 'organizations'",
  },
  'admin-consent-one-resource': {
    statement: 'An admin-consent link for both resources might be refused.',
    source: concluded('entra/identity-platform/v2-admin-consent'),
    check: 'needs an admin',
    file: 'api/domain/app/admin-consent.ts',
    code: 'one for each resource',
  },
  'admin-consent-default': {
    statement:
      'Application permissions are consented to with .default only, which means all that the app declares.',
    source: consentLink,
    check: 'needs an admin',
    file: 'api/domain/app/admin-consent.ts',
    code: 'Application permissions cannot be requested one by one',
  },
  'declared-under-graph': {
    statement:
      'Mail permissions that the app declares under Graph cover a sign-in with outlook.office.com scopes.',
    source: reported('https://github.com/MicrosoftDocs/office-developer-exchange-docs/issues/87'),
    check: 'needs a person',
    file: scopes,
    code: 'lists the mail permissions',
  },
  'graph-permission-ids': {
    statement: "The IDs of Mail.Send and Mail.Send.Shared are those in Graph's permission data.",
    source: from('documented')(permissionData, '2026-04-01'),
    check: 'needs an admin',
    file: scopes,
    code: 'e383f46e-2787-4529-855e-0e479a3ffac0',
  },
  'graph-permission-ids-in-clouds': {
    statement: 'These IDs are the same in the national clouds.',
    source: from('believed')(permissionData, '2026-04-01'),
    check: 'needs an admin',
    file: scopes,
    code: 'a367ab51-6b49-43bf-a716-a1fb06d2a174',
  },
  'no-shared-scopes-for-personal': {
    statement: 'Personal accounts have no Mail.Send.Shared.',
    source: from('documented')(permissionData, '2026-08'),
    check: 'needs a person',
    file: files.delegated,
    code: 'Personal accounts have no permission for shared mailboxes',
  },
  'no-personal-accounts-in-clouds': {
    statement: 'An app for personal accounts cannot be used in the national clouds.',
    source: documented('entra/identity-platform/supported-accounts-validation'),
    check: 'needs an admin',
    file: clouds,
    code: 'personalAccounts: false',
  },
} as const satisfies Assumptions
