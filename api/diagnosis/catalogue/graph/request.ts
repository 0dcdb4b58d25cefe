/** Calls of Microsoft Graph that can never work, and responses that are not Graph's. */
import { questions } from '../../questions.ts'
import { and, type Cause, not, WEIGHT, where } from '../cause.ts'
import { atGraph, ofMailgrant, ofPersonal } from '../conditions.ts'
import { docs } from '../docs.ts'
import { unless } from '../fixes.ts'
import * as by from '../indicators.ts'
import { fact, onlyIf, saidBy } from '../proof.ts'

export const graphWrongAudience: Cause = {
  slug: 'graph-wrong-audience',
  title: 'The access token is not for Microsoft Graph',
  explanation:
    "A token is valid for one service only. This one is for Outlook (IMAP and SMTP), for another service, or for the Microsoft Graph of another cloud, although its list of permissions can include Microsoft Graph's.",
  responsible: 'app_owner',
  fixes: [
    'Request {graphScope} in a token request of its own, without scopes of {outlook}. The same refresh token serves both services once the user has consented.',
    unless(ofPersonal, 'App-only: request {graph}/.default, not the scope for IMAP and SMTP.'),
    unless(not(ofMailgrant), [
      'With Mailgrant, use the token of the email account that sends through Microsoft Graph.',
    ]),
  ],
  docs: [docs.refreshTokens, docs.graphSendMail],
  proof: [
    saidBy('graph', /\baccess token validation failure\. invalid audience\b/),
    fact(
      'token_endpoint',
      'The access token is for a resource other than Microsoft Graph.',
      (parsed) =>
        atGraph(parsed) > 0 &&
        (parsed.facts.audience === 'exchange' || parsed.facts.audience === 'other'),
    ),
  ],
  indicators: [
    and(
      by.text(WEIGHT.names, /invalid ?audience|audience (?:is invalid|validation failed)/),
      atGraph,
    ),
    by.response(1.8, 'graph token refused'),
  ],
  modifiers: [
    by.fact(WEIGHT.proves, 'audience', 'exchange'),
    by.fact(WEIGHT.proves - 1, 'audience', 'other'),
    by.fact(-2, 'audience', 'graph'),
    where(2.5, ({ facts: { asked } }) => asked?.has('exchange') === true && !asked.has('graph')),
    by.fact(-1.5, 'workedBefore', true),
  ],
  ask: [questions.audience, questions.requestedScope],
}

export const graphMeWithoutUser: Cause = {
  slug: 'graph-me-without-user',
  title: 'The app used its own token for /me',
  explanation:
    "/me is the user who signed in. The app's own token (client credentials) has no user, so the path must contain the mailbox.",
  responsible: 'operator',
  fixes: [
    'Call {graph}/v1.0/users/{mailbox}/sendMail instead of /me/sendMail. Percent-encode the address.',
    'Or sign in as a user, and use the token of that sign-in.',
  ],
  docs: ['https://learn.microsoft.com/en-us/graph/auth-v2-service', docs.graphSendMail],
  proof: saidBy('graph', /\bme request is only valid with delegated authentication flow\b/),
  indicators: [by.text(WEIGHT.names, /\bme request is only valid with delegated\b/)],
}

export const graphRequestMalformed: Cause = {
  slug: 'graph-request-malformed',
  title: "Microsoft Graph can't read the request",
  explanation:
    "sendMail takes either a whole MIME message in base64 with the content type text/plain, or JSON with the content type application/json. This request is neither, or its path doesn't belong to a mailbox.",
  responsible: 'operator',
  fixes: [
    'MIME: encode the whole message, headers included, in base64 once. Send it as the body with Content-Type: text/plain, without JSON around it.',
    'Path: call {graph}/v1.0/users/{mailbox}/sendMail, with the address percent-encoded.',
    'JSON: send {"message": ...} with Content-Type: application/json. internetMessageHeaders accepts only names that begin with x-.',
  ],
  docs: ['https://learn.microsoft.com/en-us/graph/outlook-send-mime-message', docs.graphSendMail],
  proof: saidBy('graph', [
    /\berrormimecontentinvalid(?:base64string)?\b/,
    /\binvalid base64 string for mime content\b/,
    /\bunable to read json request payload\. please ensure content-type header is set\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names, [
      /errormimecontentinvalid/,
      /invalid base64 string for mime content/,
      /mime content does not contain all required information/,
    ]),
    // A mailbox on premises gives the sentence about a type as well.
    by.text(WEIGHT.names - 0.8, [
      /unable to read json request payload/,
      /type named '?microsoft\.graph\.\w{3,30}'? could not be resolved/,
      /resource not found for the segment/,
      /\berrorinvalidrequest\b|\binvalidinternetmessageheader\b/,
    ]),
  ],
  ask: [questions.fullText],
}

