/** Statements about Microsoft Graph, through which Mailgrant sends. */
import { type Assumptions, believed, documented, files, notes, reported } from './assumption.ts'

const { graphAccess, graphClient, graphHosts, graphReports } = files
const emailengine = reported('https://github.com/postalsys/emailengine', '2026-08')
const rbacScripts = 'https://www.powershellgallery.com/packages/EXORBACforAppManagement/'
const limitMailboxes = documented('graph/auth-limit-mailbox-access', '2024-11-07')

export const graph = {
  'graph-ignores-smtp-auth': {
    statement: 'Graph sends while SMTP AUTH is off for the mailbox or the tenant.',
    source: reported('https://github.com/jstedfast/MailKit/issues/700'),
    check: 'needs an admin',
    file: 'api/diagnosis/catalogue/submission.ts',
    code: "which doesn't depend on that setting",
  },
  'graph-hosts': {
    statement: 'Each cloud has a separate Graph host, with sendMail.',
    source: documented('graph/deployments'),
    check: 'automatic',
    file: 'schema/mail-servers.ts',
    code: "graph('graph.microsoft.com')",
  },
  'app-only-has-no-me': {
    statement: 'An app without a user calls /users/{address}, never /me.',
    source: documented('graph/auth-v2-service'),
    check: 'automatic',
    file: graphHosts,
    code: 'encodeURIComponent(mailbox.username)',
  },
  'users-by-address': {
    statement: '/users/{id} accepts the percent-encoded address of the mailbox.',
    source: reported(
      'https://github.com/zammad/zammad/blob/develop/lib/microsoft_graph.rb',
      '2026-09',
    ),
    check: 'automatic',
    file: graphHosts,
    code: 'The address is one segment',
  },
  'accepted-is-not-delivered': {
    statement: '202 of sendMail means accepted. Refusals can still arrive as a message.',
    source: documented('graph/outlook-things-to-know-about-send-mail'),
    check: 'automatic',
    file: graphReports,
    code: 'That is not delivery',
  },
  'json-is-saved-on-request': {
    statement: 'saveToSentItems puts a message that was sent as JSON into Sent Items.',
    source: documented('graph/api/user-sendmail'),
    check: 'needs a person',
    file: graphClient,
    code: 'saveToSentItems: true',
  },
  'json-has-its-from': {
    statement: 'sendMail honours the from of JSON. It can replace the From header of MIME.',
    source: emailengine,
    check: 'needs an admin',
    file: graphClient,
    code: 'from: { emailAddress: { address: from } }',
  },
  'json-headers-begin-with-x': {
    statement: 'internetMessageHeaders accepts only names that begin with x-.',
    source: reported('https://github.com/elie222/inbox-zero/pull/1246', '2026-01'),
    check: 'automatic',
    file: graphClient,
    code: 'Graph only takes names that begin with X',
  },
  'throttling-says-when': {
    statement: 'A 429 of Graph says in Retry-After when to try again.',
    source: documented('graph/throttling-limits'),
    check: 'needs waiting',
    file: 'api/graph/errors.ts',
    code: "headers.get('retry-after')",
  },
  'probe-permitted': {
    statement:
      'sendMail as text/plain refuses what is not base64 with 400 ErrorMimeContentInvalidBase64String if the token may send.',
    source: notes,
    check: 'automatic',
    file: graphReports,
    code: 'ErrorMimeContentInvalidBase64String',
  },
  'probe-refused': {
    statement:
      'sendMail refuses the same text with 403 ErrorAccessDenied if the token must not send.',
    source: notes,
    check: 'automatic',
    file: graphReports,
    code: "code === 'ErrorAccessDenied'",
  },
  'probe-leaves-nothing': {
    statement: 'Such a refused text leaves neither a draft nor a message in Sent Items.',
    source: notes,
    check: 'needs a person',
    file: graphClient,
    code: "so that Graph can't read a message in it",
  },
  'app-role-opens-every-mailbox': {
    statement: 'The application permission Mail.Send is for every mailbox of the tenant.',
    source: limitMailboxes,
    check: 'needs an admin',
    file: graphAccess,
    code: 'for every mailbox of the organisation',
  },
  'rbac-adds-to-consent': {
    statement: 'RBAC for Applications adds a right. A consent in Entra stays valid beside it.',
    source: reported(rbacScripts),
    check: 'needs an admin',
    file: graphAccess,
    code: 'Exchange combines the two',
  },
  'rbac-is-not-in-the-token': {
    statement: 'The token of an app that has its role in Exchange alone does not have that role.',
    source: believed(rbacScripts),
    check: 'needs an admin',
    file: graphAccess,
    code: 'a token that may send has no role either',
  },
  'access-policy-text': {
    statement:
      'An application access policy refuses with 403 ErrorAccessDenied, "Access to OData is disabled".',
    source: limitMailboxes,
    check: 'needs an admin',
    file: graphAccess,
    code: 'access to odata is disabled',
  },
  'wrong-audience-text': {
    statement: 'Graph refuses a token for Outlook with 401, "Invalid audience".',
    source: reported('https://github.com/MicrosoftDocs/office-developer-exchange-docs/issues/87'),
    check: 'automatic',
    file: 'api/diagnosis/catalogue/graph/request.ts',
    code: 'access token validation failure\\. invalid audience',
  },
  'access-denied-has-causes': {
    statement:
      'ErrorAccessDenied has several causes, which only its message, the token and the path separate.',
    source: reported('https://github.com/kellylford/QuickMail/issues/678', '2026-09-10'),
    check: 'needs an admin',
    file: graphAccess,
    code: 'graphAppMailboxOutOfScope',
  },
  'no-claims-challenge-without-cp1': {
    statement: 'Graph sends no claims challenge to a client that does not declare cp1.',
    source: documented('entra/identity-platform/claims-challenge', '2024-04-10'),
    check: 'needs an admin',
    file: graphAccess,
    code: 'continuous access evaluation resulted in challenge',
  },
} as const satisfies Assumptions
