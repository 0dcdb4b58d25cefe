/** Responses at the token endpoint's URL that come from something else. */
import { questions } from '../../questions.ts'
import { and, type Cause, type Indicator, WEIGHT, where } from '../cause.ts'
import { docs } from '../docs.ts'
import { callTokenEndpoint } from '../fixes.ts'
import * as by from '../indicators.ts'

const isTokenRequest: Indicator = where(
  1,
  ({ protocol, codes }) => protocol === 'token' && codes.length === 0,
)

export const tokenEndpointRespondedByOther: Cause = {
  slug: 'token-endpoint-answered-by-other',
  title: "Something other than Microsoft's token endpoint responded",
  explanation:
    "The program asked for a token and received a web page, or an error that is not the token endpoint's JSON. Either the address in its settings is wrong, or a proxy, the network's login page or another gateway responded in its place.",
  responsible: 'operator',
  retryable: true,
  fixes: [
    'Compare the address in the settings with {login}/(tenant)/oauth2/v2.0/token: not /authorize, no blank, quotation mark or placeholder. The request must be a POST.',
    callTokenEndpoint,
    {
      risk: "Exempt {login} from the proxy's login and TLS inspection. A bare 502, 503 or 504 may pass after a minute.",
    },
  ],
  docs: [
    docs.authCode,
    'https://learn.microsoft.com/en-us/microsoft-365/enterprise/urls-and-ip-address-ranges',
  ],
  sources: ['token_endpoint', 'program', 'other_server'],
  indicators: [
    and(
      by.text(WEIGHT.names - 0.5, [
        /unexpected token '?</,
        /invalid character '<'/,
        /(?:received|got|returned|content-type:?|response (?:is|was)|instead of).{0,40}(?:text\/html|html page|html (?:response|instead)|<!doctype|<html)/,
        /<!doctype html|<html/,
        /407 proxy authentication required/,
      ]),
      isTokenRequest,
    ),
    // Also said of a response that is empty or was cut off.
    and(
      by.text(WEIGHT.names - 1, [
        /(?:is not|isn't|not|invalid|malformed|failed to (?:parse|decode)|could ?n[o']t (?:parse|decode|be parsed)|unable to (?:parse|decode)|expected|error (?:parsing|decoding)).{0,30}json/,
        /json.{0,20}(?:parse ?error|decode ?error|syntax ?error|parseexception|decodeexception|expecting value|malformed|invalid)/,
        /json\.?decode\.?error|json\.parse/,
        /expecting value: line 1 column 1/,
      ]),
      isTokenRequest,
    ),
    and(
      by.meaning(WEIGHT.names - 1, 'answer-not-json'),
      ({ codes, protocol }) => codes.length === 0 && protocol !== 'graph',
    ),
    and(by.meaning(3, 'answer-empty', 'discovery-failed'), ({ codes }) => codes.length === 0),
    and(
      by.text(WEIGHT.suggests - 0.5, /\b(?:30[1-8]|40[45])\b/),
      ({ meanings, codes }) => meanings.has('http-error') && codes.length === 0,
    ),
    and(
      by.text(WEIGHT.suggests, [/\b40[45]\b.{0,20}(?:not found|method not allowed)/, /\b50[24]\b/]),
      isTokenRequest,
    ),
  ],
  ask: [questions.fullText, questions.otherClient],
}
