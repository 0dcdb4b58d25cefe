/** Requests to the login host: format and scopes, and refusals with an AADSTS number that no cause lists. */
import type { ParsedReport } from '../../parse/parse-report.ts'
import { questions } from '../../questions.ts'
import { and, anyOf, type Cause, WEIGHT, where } from '../cause.ts'
import { ofProgram, ofSignIn } from '../conditions.ts'
import { docs } from '../docs.ts'
import { instead, onlyFor, pages, unless } from '../fixes.ts'
import * as by from '../indicators.ts'
import {
  CONSENT_MISSING,
  GRANT_NOT_ACCEPTED,
  MISCONFIGURED_APP,
  NO_RESOURCE,
  POST_EXPECTED,
  REQUEST_INVALID,
  REQUEST_MALFORMED,
  RESOURCE_UNKNOWN,
} from '../numbers.ts'
import { onlyIf, saidBy } from '../proof.ts'

/** Words of Entra about a parameter that it accepts at one of the shared endpoints only. */
const ONLY_AT = /\bonly supported on the \/?(?:common|consumers|organizations) (?:tenant|endpoint)/

/** Detects a page of the sign-in that was opened without the step before it. */
const openedDirectly = ({ protocol, codes }: ParsedReport) =>
  protocol === 'authorize' && codes.includes(POST_EXPECTED)

const DAVMAIL = /\bdavmail\b/

/** Words of Entra about a parameter, which values.ts reads. */
const MISSING_CLIENT_ID = /\bmust contain the following parameter: ?'client_id'/
const MISSING_PARAMETER = /\bmust contain the following parameter: ?'|\brequired field '/

/** Detects the sentence that only states that the request is malformed, in a response to a code or a refresh token. */
const isTokenRequest = ({ stage, text }: ParsedReport) =>
  (stage === 'token_exchange' || stage === 'refresh') &&
  /\brequest is malformed or invalid\b/.test(text)

/** Entra's numbers for malformed requests that have no other cause. */
const MALFORMED = [
  240002, 7000114, 901002, 50050, 50147, 50149, 50192, 501491, 7000113, 90004, 90005, 90013, 90016,
  90056, 90100, 90102, 9000411, 50038, 50080, 90007, 90017, 90107, 90116, 90117, 90131, 90138,
  90139, 501471, 1002014, 7000025, 9002324, 9002338,
]

