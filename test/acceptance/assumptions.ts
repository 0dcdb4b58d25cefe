/**
 * Statements about Microsoft that the product takes for granted: each one that a verdict, a state or a request
 * relies on, with its source and how far it can be trusted. So far they are about Microsoft Graph.
 */

export type Standing =
  /** Stated by Microsoft. */
  | 'documented'
  /** Seen by others, who published what they saw. */
  | 'reported by others'
  /** Concluded from other facts, without a source that says it. */
  | 'believed'
  /** Seen by us, at the real Microsoft. */
  | 'verified'

export type Assumption = {
  id: string
  statement: string
  source: string
  /** Date of the source, or the day on which it was read if it has none. ISO 8601, possibly without the day. */
  date: string
  standing: Standing
  /** The file that relies on it most. */
  file: string
}

const learn = 'https://learn.microsoft.com/en-us'
const sendMailPage = `${learn}/graph/api/user-sendmail`
const permissionData =
  'https://github.com/microsoftgraph/microsoft-graph-devx-content/tree/dev/permissions'
/** Notes of a private person, who tried each statement with a tenant and a few mailboxes. */
const notes = 'https://github.com/SheikhFahan/notes/tree/main/skills/email-provider-auth'
const rbacScripts = 'https://www.powershellgallery.com/packages/EXORBACforAppManagement/'

