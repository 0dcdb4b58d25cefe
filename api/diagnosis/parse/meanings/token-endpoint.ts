/** Meanings of responses of Entra's token endpoint, in the forms in which libraries quote them. */
import {
  CONSENT_MISSING,
  GRANT_EXPIRED,
  GRANT_NOT_ACCEPTED,
  PKCE_MISSING,
  REQUEST_MALFORMED,
  RESOURCE_UNKNOWN,
  SECRET_WRONG_OR_MISSING,
} from '../../catalogue/numbers.ts'
import {
  CLIENT_CREDENTIAL_NUMBERS,
  entraNumber,
  numberInResponse,
  REFRESH_NUMBERS,
  TOKEN_NUMBERS,
} from './entra-numbers.ts'
import { type Meaning, meaningsOf } from './meaning.ts'

/** Addresses of the token endpoint, as HTTP libraries print them beside a status. */
const ENDPOINT = String.raw`\b(?:login\.(?:microsoftonline|windows|live|microsoft)\b|oauth2/(?:v2\.0/)?(?:token|devicecode)\b)`

/** Client and server errors that this endpoint gives; 403, 405 and 407 come from proxies. */
const STATUS = '(?:400|401|404|408|429|500|502|503|504)'

/**
 * Lookbehind that follows a status in a pattern. It excludes a status from Exchange's web services (EWS, OWA), and one
 * with which a mail server refused a token, as in "SentStep: Status: 401".
 */
const OF_ENDPOINT = String.raw`(?<!(?:/ews/|\bowa\b|sentstep: ).{0,100})`

/**
 * Matches an OAuth error by its name, in snake case or as a class: `InvalidGrantError`. Errors that the sign-in page
 * returns to the program are left out.
 */
const oauthError = (...names: readonly string[]) =>
  new RegExp(
    String.raw`(?<![a-z_]|\berror=|callbackerror, )(?:${names.map((name) => `${name}|${name.replaceAll('_', '')}`).join('|')})(?:error)?(?![a-z_])(?!.{0,60}(?:\bthe client does not exist\b|'redirect_uri' is not valid|callbackerror))`,
  )

const row = meaningsOf('token_endpoint')

const REPEATED = ['refresh', 'client_credentials'] as const

/** Responses that are given to a first code, to a refresh token and to the app itself. */
const anyRequest = <Name extends string>(
  name: Name,
  patterns: readonly RegExp[],
  stage: Meaning['stage'] = 'token_exchange',
) => row(name, { stage, anyStage: REPEATED }, patterns)

