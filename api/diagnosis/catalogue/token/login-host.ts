/** Failures to reach Microsoft's login host, which Mailgrant observes itself, and responses of others in its place. */
import type { ParsedReport } from '../../parse/parse-report.ts'
import { questions } from '../../questions.ts'
import { and, type Cause, type Fix, type Indicator, not, WEIGHT, where } from '../cause.ts'
import { docs } from '../docs.ts'
import { callTokenEndpoint, unless } from '../fixes.ts'
import * as by from '../indicators.ts'

/** Outweighs the causes that are based on what a mail program sees. */
const OBSERVED = WEIGHT.overrides + 3

const isTokenRequest = ({ observed, protocol }: ParsedReport) =>
  observed && (protocol === 'token' || protocol === 'authorize')

const isUnreachable = (parsed: ParsedReport) =>
  parsed.kind === 'unreachable' && isTokenRequest(parsed)

const notTrusted = and(
  by.meaning(
    OBSERVED,
    'certificate-untrusted',
    'certificate-name',
    'certificate-date',
    'certificate-purpose',
  ),
  isUnreachable,
)
const atProxy = and(by.meaning(OBSERVED, 'proxy-failed', 'proxy-refused'), isUnreachable)

/** Matches failures that would be the proxy's if there were one. */
const isDirect = by.meaning(
  1,
  'connection-refused',
  'name-not-found',
  'name-lookup-temporary',
  'no-route',
)

const COMPARE: Fix = {
  text: 'Compare on the same machine, as the account that Mailgrant runs as and inside its container. curl reads the proxy from its own environment.',
  command: 'curl -sSv -o /dev/null {login}/common/v2.0/.well-known/openid-configuration',
}

export const loginHostUnreachable: Cause = {
  slug: 'login-host-unreachable',
  title: "{loginHost} can't be reached from this server",
  explanation:
    'Mailgrant got no connection to {loginHost} on port 443, or no response in time[[ ({networkCode})]]. Either the name has no address here, or a firewall, a router or the provider blocks the connection. No sign-in is affected.',
  responsible: 'operator',
  effect: 'cool_down',
  advice:
    'your Mailgrant administrator must allow connections from this server to {loginHost} on port 443, or set HTTPS_PROXY[[ ({networkCode})]]',
  fixes: [
    'Allow outgoing TCP from this server to {loginHost} on port 443, and make its name server resolve the name.',
    unless(not(isDirect), [
      'Mailgrant connected without a proxy. If your network requires one, set HTTPS_PROXY, take {loginHost} out of NO_PROXY, and restart Mailgrant.',
    ]),
    unless(isDirect, [
      'If your network requires a proxy, correct HTTPS_PROXY and NO_PROXY, and restart Mailgrant.',
    ]),
    COMPARE,
  ],
  docs: [docs.microsoftHosts],
  indicators: [
    and(where(OBSERVED, isUnreachable), not(notTrusted), not(atProxy)),
    // Microsoft may be slow, too.
    where(WEIGHT.names - 1, (parsed) => parsed.kind === 'timeout' && isTokenRequest(parsed)),
  ],
}

export const loginHostNotTrusted: Cause = {
  slug: 'login-host-not-trusted',
  title: "This server doesn't trust the certificate that it got for {loginHost}",
  explanation:
    "The certificate was not issued by an authority that this server trusts, or is for another name or another time[[ ({networkCode})]]. Most often a proxy, firewall or antivirus program inspects TLS and presents its own certificate. Mailgrant sent neither the app's credential nor a token.",
  responsible: 'operator',
  effect: 'cool_down',
  advice:
    "your Mailgrant administrator must exempt {loginHost} from TLS inspection, or set NODE_EXTRA_CA_CERTS to the certificate of the proxy's authority[[ ({networkCode})]]",
  fixes: [
    {
      risk: "If a proxy inspects TLS, save its authority's certificate as a PEM file, set NODE_EXTRA_CA_CERTS to its path in the service's environment (not in .env), and restart Mailgrant.",
    },
    { risk: 'Or exempt {loginHost} from TLS inspection.' },
    {
      text: "The certificate is for another name, so another server responds in Microsoft's place. Check the name server, the hosts file and HTTPS_PROXY.",
      first: by.meaning(1, 'certificate-name'),
    },
    {
      text: "The certificate has expired or is not yet valid. Check this server's date first (date -u).",
      first: by.meaning(1, 'certificate-date'),
    },
    {
      text: 'Show the certificate and its issuer.',
      command: 'openssl s_client -showcerts -servername {loginHost} -connect {loginHost}:443',
    },
  ],
  docs: ['https://nodejs.org/api/cli.html#node_extra_ca_certsfile', docs.microsoftHosts],
  indicators: [notTrusted],
}