export const graphDirectoryCall: Cause = {
  slug: 'graph-directory-call',
  title: 'The program reads the directory, which sending does not need',
  explanation:
    'Mail.Send allows sendMail and nothing else. GET /me and GET /users read the directory and need User.Read or more, so they fail while sending itself can work.',
  responsible: 'operator',
  fixes: [
    'Remove the call, and send a message to test the permission.',
    'If the program insists on it, add User.Read to the permissions and sign in again.',
  ],
  docs: [docs.graphPermissions, docs.graphAuthErrors],
  indicators: by.text(WEIGHT.names - 1.2, [
    /authorization_requestdenied/,
    /insufficient privileges to complete the operation/,
  ]),
  ask: [questions.fullText, questions.scopes],
}

export const graphRespondedByOther: Cause = {
  slug: 'graph-answered-by-other',
  title: 'Something other than Microsoft Graph responded',
  explanation:
    "The response is a web page, or isn't Microsoft Graph's JSON. A proxy, a web filter or a network's login page blocks {graphHost} or replaces its responses. If it happens only once, it can also be a fault at Microsoft.",
  responsible: 'operator',
  retryable: true,
  fixes: [
    {
      text: 'Call it from the same machine. Microsoft responds with status 401, content-type application/json and a request-id header. Anything else comes from a proxy or another host.',
      command: 'curl -sS -D - -o /dev/null {graph}/v1.0/me',
    },
    {
      risk: 'Allow {graphHost} on port 443 in the proxy or firewall, without TLS inspection and proxy login.',
    },
    'If a message was being sent, look in Sent Items before you send it again: Microsoft may have accepted it.',
  ],
  docs: [docs.graphErrors, docs.microsoftHosts],
  sources: ['program', 'graph', 'other_server', 'system'],
  indicators: [
    // Microsoft's own gateways send web pages with 5xx, too.
    and(
      where(WEIGHT.names - 0.8, ({ isWebPage, source }) => isWebPage && source !== 'graph'),
      ({ protocol, text }) => protocol === 'graph' && !/\b50[0234]\b/.test(text),
    ),
    and(
      where(3, ({ isWebPage }) => isWebPage),
      ({ protocol }) => protocol === 'graph',
    ),
    and(
      by.meaning(WEIGHT.names - 0.8, 'answer-not-json', 'web-page-in-place'),
      ({ protocol }) => protocol === 'graph',
    ),
    and(by.kind(WEIGHT.names + 1, 'malformed'), atGraph),
  ],
  ask: [questions.fullText, questions.otherClient],
}

export const personalAccountNotVerified: Cause = {
  slug: 'personal-account-not-verified',
  title: 'Outlook.com requires this account to be verified before it can send mail',
  explanation:
    'Outlook.com limits new and suspicious personal accounts to a few messages a day, or blocks them from sending. A message from Microsoft in the inbox says how to verify the account. Nothing is wrong with the sign-in.',
  responsible: 'user',
  fixes: [
    {
      text: 'The owner opens Outlook.com, follows the message about the verification, and sends one message there.',
      url: 'https://outlook.live.com',
    },
    'Then wait a day, and send slowly at first. For many messages, use a work account.',
  ],
  docs: [
    docs.graphErrors,
    'https://support.microsoft.com/en-us/office/sending-limits-in-outlook-com-279ee200-594c-40f0-9ec8-bb6af7735c2e',
  ],
  proof: onlyIf(
    ({ facts }) => facts.personal !== false && facts.appOnly !== true,
    saidBy('graph', /\bfollow the instructions in your inbox to verify your account\b/),
  ),
  indicators: [
    by.text(WEIGHT.names + 3, [
      /instructions in your inbox to verify your account/,
      /errormessagesubmissionblocked/,
    ]),
    by.text(WEIGHT.names - 0.8, [
      /erroraccountsuspend|errormessageblocked|errorexceeded(?:message|hourlymessage|maxrecipient)limit/,
    ]),
  ],
  ask: [questions.accountType],
}
