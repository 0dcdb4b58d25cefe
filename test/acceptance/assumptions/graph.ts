/** Statements about Microsoft Graph, through which Mailgrant sends. */
import { type Assumptions, believed, documented, files, notes, reported } from './assumption.ts'

const { graphAccess, graphClient, graphHosts, graphReports } = files
const emailengine = reported(
  'https://github.com/postalsys/emailengine/blob/master/lib/email-client/outlook-client.js',
  '2026-08',
)
const otherSender = documented('graph/outlook-send-mail-from-other-user')

export const graph = {
  'graph-ignores-smtp-auth': {
    statement: 'Graph sends from a mailbox whose SMTP AUTH is off.',
    source: believed('https://github.com/jstedfast/MailKit/issues/700', '2023-04-28'),
    check: 'needs an admin',
    file: 'api/diagnosis/catalogue/submission.ts',
    code: "which doesn't depend on that setting",
  },
  'graph-hosts': {
    statement: 'Each cloud has a separate host for Graph.',
    source: documented('graph/deployments'),
    check: 'automatic',
    file: 'schema/mail-servers.ts',
    code: "graph('graph.microsoft.com')",
  },
  'app-only-has-no-me': {
    statement: '/me refuses the token of an app without a user.',
    source: documented('graph/auth-v2-service'),
    check: 'automatic',
    file: graphHosts,
    code: "authentication === 'oauth' &&",
  },
  'users-by-address': {
    statement: '/users/{id} accepts the percent-encoded address of the mailbox.',
    source: reported(
      'https://github.com/zammad/zammad/blob/develop/lib/microsoft_graph.rb',
      '2026-09',
    ),
    check: 'automatic',
    file: graphHosts,
    code: 'encodeURIComponent(mailbox.username)',
  },
  'accepted-is-not-delivered': {
    statement: 'sendMail responds with 202 before the message is delivered.',
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
    statement: 'sendMail uses the property from of a message in JSON.',
    source: otherSender,
    check: 'needs an admin',
    file: graphClient,
    code: 'from: { emailAddress: { address: from } }',
  },
  'mime-from-is-ignored': {
    statement: 'sendMail ignores the From header of a MIME message.',
    source: emailengine,
    check: 'needs an admin',
    file: 'api/docs/guides/smtp-or-graph.md',
    code: 'Graph can replace the `From` of a MIME message',
  },
  'json-headers-begin-with-x': {
    statement: 'internetMessageHeaders accepts only names that begin with x-.',
    source: reported('https://github.com/elie222/inbox-zero/pull/1246', '2026-01'),
    check: 'automatic',
    file: graphClient,
    code: "{ name: 'X-Auto-Response-Suppress', value: 'All' }",
  },
  'throttling-says-when': {
    statement: 'A 429 of Graph for mail says in Retry-After when to try again.',
    source: documented('graph/throttling'),
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
      'sendMail refuses a text that is not base64 with 403 ErrorAccessDenied if the token must not send.',
    source: notes,
    check: 'automatic',
    file: graphReports,
    code: "code === 'ErrorAccessDenied'",
  },
  'probe-leaves-nothing': {
    statement:
      'A text that sendMail refuses as not base64 leaves neither a draft nor a message in Sent Items.',
    source: notes,
    check: 'needs a person',
    file: graphClient,
    code: "const NO_MESSAGE = '!!!!'",
  },
  'app-role-opens-every-mailbox': {
    statement: 'The application permission Mail.Send is for every mailbox of the tenant.',
    source: otherSender,
    check: 'needs an admin',
    file: graphAccess,
    code: 'for every mailbox of the organisation',
  },
  'rbac-adds-to-consent': {
    statement: 'A consent in Entra stays valid beside a role of RBAC for Applications.',
    source: documented('exchange/permissions-exo/application-rbac'),
    check: 'needs an admin',
    file: graphAccess,
    code: 'Exchange combines the two',
  },
  'rbac-is-not-in-the-token': {
    statement: 'A role that an app has in Exchange alone is not in its token.',
    source: reported('https://github.com/maester365/maester/issues/920', '2025-05-11'),
    check: 'needs an admin',
    file: graphAccess,
    code: "and(by.fact(1.5, 'tokenCovers', false), by.fact(1, 'appOnly', true))",
  },
  'access-policy-text': {
    statement:
      'An application access policy refuses with 403 ErrorAccessDenied, "Access to OData is disabled".',
    source: documented('graph/resolve-auth-errors'),
    check: 'needs an admin',
    file: graphAccess,
    code: 'access to odata is disabled',
  },
  'wrong-audience-text': {
    statement:
      'Graph refuses a token for Outlook with "Access token validation failure. Invalid audience".',
    source: reported(
      'https://github.com/MicrosoftDocs/office-developer-exchange-docs/issues/87',
      '2020-05-14',
    ),
    check: 'automatic',
    file: 'api/diagnosis/catalogue/graph/request.ts',
    code: 'access token validation failure\\. invalid audience',
  },
  'access-denied-has-causes': {
    statement: 'ErrorAccessDenied has more than one cause.',
    source: reported('https://github.com/kellylford/QuickMail/issues/678', '2026-09-10'),
    check: 'needs an admin',
    file: graphAccess,
    code: 'graphAppMailboxOutOfScope',
  },
} as const satisfies Assumptions
