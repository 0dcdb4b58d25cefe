/**
 * Statements about Microsoft that a verdict, a state or a request relies on, with how far each can be trusted. So far
 * they are about Microsoft Graph.
 */

type Standing =
  /** Stated in Microsoft's documentation. */
  | 'documented'
  /** Observed and published by others. */
  | 'reported by others'
  /** Concluded from the source, which does not state it. */
  | 'believed'
  /** Observed by Mailgrant's authors at Microsoft. */
  | 'verified'

type Source = {
  standing: Standing
  url: string
  /** Date of the source, or the day on which it was read if it has none. ISO 8601, possibly without the day. */
  date: string
}

type Assumption = {
  statement: string
  source: Source
  /** The file that depends on it most. */
  file: string
}

const READ = '2026-11-29'
const from = (standing: Standing) => (url: string, date: string) => ({ standing, url, date })
const page =
  (standing: Standing) =>
  (path: string, date = READ) =>
    from(standing)(`https://learn.microsoft.com/en-us/${path}`, date)
const documented = page('documented')
const reported = from('reported by others')
const believed = from('believed')

/** Measurements of a private person with one tenant and a few mailboxes. */
const notes = reported(
  'https://github.com/SheikhFahan/notes/tree/main/skills/email-provider-auth',
  '2026-09-19',
)
const mailcopilot = reported(
  'https://github.com/mailcopilot/mailcopilot/blob/main/electron/microsoftOAuth.ts',
  '2026-04-23',
)
const emailengine = reported('https://github.com/postalsys/emailengine', '2026-08')
const rbacScripts = 'https://www.powershellgallery.com/packages/EXORBACforAppManagement/'
const permissionData =
  'https://github.com/microsoftgraph/microsoft-graph-devx-content/tree/dev/permissions'
const consentPolicies = 'entra/identity/enterprise-apps/manage-app-consent-policies'
const refreshTokens = documented('entra/identity-platform/refresh-tokens')
const limitMailboxes = documented('graph/auth-limit-mailbox-access', '2024-11-07')

const scopes = 'api/entra/scopes.ts'
const engine = 'api/domain/tokens/engine.ts'
const client = 'api/graph/client.ts'
const hosts = 'api/graph/hosts.ts'
const access = 'api/diagnosis/catalogue/graph/access.ts'