export const loginHostReplaced: Cause = {
  slug: 'login-host-replaced',
  title:
    'Something between this server and {loginHost} replaces or cuts off its responses[[ ({received})]]',
  explanation:
    "Mailgrant called {loginHost}, but the response isn't Microsoft's. Most often it is the block page of a proxy or firewall that inspects TLS, or a network's login page. If it happens only once, it can also be a fault at Microsoft. No sign-in is affected.",
  responsible: 'operator',
  effect: 'cool_down',
  advice:
    'your Mailgrant administrator must exempt {loginHost} from TLS inspection, or let its responses through the proxy or firewall',
  fixes: [
    {
      risk: 'Exempt {loginHost} from TLS inspection, and allow it in the proxy or firewall without a login, a category block or a warning page.',
    },
    callTokenEndpoint,
    'Correct HTTPS_PROXY or NO_PROXY if your network requires another proxy, or none for this host, and restart Mailgrant.',
  ],
  docs: [docs.microsoftHosts],
  indicators: where(
    WEIGHT.names + 1,
    (parsed) => parsed.kind === 'malformed' && isTokenRequest(parsed),
  ),
}

export const loginProxyFailed: Cause = {
  slug: 'login-proxy-failed',
  title: "The proxy in HTTPS_PROXY didn't connect this server to {loginHost}",
  explanation:
    'Mailgrant uses the proxy in HTTPS_PROXY, and either the proxy does not respond, or it refused the connection to {loginHost} on port 443[[ ({networkCode})]]. Microsoft received nothing.',
  responsible: 'operator',
  effect: 'cool_down',
  advice:
    'your Mailgrant administrator must check HTTPS_PROXY and let connections to {loginHost} on port 443 through the proxy[[ ({networkCode})]]',
  fixes: [
    'PROXY_UNREACHABLE: correct the address in HTTPS_PROXY, or start the proxy, then restart Mailgrant.',
    {
      text: "PROXY_REFUSED: the event proxy_refused in the log has the status. With 407, put the proxy's login into HTTPS_PROXY (http://user:password@host:port). With any other, allow CONNECT to {loginHost} on port 443.",
      first: by.meaning(1, 'proxy-refused'),
    },
    'If {loginHost} can be reached without the proxy, add it to NO_PROXY.',
    COMPARE,
  ],
  docs: [docs.microsoftHosts, 'https://everything.curl.dev/usingcurl/proxies/index.html'],
  indicators: [atProxy],
}

const asksForToken: Indicator = where(
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
  docs: [docs.authCode, docs.microsoftHosts],
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
      asksForToken,
    ),
    // Also said of a response that is empty or was cut off.
    and(
      by.text(WEIGHT.names - 1, [
        /(?:is not|isn't|not|invalid|malformed|failed to (?:parse|decode)|could ?n[o']t (?:parse|decode|be parsed)|unable to (?:parse|decode)|expected|error (?:parsing|decoding)).{0,30}json/,
        /json.{0,20}(?:parse ?error|decode ?error|syntax ?error|parseexception|decodeexception|expecting value|malformed|invalid)/,
        /json\.?decode\.?error|json\.parse/,
        /expecting value: line 1 column 1/,
      ]),
      asksForToken,
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
      asksForToken,
    ),
  ],
  ask: [questions.fullText, questions.otherClient],
}