export const malformedOAuthRequest: Cause = {
  slug: 'malformed-oauth-request',
  title: "The request to Microsoft's sign-in server is malformed",
  explanation:
    'A parameter is missing, wrong or in the wrong place: a GET instead of a POST, JSON instead of a form, an empty code or refresh token, a response type that the app does not allow.',
  variants: [
    {
      onlyFor: by.text(1, MISSING_PARAMETER),
      title: "The request to Microsoft's sign-in server lacks a parameter",
      explanation: 'The request lacks the parameter {missingParameter}, or sends it empty.',
    },
    {
      onlyFor: by.text(1, ONLY_AT),
      title: "A parameter in the sign-in URL does not fit the URL's tenant",
      explanation:
        'Microsoft accepts a parameter in the sign-in URL[[ ({limitedParameter})]] only at /{onlyAt}, and the URL contains another tenant.',
    },
    {
      onlyFor: openedDirectly,
      title: 'A Microsoft sign-in page was opened out of sequence',
      explanation:
        "The page accepts only a form submission (POST), but the browser opened it directly (GET). This happens after a reload or Back, when a program's built-in browser cannot take a step (often a Conditional Access page), or when the sign-in URL ends in /token.",
    },
    {
      onlyFor: isTokenRequest,
      explanation:
        'Microsoft could not read the token request. Usually the authorization code or the refresh token in it is damaged, cut off or empty.',
    },
  ],
  responsible: 'operator',
  effect: 'block',
  fixes: [
    instead(by.text(1, ONLY_AT), [
      'If {program} has a setting for the tenant or the sign-in URL, use {login}/{onlyAt}.',
      "Otherwise, start the sign-in again in a private window, without the program's stored sign-in. If it repeats, the developers of {program} must use /{onlyAt} or leave out the parameter.",
    ]),
    instead(openedDirectly, [
      'Start the sign-in again, without going back or reloading.',
      'If this repeats, update the program, or let it sign in through the normal browser (DavMail: O365Manual), on a managed device if the organisation requires one.',
      'If an earlier page said that you cannot access this right now, your Microsoft 365 admin must act: Conditional Access blocks the sign-in.',
    ]),
    instead(by.text(1, MISSING_CLIENT_ID), [
      'Enter the Application (client) ID from {appRegistration} > Overview as client_id in the settings of {program}, and restart it.',
      'If the program has no setting for the client ID, the ID comes from its vendor: update the program, or report the error to the vendor.',
    ]),
    onlyFor(by.text(1, MISSING_PARAMETER), [
      "Send {missingParameter} with a value. Enter it in the program's settings or environment, and restart the program.",
    ]),
    unless(by.text(1, MISSING_PARAMETER), [
      "Fill in all of the program's settings, without spaces or line breaks, and update it.",
    ]),
    onlyFor(
      and(ofProgram(DAVMAIL), ({ stage }) => stage !== 'authorize'),
      'DavMail: stop it, delete the line davmail.oauth.(address).refreshToken from davmail.properties, start it, and sign in again.',
    ),
    unless(anyOf(ofSignIn, ofProgram(DAVMAIL)), {
      text: 'In your own program, compare the request with the documentation: POST, form-encoded body, client_id, scope, grant_type, and code with redirect_uri or refresh_token, none of them empty.',
      otherPrograms: true,
    }),
  ],
  docs: [docs.authCode, docs.aadsts],
  aadsts: {
    'The request was malformed': [POST_EXPECTED, REQUEST_INVALID, REQUEST_MALFORMED, ...MALFORMED],
    'Microsoft does not offer this kind of request': [70003, 7000013, 7000021],
    'Microsoft does not allow this kind of response for the app': [
      70005, 70007, 700051, 700053, 700054, 700055,
    ],
    'The request was incomplete': [90014, 900144, 900143],
    'The request was too long': [50091, 90015],
  },
  proof: [
    // Instead of a refresh token, another kind of token is refused in the same words.
    onlyIf(
      ({ stage, oauth: errors }) => stage !== 'refresh' || !errors.has('invalid_grant'),
      saidBy('token_endpoint', /\binvalid request\. ?request is malformed or invalid\b/),
    ),
    saidBy('token_endpoint', [
      /\brequest body must contain the following parameter: '(?!client_)[a-z_]{2,40}'/,
      /\brequired field '[a-z_]{2,60}' is missing from the credential\b/,
    ]),
    saidBy('sign_in_page', [
      /\baadsts\d{5,7}: [\w=.-]{2,40} is only supported on the (?:common|consumers|organizations) tenant\b/,
    ]),
  ],
  indicators: [
    by.text(WEIGHT.names - 0.5, [
      /must contain the following parameter/,
      /request is malformed/,
      /malformed or invalid/,
      /missing (?:a )?required (?:parameter|field)/,
      /(?:parameter|field) .{0,40}(?:is missing|is required|isn't present)/,
      /only accepts .{0,20} requests/,
      /(?:un|not )supported (?:grant|response)[_ ](?:type|mode)/,
    ]),
    by.oauth(WEIGHT.suggests + 1, 'unsupported_grant_type', 'unsupported_response_type'),
    by.oauth(2.4, 'invalid_request'),
    by.response(1.5, 'request refused'),
    by.code(3, GRANT_NOT_ACCEPTED),
    by.code(5, REQUEST_INVALID),
    by.code(5.5, REQUEST_MALFORMED),
  ],
  modifiers: [
    // That sentence comes with a missing secret as well, which is a cause of its own.
    where(-4, ({ text }) => /parameter:? '?(?:client_secret|client_assertion)/.test(text)),
    by.text(-4, /\bno applicable permissions\b/),
    and(
      where(-2, ({ text }) => !/malformed|invalid/.test(text)),
      by.code(1, GRANT_NOT_ACCEPTED),
    ),
  ],
  ask: [questions.number],
}

/** Detects a request for several resources. Mailgrant's own sign-in may name them, since it redeems the code for one. */
const asksTogether = ({ facts: { asked }, observed, protocol }: ParsedReport): boolean =>
  (asked?.size ?? 0) > 1 && !(observed && protocol === 'authorize')

export const invalidScope: Cause = {
  slug: 'invalid-scope',
  title: "The request's scope is not valid",
  explanation:
    'A scope is misspelt or unknown, scopes are separated by commas, or they belong to more than one resource, which one token cannot serve.',
  responsible: 'app_owner',
  effect: 'block',
  fixes: [
    'Request the scopes of one resource only, separated by spaces: {scopes}',
    'Leave Graph scopes (User.Read, Mail.Read, graph.microsoft.com) out of this request. Personal accounts accept only the resource https://outlook.office.com, not outlook.office365.com.',
    'App-only: request {appOnlyScope} and nothing else.',
    {
      text: 'MSAL itself adds openid, profile and offline_access: do not pass them to it.',
      otherPrograms: true,
    },
  ],
  docs: [docs.scopes, docs.mailOAuth, docs.aadsts],
  aadsts: {
    'Permissions of more than one resource were requested together': [28000, 700022],
    'Microsoft does not know a permission that was requested': [
      28002, 90009, 1002012, 70011, 650053,
    ],
    'No permission was requested': [28003, NO_RESOURCE],
    'Microsoft does not know the service whose permissions were requested': [
      500012, 500013, 500016, 500017, 700017, 700018, 700039, 700040, 9002314,
    ],
  },
  proof: saidBy('token_endpoint', [
    /\bprovided (?:resource )?value (?:.{1,200} )?for the input parameter '?scope'? (?:.{1,200} )?(?:is not|isn't) valid\b/,
    /\basked for scope '.{1,200}' that doesn't exist on the resource\b/,
    /\bclient credential flows must have a scope value with \/\.default suffixed to the resource identifier\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names, [
      /more than one resource/,
      /multiple resources/,
      /input parameter '?scope'?/,
      /scope .{0,120}(?:is not valid|isn't valid|is invalid|does not exist|doesn't exist|not found|unknown|malformed)/,
      /invalid[ _]scope/,
      /\bscope value that is reserved|\breserved scopes?\b/,
    ]),
    by.oauth(WEIGHT.names - 1, 'invalid_scope'),
    // The older endpoint (v1) received a scope in place of a resource.
    and(
      by.code(WEIGHT.overrides, RESOURCE_UNKNOWN),
      by.text(1, [
        /principal named https?:\/\/[^ ]{4,80}\/(?:\.default|[a-z]{2,30}\.[a-z.]{3,40})\b/,
      ]),
    ),
    // A scope whose resource has no mail permissions.
    and(by.code(WEIGHT.overrides, CONSENT_MISSING, MISCONFIGURED_APP), ({ facts: { asked } }) =>
      asked?.has('other'),
    ),
    and(by.code(3.5, CONSENT_MISSING), ({ stage }) => stage === 'refresh'),
    and(
      by.oauth(3, 'invalid_grant', 'invalid_request', 'consent_required'),
      (parsed) => parsed.facts.asked?.has('other') || asksTogether(parsed),
    ),
    and(by.response(2, 'grant refused', 'request refused'), asksTogether),
  ],
  ask: [questions.requestedScope],
}

/** Covers the AADSTS numbers that no other cause lists. */
export const unknownNumber: Cause = {
  slug: 'unknown-aadsts-number',
  title: 'Microsoft responded with an unknown error number[[: AADSTS{aadsts}]]',
  explanation:
    "[[Microsoft's {microsoftPart} responded with AADSTS{aadsts}. ]]This catalogue doesn't contain the number. The sentence beside it, or Microsoft's own page about it, says what is wrong.",
  responsible: 'operator',
  fixes: [
    {
      text: "Read Microsoft's page about this number, and the sentence beside it in the message.",
      url: '{login}/error?code={aadsts}',
    },
    {
      text: 'An administrator finds the attempt, its reason and the policy at fault under {entra} > Monitoring & health > Sign-in logs[[ by the correlation ID {correlationId}]][[ at {errorTime}]].',
      url: pages.signInLogs,
    },
    'The OAuth error beside the number shows who must act. invalid_client: the app owner renews the secret or certificate. unauthorized_client: the app owner corrects the registration. invalid_scope: the program must ask for other scopes. invalid_grant or interaction_required: the user signs in again. temporarily_unavailable: retry later.',
  ],
  docs: [docs.aadsts],
  // rank.ts drops this cause if any of the numbers is known.
  indicators: [
    where(WEIGHT.suggests + 0.5, ({ codes, observed }) => codes.length > 0 && !observed),
    // What the product stores of a response is judged by its OAuth error first.
    where(1, ({ codes }) => codes.length > 0),
  ],
  ask: [questions.fullText],
}