export const assumptions: readonly Assumption[] = [
  // One sign-in, two resources
  {
    id: 'authorize-two-resources-work',
    statement:
      'A work account can sign in with scopes of Outlook and of Graph in one request to /authorize.',
    source: `${learn}/entra/identity-platform/scenario-desktop-production`,
    date: '2026-11-29',
    standing: 'documented',
    file: 'api/entra/scopes.ts',
  },
  {
    id: 'authorize-two-resources-personal',
    statement: 'So can a personal account, on one consent page.',
    source: notes,
    date: '2026-09-19',
    standing: 'reported by others',
    file: 'api/entra/scopes.ts',
  },
  {
    id: 'token-one-resource',
    statement:
      'A token request with scopes of two resources is refused: AADSTS28000 for work accounts, AADSTS70011 for personal ones.',
    source: 'https://github.com/mailcopilot/mailcopilot/blob/main/electron/microsoftOAuth.ts',
    date: '2026-04-23',
    standing: 'reported by others',
    file: 'api/entra/scopes.ts',
  },
  {
    id: 'refresh-token-serves-both',
    statement:
      'A refresh token belongs to the user and the client, and brings an access token of each resource that the user has consented to.',
    source: `${learn}/entra/identity-platform/refresh-tokens`,
    date: '2026-11-29',
    standing: 'documented',
    file: 'api/domain/tokens/engine.ts',
  },
  {
    id: 'refresh-token-serves-both-personal',
    statement: 'The same is true for personal accounts.',
    source: 'https://github.com/mailcopilot/mailcopilot/blob/main/electron/microsoftOAuth.ts',
    date: '2026-04-23',
    standing: 'reported by others',
    file: 'api/domain/tokens/engine.ts',
  },
  {
    id: 'newest-refresh-token',
    statement:
      'Each refresh returns a new refresh token, whichever resource it was for, and does not revoke the one that was used.',
    source: `${learn}/entra/identity-platform/refresh-tokens`,
    date: '2026-11-29',
    standing: 'documented',
    file: 'api/store/leases.ts',
  },
  {
    id: 'scopes-with-other-prefix',
    statement:
      'The scope of a token response has every permission that was consented to, with the prefix of the resource that was asked for, so the prefix of a name proves nothing.',
    source: notes,
    date: '2026-09-19',
    standing: 'reported by others',
    file: 'api/entra/scopes.ts',
  },
  {
    id: 'full-scope-names',
    statement:
      'A scope of Graph has to be requested with the prefix of the Graph of its cloud, since a bare name means the worldwide one.',
    source: 'https://github.com/zammad/zammad/blob/develop/lib/microsoft_cloud.rb',
    date: '2026-09',
    standing: 'reported by others',
    file: 'api/entra/clouds.ts',
  },
  // Consent
  {
    id: 'users-consent-to-mail-send',
    statement:
      "Microsoft's managed consent policy lets users consent to Mail.Send and Mail.Send.Shared, and not to IMAP.",
    source: `${learn}/entra/identity/enterprise-apps/manage-app-consent-policies`,
    date: '2026-01-22',
    standing: 'documented',
    file: 'api/diagnosis/catalogue/graph/access.ts',
  },
  {
    id: 'consent-is-for-the-whole-request',
    statement:
      'A request that includes a permission for which an admin must consent needs the admin for all of it, so Mail.Send is requested alone where IMAP is out of reach.',
    source: `${learn}/entra/identity/enterprise-apps/manage-app-consent-policies`,
    date: '2026-01-22',
    standing: 'believed',
    file: 'api/entra/scopes.ts',
  },
  {
    id: 'missing-consent-work',
    statement:
      'For a work account, a refresh for a resource without consent is refused with AADSTS65001, and the grant goes on serving the other resource.',
    source: 'https://github.com/AzureAD/microsoft-authentication-library-for-js/issues/437',
    date: '2026-11-29',
    standing: 'reported by others',
    file: 'api/diagnosis/judge.ts',
  },
  {
    id: 'missing-consent-personal',
    statement:
      'For a personal account, the refusal is AADSTS70000, which can also mean that the grant itself has ended.',
    source: 'https://github.com/ZeroPointSix/outlookEmailPlus/issues/107',
    date: '2026-07-10',
    standing: 'reported by others',
    file: 'api/diagnosis/judge.ts',
  },
  {
    id: 'policy-of-one-resource',
    statement:
      'A Conditional Access policy can be for Graph or for Exchange Online alone, so that one of the two tokens is refused.',
    source: `${learn}/entra/identity/conditional-access/concept-conditional-access-cloud-apps`,
    date: '2026-11-29',
    standing: 'documented',
    file: 'api/diagnosis/judge.ts',
  },
  {
    id: 'admin-consent-one-resource',
    statement:
      'An admin-consent link with scopes of two resources might be refused, so there is one for each resource.',
    source: `${learn}/entra/identity-platform/v2-admin-consent`,
    date: '2026-11-29',
    standing: 'believed',
    file: 'api/entra/admin-consent.ts',
  },
  {
    id: 'graph-permission-ids',
    statement:
      'The ids of Mail.Send and Mail.Send.Shared are those in the permission data of Graph.',
    source: permissionData,
    date: '2026-04-01',
    standing: 'documented',
    file: 'api/entra/scopes.ts',
  },
  {
    id: 'graph-permission-ids-in-clouds',
    statement: 'The ids are the same in the national clouds.',
    source: permissionData,
    date: '2026-04-01',
    standing: 'believed',
    file: 'api/entra/scopes.ts',
  },
  {
    id: 'no-shared-scopes-for-personal',
    statement: 'Personal accounts have no scope that ends in .Shared.',
    source: permissionData,
    date: '2026-08',
    standing: 'documented',
    file: 'api/entra/scopes.ts',
  },
  // Why Graph is a way out
  {
    id: 'graph-ignores-smtp-auth',
    statement:
      'Graph sends for a mailbox and a tenant whose SMTP AUTH is off, since Mail.Send is a permission of its own.',
    source: 'https://github.com/jstedfast/MailKit/issues/700',
    date: '2026-11-29',
    standing: 'reported by others',
    file: 'api/diagnosis/catalogue/graph/access.ts',
  },
  {
    id: 'personal-smtp-is-closed',
    statement:
      'A new personal mailbox refuses SMTP with "535 5.7.139 SmtpClientAuthentication is disabled for the Mailbox", has no switch for it, and sends by Graph.',
    source: notes,
    date: '2026-09-17',
    standing: 'reported by others',
    file: 'api/diagnosis/catalogue/graph/access.ts',
  },
  // The calls
  {
    id: 'graph-hosts',
    statement:
      'Each cloud has its own Graph host: graph.microsoft.com, graph.microsoft.us, dod-graph.microsoft.us, microsoftgraph.chinacloudapi.cn. All have sendMail.',
    source: `${learn}/graph/deployments`,
    date: '2026-11-29',
    standing: 'documented',
    file: 'schema/mail-servers.ts',
  },
  {
    id: 'app-only-has-no-me',
    statement: 'An app without a user calls /users/{address}, never /me.',
    source: `${learn}/graph/auth-v2-service`,
    date: '2026-11-29',
    standing: 'documented',
    file: 'api/graph/hosts.ts',
  },
  {
    id: 'users-by-address',
    statement: '/users/{id} also accepts the address of the mailbox, percent-encoded.',
    source: 'https://github.com/zammad/zammad/blob/develop/lib/microsoft_graph.rb',
    date: '2026-09',
    standing: 'reported by others',
    file: 'api/graph/hosts.ts',
  },
  {
    id: 'accepted-is-not-delivered',
    statement:
      'sendMail returns 202 once it has accepted a message. Refusals by the recipient, quotas and spam filters come later, as a message.',
    source: `${learn}/graph/outlook-things-to-know-about-send-mail`,
    date: '2026-11-29',
    standing: 'documented',
    file: 'api/domain/checks/graph-reports.ts',
  },
  {
    id: 'json-is-saved-on-request',
    statement: 'A message as JSON is saved in Sent Items if saveToSentItems is true.',
    source: sendMailPage,
    date: '2026-11-29',
    standing: 'documented',
    file: 'api/graph/client.ts',
  },
  {
    id: 'json-headers-begin-with-x',
    statement: 'internetMessageHeaders accepts only names that begin with x-.',
    source: 'https://github.com/elie222/inbox-zero/pull/1246',
    date: '2026-01',
    standing: 'reported by others',
    file: 'api/graph/client.ts',
  },
  // The proof without a message
  {
    id: 'probe-permitted',
    statement:
      'sendMail with a text/plain body that is not base64 is refused with 400 ErrorMimeContentInvalidBase64String if the token may send from the mailbox.',
    source: notes,
    date: '2026-09-19',
    standing: 'reported by others',
    file: 'api/graph/client.ts',
  },
  {
    id: 'probe-refused',
    statement: 'The same request is refused with 403 ErrorAccessDenied if it may not.',
    source: notes,
    date: '2026-09-19',
    standing: 'reported by others',
    file: 'api/domain/checks/graph-reports.ts',
  },
  {
    id: 'probe-leaves-nothing',
    statement: 'It sends nothing, and leaves neither a draft nor anything in Sent Items.',
    source: notes,
    date: '2026-09-19',
    standing: 'reported by others',
    file: 'api/graph/client.ts',
  },
  {
    id: 'probe-unknown-elsewhere',
    statement:
      'For app-only access, delegates and RBAC for Applications the response proves nothing, because it was never tried there.',
    source: notes,
    date: '2026-09-19',
    standing: 'believed',
    file: 'api/domain/checks/graph.ts',
  },
  // App-only
  {
    id: 'app-role-opens-every-mailbox',
    statement: 'The application permission Mail.Send is for every mailbox of the tenant.',
    source: `${learn}/graph/auth-limit-mailbox-access`,
    date: '2024-11-07',
    standing: 'documented',
    file: 'api/diagnosis/catalogue/graph/access.ts',
  },
  {
    id: 'rbac-adds-to-consent',
    statement:
      'RBAC for Applications adds a right: a consent in Entra stays valid beside it, for every mailbox, until it is removed.',
    source: rbacScripts,
    date: '2026-11-29',
    standing: 'reported by others',
    file: 'api/diagnosis/catalogue/graph/access.ts',
  },
  {
    id: 'rbac-is-not-in-the-token',
    statement:
      'The token of an app that has a role in Exchange only has no roles, so only a call proves it.',
    source: rbacScripts,
    date: '2026-11-29',
    standing: 'believed',
    file: 'api/diagnosis/catalogue/graph/access.ts',
  },
  {
    id: 'access-policy-text',
    statement:
      'An application access policy refuses with 403 ErrorAccessDenied and "Access to OData is disabled".',
    source: `${learn}/graph/auth-limit-mailbox-access`,
    date: '2024-11-07',
    standing: 'documented',
    file: 'api/diagnosis/catalogue/graph/access.ts',
  },
  // Errors
  {
    id: 'wrong-audience-text',
    statement:
      'Graph refuses a token for Outlook with 401 InvalidAuthenticationToken, "Access token validation failure. Invalid audience."',
    source: 'https://github.com/MicrosoftDocs/office-developer-exchange-docs/issues/87',
    date: '2026-11-29',
    standing: 'reported by others',
    file: 'api/diagnosis/catalogue/graph/request.ts',
  },
  {
    id: 'access-denied-has-causes',
    statement:
      'ErrorAccessDenied stands for several causes, which only its message, the kind of token and the path tell apart.',
    source: 'https://github.com/kellylford/QuickMail/issues/678',
    date: '2026-09-10',
    standing: 'reported by others',
    file: 'api/diagnosis/catalogue/graph/access.ts',
  },
  {
    id: 'throttling-says-when',
    statement: 'A 429 of Graph has a Retry-After header, in seconds or as a date.',
    source: `${learn}/graph/throttling-limits`,
    date: '2026-11-29',
    standing: 'documented',
    file: 'api/graph/errors.ts',
  },
  {
    id: 'no-claims-challenge-without-cp1',
    statement:
      'Graph sends no claims challenge to a client that does not declare cp1, but can refuse a token under a policy with 401.',
    source: `${learn}/entra/identity-platform/claims-challenge`,
    date: '2024-04-10',
    standing: 'documented',
    file: 'api/diagnosis/catalogue/graph/access.ts',
  },
]
