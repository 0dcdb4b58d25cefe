/** Meanings: answers of Entra's token endpoint, and how libraries quote them. */
import type { Meaning } from './meaning.ts'
import { PAGE_NUMBERS } from './sign-in-page.ts'

/** Addresses of the token endpoint, as HTTP libraries print them beside a status. */
const ENDPOINT = String.raw`\b(?:login\.(?:microsoftonline|windows|live|microsoft)\b|oauth2/(?:v2\.0/)?(?:token|devicecode)\b)`

/** Client and server errors that this endpoint gives; 403, 405 and 407 come from proxies. */
const STATUS = '(?:400|401|404|408|429|500|502|503|504)'

/** Words before one of Entra's numbers which show that the token endpoint gave it, not a page. */
const IN_TOKEN_ANSWER = String.raw`(?<=\b(?:invalid_?grant|invalid_?client|error_codes|refresh(?:ing)?|redeem|oauth2/(?:v2\.0/)?token|token (?:request|endpoint)|access token)\b.{0,200})`

/** Matches one of Entra's numbers with its prefix. */
const entra = (...numbers: readonly number[]) =>
  new RegExp(`\\baadsts[ :_-]{0,2}0{0,3}(?:${numbers.join('|')})(?!\\d)`)

/** Matches an OAuth error by its name, in snake case or as a class: `InvalidGrantError`. */
const oauthError = (...names: readonly string[]) =>
  new RegExp(
    `(?<![a-z_])(?:${names.map((name) => `${name}|${name.replaceAll('_', '')}`).join('|')})(?:error|exception)?(?![a-z_])`,
  )

const row = (
  name: string,
  stage: Meaning['stage'],
  patterns: readonly RegExp[],
  more: Partial<Meaning> = {},
): Meaning => ({ name, speaker: 'token_endpoint', stage, patterns, ...more })

/** Answers that are given to a first code, to a refresh token and to the app itself. */
const anyRequest = (name: string, patterns: readonly RegExp[]): Meaning =>
  row(name, 'token_exchange', patterns, {
    anyStage: ['refresh', 'client_credentials', 'token_exchange'],
  })

export const tokenEndpointMeanings: readonly Meaning[] = [
  row('device-code-pending', 'token_exchange', [
    /\bauthorization[_ ]?pending\b|\bauthorization is pending\b/,
    /\bpolling\b.{0,40}\b(?:too much time has elapsed|user declined authorization)/,
    /\bpolling state \w{3,20}_expired/,
  ]),
  row('throttled', 'refresh', [
    /\bthrottled (?:by aad|according to instructions from sts)|\bmsalthrottl/,
  ]),
  anyRequest('discovery-failed', [
    entra(90002),
    /\binvalid_tenant\b/,
    /\boidc discovery\b|\bauthority configuration\b|\bparsing instance discovery response\b|\binvalid_instance\b/,
    /\bfederation metadata\b|\bdid not return a wstrust endpoint\b/,
  ]),
  row('grant-refused', 'refresh', [
    entra(700082, 700084, 70043, 50173),
    /\brefresh token (?:has )?(?:is )?(?:expired|been revoked|revoked|invalid)/,
  ]),
  row('grant-refused', 'token_exchange', [
    entra(54005),
    /\bauthorization code was already redeemed/,
  ]),
  anyRequest('consent-missing', [new RegExp(`${IN_TOKEN_ANSWER}\\baadsts[ :_-]{0,2}65001(?!\\d)`)]),
  anyRequest('interaction-required', [oauthError('interaction_required')]),
  anyRequest('client-refused', [
    entra(7000215, 7000222, 7000218, 7000216, 700016, 700027, 700024, 70002),
    oauthError('invalid_client', 'unauthorized_client'),
    /\boauth2? client (?:secret|authentication)\b.{0,40}\b(?:invalid|expired|failed)/,
    /\bclient (?:secret|authentication) (?:provided )?(?:is |has |was )?(?:either )?(?:invalid|expired|failed)/,
    /\bapplication id provided is invalid/,
    /\brejected the client credentials/,
    /\bclient is not authori[sz]ed to request/,
  ]),
  anyRequest('scope-invalid', [
    entra(70011, 500011, 28002, 28003),
    oauthError('invalid_scope', 'invalid_resource'),
    /\brequested scope is invalid\b/,
  ]),
  anyRequest('grant-refused', [
    entra(70008, 70000, 50126),
    oauthError('invalid_grant'),
    /\breceived invalid grant\b/,
    /\bauthorization grant\b.{0,100}\bis invalid, expired, revoked/,
  ]),
  anyRequest('request-invalid', [
    entra(900144, 90014, 9002313, 9002325, 9002326, 900382),
    oauthError('invalid_request'),
    /\brequest is missing a required parameter, includes/,
  ]),
  anyRequest('answer-empty', [
    /\bmissing access_token\b|\bmissing access token parameter\b|\bdoes ?n[o']t contain access_token/,
    /\bempty oauth\b|\btoken from an empty string/,
    /\bunexpected end of json input/,
    /\bno message body set\b/,
    /\bstatus code \d{3} with no response body/,
  ]),
  anyRequest('answer-not-json', [
    /\binvalid character '<' looking for/,
    /\bunexpected (?:token '?<|character \('<')/,
    /\bcannot parse (?:json|response): invalid (?:character|semicolon)|\bfailed to parse network response/,
    /\baccess token: could not parse response/,
    /\bnot json compatible\b|\bunsupported content type: text\/html/,
    /\bexpected json response from oauth/,
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
    new RegExp(
      String.raw`\b(?:http (?:error|code|status)|status(?: code)?(?: (?:for remote endpoint|value of))?|response code|response error|invalid response code|url returned error|request failed|got status)[: ]{1,2}\(?(?:code: )?${STATUS}\b`,
    ),
    new RegExp(
      String.raw`\b(?:does not indicate success|server returned an error|returned status code)\W{1,3}${STATUS}\b`,
    ),
    new RegExp(String.raw`\b(?:response code is not 200|instead got status).{0,12}${STATUS}\b`),
    /\boauth2: cannot fetch token: 4\d\d\b/,
    /\b(?:access token|userinfo|token) (?:response|resource): 4\d\d\b/,
    /\bidentityproviderexception: bad request/,
  ]),
  anyRequest('entra-number', [
    new RegExp(`${IN_TOKEN_ANSWER}\\baadsts[ :_-]{0,2}\\d{4,9}`),
    new RegExp(String.raw`\baadsts[ :_-]{0,2}(?!(?:${PAGE_NUMBERS.join('|')})(?!\d))\d{4,9}`),
  ]),
]