export const assumptions: Readonly<Record<string, Assumption>> = {
  // One sign-in, two resources
  'authorize-two-resources-work': {
    statement: 'A work account can sign in with scopes of Outlook and Graph in one request.',
    source: documented('entra/identity-platform/scenario-desktop-production'),
    file: scopes,
  },
  'authorize-two-resources-personal': {
    statement: 'So can a personal account, on one consent page.',
    source: notes,
    file: scopes,
  },
  'token-one-resource': {
    statement:
      'A token request for both resources is refused: AADSTS28000 (work), AADSTS70011 (personal).',
    source: mailcopilot,
    file: scopes,
  },
  'sign-in-adds-consent': {
    statement:
      'A later sign-in for Graph alone adds to what the user has consented to, and its refresh token serves both resources.',
    source: documented('entra/msal/javascript/browser/resources-and-scopes'),
    file: 'api/domain/sign-ins/reconnect.ts',
  },
  'refresh-token-serves-both': {
    statement: 'A refresh token brings an access token of each resource with consent.',
    source: refreshTokens,
    file: engine,
  },
  'newest-refresh-token': {
    statement:
      'Each refresh returns a new refresh token, for whichever resource, and does not revoke the old one.',
    source: refreshTokens,
    file: 'api/store/leases.ts',
  },
  'refresh-token-personal': {
    statement: 'Both are so for personal accounts.',
    source: mailcopilot,
    file: engine,
  },
  'scopes-with-other-prefix': {
    statement:
      'The scope of a token response has all consented permissions, each with the prefix of the resource in the request.',
    source: notes,
    file: scopes,
  },
  'full-scope-names': {
    statement: "A Graph scope needs its cloud's prefix. A bare name means the worldwide Graph.",
    source: emailengine,
    file: 'api/entra/clouds.ts',
  },

  // Consent
  'users-consent-to-mail-send': {
    statement:
      "Microsoft's managed policy lets users consent to Mail.Send and Mail.Send.Shared, and not to IMAP.",
    source: documented(consentPolicies, '2026-01-22'),
    file: access,
  },
  'consent-is-for-the-whole-request': {
    statement:
      'If one permission of a request needs an admin, the user can consent to none of them.',
    source: page('believed')(consentPolicies, '2026-01-22'),
    file: 'api/domain/app/sign-in-preconditions.ts',
  },
  'missing-consent-work': {
    statement:
      'For a work account, a refresh for a resource without consent fails with AADSTS65001 and leaves the other resource alone.',
    source: reported(
      'https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/437',
      READ,
    ),
    file: 'api/diagnosis/catalogue/sign-in/consent.ts',
  },
  'missing-consent-personal': {
    statement:
      'For a personal account, it fails with AADSTS70000, which can also mean that the grant has ended.',
    source: reported('https://github.com/ZeroPointSix/outlookEmailPlus/issues/107', '2026-07-10'),
    file: 'api/diagnosis/catalogue/token/grant.ts',
  },
  'policy-of-one-resource': {
    statement: 'A Conditional Access policy can refuse the token of one resource alone.',
    source: documented('entra/identity/conditional-access/concept-conditional-access-cloud-apps'),
    file: 'api/diagnosis/catalogue/sign-in/policy.ts',
  },
  'admin-consent-one-resource': {
    statement: 'An admin-consent link for both resources might be refused.',
    source: page('believed')('entra/identity-platform/v2-admin-consent'),
    file: 'api/domain/app/admin-consent.ts',
  },
  'graph-permission-ids': {
    statement: "The IDs of Mail.Send and Mail.Send.Shared are those in Graph's permission data.",
    source: from('documented')(permissionData, '2026-04-01'),
    file: scopes,
  },
  'graph-permission-ids-in-clouds': {
    statement: 'They are the same in the national clouds.',
    source: believed(permissionData, '2026-04-01'),
    file: scopes,
  },
  'no-shared-scopes-for-personal': {
    statement: 'Personal accounts have no Mail.Send.Shared.',
    source: from('documented')(permissionData, '2026-08'),
    file: scopes,
  },

  'federated-for-personal': {
    statement: 'Microsoft accepts a federated credential of the app for personal accounts.',
    source: page('believed')('entra/workload-id/workload-identity-federation'),
    file: 'api/domain/app/setup/app-registration.ts',
  },

  // Ways to send without SMTP
  'graph-ignores-smtp-auth': {
    statement: 'Graph sends while SMTP AUTH is off for the mailbox or the tenant.',
    source: reported('https://github.com/jstedfast/MailKit/issues/700', READ),
    file: 'api/diagnosis/catalogue/submission.ts',
  },
  'personal-smtp-is-closed': {
    statement:
      'A new personal mailbox refuses SMTP with 535 5.7.139, has no setting for it, and sends by Graph.',
    source: notes,
    file: 'api/diagnosis/catalogue/mail/sending.ts',
  },

  // Calls
  'graph-hosts': {
    statement: 'Each cloud has a Graph host of its own, and sendMail there.',
    source: documented('graph/deployments'),
    file: 'schema/mail-servers.ts',
  },
  'app-only-has-no-me': {
    statement: 'An app without a user calls /users/{address}, never /me.',
    source: documented('graph/auth-v2-service'),
    file: hosts,
  },
  'users-by-address': {
    statement: '/users/{id} accepts the percent-encoded address of the mailbox.',
    source: reported(
      'https://github.com/zammad/zammad/blob/develop/lib/microsoft_graph.rb',
      '2026-09',
    ),
    file: hosts,
  },
  'accepted-is-not-delivered': {
    statement: '202 of sendMail means accepted. Refusals can still arrive as a message.',
    source: documented('graph/outlook-things-to-know-about-send-mail'),
    file: 'api/domain/checks/graph-reports.ts',
  },
  'json-is-saved-on-request': {
    statement: 'saveToSentItems puts a message that was sent as JSON into Sent Items.',
    source: documented('graph/api/user-sendmail'),
    file: client,
  },
  'json-has-its-from': {
    statement: 'sendMail honours the from of JSON. It can replace the From header of MIME.',
    source: emailengine,
    file: client,
  },
  'json-headers-begin-with-x': {
    statement: 'internetMessageHeaders accepts only names that begin with x-.',
    source: reported('https://github.com/elie222/inbox-zero/pull/1246', '2026-01'),
    file: client,
  },
  'throttling-says-when': {
    statement: 'A 429 of Graph says in Retry-After when to try again.',
    source: documented('graph/throttling-limits'),
    file: 'api/graph/errors.ts',
  },

  // Proof without a message, for a person's own mailbox
  'probe-permitted': {
    statement:
      'sendMail as text/plain refuses what is not base64 with 400 ErrorMimeContentInvalidBase64String if the token may send.',
    source: notes,
    file: 'api/domain/checks/graph-reports.ts',
  },
  'probe-refused': {
    statement: 'It refuses the same with 403 ErrorAccessDenied if the token does not permit it.',
    source: notes,
    file: 'api/domain/checks/graph-reports.ts',
  },
  'probe-leaves-nothing': {
    statement: 'It leaves neither a draft nor a message in Sent Items.',
    source: notes,
    file: client,
  },

  // App-only
  'app-role-opens-every-mailbox': {
    statement: 'The application permission Mail.Send is for every mailbox of the tenant.',
    source: limitMailboxes,
    file: access,
  },
  'rbac-adds-to-consent': {
    statement: 'RBAC for Applications adds a right. A consent in Entra stays valid beside it.',
    source: reported(rbacScripts, READ),
    file: access,
  },
  'rbac-is-not-in-the-token': {
    statement: 'The token of an app that has its role in Exchange alone does not have that role.',
    source: believed(rbacScripts, READ),
    file: access,
  },
  'access-policy-text': {
    statement:
      'An application access policy refuses with 403 ErrorAccessDenied, "Access to OData is disabled".',
    source: limitMailboxes,
    file: access,
  },

  // Errors
  'wrong-audience-text': {
    statement: 'Graph refuses a token for Outlook with 401, "Invalid audience".',
    source: reported(
      'https://github.com/MicrosoftDocs/office-developer-exchange-docs/issues/87',
      READ,
    ),
    file: 'api/diagnosis/catalogue/graph/request.ts',
  },
  'access-denied-has-causes': {
    statement:
      'ErrorAccessDenied has several causes, which only its message, the token and the path separate.',
    source: reported('https://github.com/kellylford/QuickMail/issues/678', '2026-09-10'),
    file: access,
  },
  'no-claims-challenge-without-cp1': {
    statement: 'Graph sends no claims challenge to a client that does not declare cp1.',
    source: documented('entra/identity-platform/claims-challenge', '2024-04-10'),
    file: access,
  },
}