export const tokenEndpointMeanings = [
  row('device-code-pending', 'token_exchange', [
    /\bauthorization[_ ]?pending\b|\bauthorization is pending\b/,
    /\bpolling\b.{0,40}\b(?:too much time has elapsed|user declined authorization)/,
    /\bpolling state \w{3,20}_expired/,
  ]),
  row('throttled', 'refresh', [
    /\bthrottled (?:by aad|according to instructions from sts)|\bmsalthrottl/,
  ]),
  anyRequest('discovery-failed', [
    entraNumber(90002),
    /\binvalid_tenant\b/,
    /\boidc discovery\b|\bget authority configuration\b|\bparsing instance discovery response\b|\binvalid_instance\b/,
    /\bunknown (?:account|namespace|user|realm) ?type\b|\bfederation metadata\b|\bdid not return a wstrust endpoint\b/,
  ]),
  row('grant-refused', 'refresh', [
    entraNumber(700082, 700084, 70043, 50173),
    /(?<!code or )\brefresh token (?:has )?(?:is )?(?:expired|been revoked|revoked|invalid)/,
  ]),
  row('no-refresh-token', 'token_exchange', [/\bno refresh_token for authorization request/]),
  row('grant-refused', 'token_exchange', [
    entraNumber(54005),
    /\bauthorization code was already redeemed/,
  ]),
  anyRequest('consent-missing', [numberInResponse(CONSENT_MISSING)]),
  anyRequest('interaction-required', [oauthError('interaction_required')]),
  anyRequest('client-refused', [
    entraNumber(7000215, 7000222, 7000218, 7000216, SECRET_WRONG_OR_MISSING),
    oauthError('invalid_client', 'unauthorized_client'),
    /\boauth2? client (?:secret|authentication)\b.{0,40}\b(?:invalid|expired|failed)/,
    /\bclient (?:secret|authentication) (?:provided )?(?:is |has |was )?(?:either )?(?:invalid|expired|failed)/,
    /\bapplication id provided is invalid/,
    /\brejected the client credentials/,
    /\bclient is not authori[sz]ed to request/,
  ]),
  anyRequest('client-refused', [entraNumber(700027, 700030, 700024)], 'client_credentials'),
  anyRequest('scope-invalid', [
    numberInResponse(70011, RESOURCE_UNKNOWN),
    entraNumber(28002, 90009, 28003),
    oauthError('invalid_scope', 'invalid_resource'),
    /\brequested scope is invalid\b|\bvalue (?:.{1,200} )?for the input parameter '?scope\b/,
    /\bclient credential flows must have a scope\b/,
  ]),
  row('grant-refused', 'token_exchange', [/\bvalue for the 'code' parameter is not valid/]),
  anyRequest(
    'grant-refused',
    [
      entraNumber(GRANT_NOT_ACCEPTED, GRANT_EXPIRED),
      numberInResponse(50126),
      oauthError('invalid_grant'),
      /\breceived invalid grant\b/,
      /\bauthorization grant\b.{0,100}\bis invalid, expired, revoked/,
    ],
    // A code and a refresh token are refused with the same words.
    null,
  ),
  anyRequest('request-invalid', [
    entraNumber(90014, 900144, REQUEST_MALFORMED, PKCE_MISSING, 9002326, 9002327, 900382),
    oauthError('invalid_request'),
    /\brequest is missing a required parameter, includes/,
    /\bmay only be redeemed via cross-origin requests/,
  ]),
  anyRequest('answer-empty', [
    /\baccess_token (?:is |was )?missing(?: (?:in|from)\b|$)|\bmissing access_token\b|\bmissing access token parameter\b|\bdoes ?n[o']t contain access_token/,
    /\bempty oauth\b|\btoken from an empty string/,
    /\bunexpected end of json input/,
    /\bno message body set\b/,
    /\bstatus code \d{3} with no response body/,
    /\btoken response\b.{0,20}\bno refresh_token/,
    /\bno access token { code: 'eoauth2'/,
  ]),
  // HTML where JSON is due. A proxy, a portal or another host responds in Entra's place.
  meaningsOf('other_server')('answer-not-json', { stage: 'token_exchange', anyStage: REPEATED }, [
    /\binvalid character '<' looking for/,
    /\bunexpected (?:token '?<|character \('<')/,
    /\bunsupported content type: text\/html|\bexpected json response from oauth/,
  ]),
  anyRequest('answer-not-json', [
    /\bcannot parse response: invalid (?!character '<')|\bfailed to parse network response/,
    /\baccess token: could not parse response/,
    /\bnot json compatible\b/,
    /\bparsing (?:the response from the token endpoint|token\b)/,
    /\breturned by the oauth2 server, but it could not be parsed/,
    /\bcan't extract an? '?access_token/,
    /\bjson in unexpected format\b|\bdecoding response body: expected value\b/,
    /\brefresh: exception=\* line \d{1,4}, column \d{1,4}/,
    /\binvalid authentication response\b/,
  ]),
  anyRequest('unavailable', [
    new RegExp(String.raw`\b50[0234]\b (?!can't connect).{0,60}${ENDPOINT}`),
    new RegExp(String.raw`${ENDPOINT}\S{0,120} .{0,30}\b50[234]\b`),
    /\brefresh error\b.{0,60}\bhttp code 5\d\d\b/,
  ]),
  anyRequest('http-error', [
    new RegExp(String.raw`\b(?:400|401|404|429)\b.{0,60}${ENDPOINT}`),
    new RegExp(
      String.raw`${ENDPOINT}\S{0,120} .{0,60}\b(?:400|401|404|429) (?:bad|unauth|not found|too many)`,
    ),
    new RegExp(`${ENDPOINT}.{0,60}: bad request`),
    new RegExp(String.raw`${ENDPOINT}\S{0,120} .{0,20}\b(?:code|status)\W{1,3}${STATUS}\b`),
    new RegExp(
      String.raw`\b(?:http (?:error|code|status)|status(?: code)?(?: (?:for remote endpoint|value of))?|response code|response error|invalid response code|url returned error|request failed|got status|httperror)[!: ]{1,2}\(?(?:code: )?${STATUS}\b(?!\.\d| can't connect)${OF_ENDPOINT}`,
    ),
    new RegExp(
      String.raw`\b(?:does not indicate success|server returned an error|returned status code)\W{1,3}${STATUS}\b${OF_ENDPOINT}`,
    ),
    new RegExp(
      String.raw`\b(?:response code is not 200|instead got status|got (?=30[1278] status code)).{0,12}(?:${STATUS}|30[1278])\b`,
    ),
    /\boauth2: cannot fetch token: 4\d\d\b/,
    /\b(?:access token|userinfo|token) (?:response|resource): 4\d\d\b/,
    /\bidentityproviderexception: bad request|\boauth2::error\b.{0,20}\bstatus code value/,
  ]),
  anyRequest('entra-number', [numberInResponse(), entraNumber(...TOKEN_NUMBERS)]),
  anyRequest('entra-number', [entraNumber(...CLIENT_CREDENTIAL_NUMBERS)], 'client_credentials'),
  anyRequest('entra-number', [entraNumber(...REFRESH_NUMBERS)], 'refresh'),
]
