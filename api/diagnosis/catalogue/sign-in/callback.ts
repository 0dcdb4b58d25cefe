/** The way back from Microsoft's page to the program, and the id_token that a response brings. */
import type { ParsedReport } from '../../parse/parse-report.ts'
import { questions } from '../../questions.ts'
import { and, type Cause, type Indicator, WEIGHT, where } from '../cause.ts'
import { docs } from '../docs.ts'
import { onlyFor, unless } from '../fixes.ts'
import * as by from '../indicators.ts'

/** Microsoft's response in a URL, which shows that the browser was sent back. */
const RETURNED = /[?&](?:code|state|session_state)=[\w.~%-]/

const isCallback = ({ source, codes }: ParsedReport) => source === 'callback' && codes.length === 0

const isBackFromSignIn = ({ protocol, stage, codes }: ParsedReport) =>
  protocol === 'authorize' && stage !== 'authorize' && codes.length === 0

const isSignIn = (protocol: string) => protocol === 'authorize' || protocol === 'token'

/** Matches a program that no longer knows the sign-in. */
const lostSession = by.meaning(1, 'state-mismatch', 'callback-session-lost')

/** Detects the status of a web server, which shows that it was reached. */
const hasStatus = (parsed: ParsedReport) =>
  lostSession(parsed) === 0 && /\b(?:40[0-8]|41\d|43\d|50[0-4])\b/.test(parsed.text)

export const callbackUnreachable: Cause = {
  slug: 'callback-unreachable',
  title: "The browser came back, but the program's own server did not accept it",
  explanation:
    "Microsoft accepted the sign-in and sent the browser back[[ to {redirectUri}]]. The program's web server, or a proxy, firewall or login page in front of it, refused that request, or the program no longer knew the sign-in (its state or session was missing). Nothing has to change at Microsoft.",
  responsible: 'operator',
  retryable: true,
  fixes: [
    unless(lostSession, {
      text: 'Open the redirect URI without parameters. The program itself must respond; a 403, a 404, a 502 or a login page shows what is in the way.',
      command: 'curl -sS -I {redirectUri}',
      first: hasStatus,
    }),
    unless(hasStatus, {
      text: 'State or session missing: begin and end the sign-in under the same host name and scheme, allow its cookie (SameSite=Lax, or None with Secure for a POST), and share sessions across all servers.',
      first: lostSession,
    }),
    onlyFor(hasStatus, [
      'The logs of the web server and the proxy at that minute show what refused the request, such as a Require or Deny rule, a ModSecurity rule or a country block.',
    ]),
    {
      risk: 'Allow the callback path through the reverse proxy and the firewall (code and state are long), without basic authentication or another login page. A proxy must forward the original host and scheme (X-Forwarded-Host, X-Forwarded-Proto).',
    },
    unless(hasStatus, {
      text: "localhost: the program must still run, on the browser's computer, and listen on the port in the address.",
      otherPrograms: true,
    }),
  ],
  docs: [docs.redirectUri, docs.authCode],
  sources: ['callback', 'program', 'other_server', 'system'],
  indicators: [
    and(
      by.text(WEIGHT.names + 0.5, [
        /\b(?:http(?:\/[\d.]{1,4})? |status(?: code)?:? |error:? ?)?(?:40[0-8]|41[0-9]|50[0-4])\b.{0,20}(?:not found|forbidden|unauthori[sz]ed|bad gateway|unavailable|timeout|time-out|too l(?:ong|arge)|not allowed|error)/,
        /(?:not found|forbidden|bad gateway|gateway time-?out|uri too long|request-?uri too large|page isn't working|page expired)/,
        /can't be reached|unable to connect|refused to connect|connection (?:was )?refused|err_[a-z_]{4,40}/,
      ]),
      ({ text }) => RETURNED.test(text),
    ),
    and(
      by.text(WEIGHT.names - 0.5, [
        /(?:\bcallback|redirect[ _]?(?:uri|url)|return url|oauth2?[/ ]callback)\b.{0,80}(?:\b40[0-9]\b|\b50[0-4]\b|not found|forbidden|blocked|unreachable|never (?:arriv|reach|receiv)|login page|bad gateway|no route)/,
        /(?:\b40[0-9]\b|\b50[0-4]\b|not found|forbidden|blocked|bad gateway|no route).{0,80}(?:\bcallback\b|redirect[ _]?(?:uri|url)|return url)/,
        /\bcallback\b.{0,60}(?:\bwaf\b|modsecurity|firewall|reverse proxy|basic auth)/,
      ]),
      ({ codes, protocol }) => codes.length === 0 && isSignIn(protocol),
    ),
    and(
      by.text(WEIGHT.names - 0.5, [
        /(?<!connection )\bstates?\b.{0,60}(?:mismatch|missing|invalid|not (?:found|equal|match)|does(?: not|n't) match|don't match|expired|unknown|wrong|empty|verify)/,
        /(?:mismatch(?:ing)?|missing|invalid|wrong|unknown|expired)[ _-]{0,2}(?:oauth2? )?state\b/,
        /\bcsrf\b/,
        /(?:session|cookie|sign-?in|login|request).{0,40}(?:not found|missing|lost|no longer|unknown|expired).{0,60}(?:callback|return|redirect)/,
        /(?:authori[sz]ation_request_not_found|no token request found|hash_empty_error)/,
      ]),
      ({ codes, protocol }) => codes.length === 0 && isSignIn(protocol),
    ),
    by.meaning(
      WEIGHT.names - 1,
      'callback-not-reached',
      'callback-not-found',
      'callback-forbidden',
      'callback-session-lost',
    ),
    // A browser shows its own page for the address to which Microsoft sent it back.
    and(
      by.text(WEIGHT.suggests + 1, [
        /\bhttp error (?:40[0-8]|41\d|43\d|50[0-4])\b|\bthis (?:page isn't working|site can't be reached)\b|\berr_(?:empty_response|connection_(?:refused|closed|reset)|too_many_redirects)\b/,
        /\b(?:request )?header(?: fields)?(?: or cookie)? too large\b|\bsize of the request headers is too long\b|\brequest-?uri too (?:long|large)\b/,
      ]),
      isBackFromSignIn,
    ),
    // The page after the sign-in is empty.
    and(
      by.text(3, [
        /\b(?:blank|white|empty) (?:page|screen|window)\b|\bnever (?:returns|comes back|redirects)\b/,
      ]),
      isBackFromSignIn,
    ),
    by.meaning(WEIGHT.suggests + 1, 'state-mismatch'),
    // The browser came back, but nothing of Microsoft's response arrived with it.
    and(by.meaning(2.6, 'request-invalid'), isCallback),
  ],
  modifiers: [where(-3, ({ text }) => /\bnonce\b/.test(text))],
  ask: [questions.callbackLog],
}

/** A mail server sees no ID token, unless a program sends it in place of an access token. */
const beforeMail: Indicator = where(1, ({ protocol }) => protocol !== 'imap' && protocol !== 'smtp')

export const identityNotProven: Cause = {
  slug: 'identity-not-proven',
  title: "Microsoft's response does not prove who signed in",
  explanation:
    "The ID token is missing, or its signature, issuer, audience, nonce or account does not fit the request. Microsoft does not send such a token: something between this service and Microsoft responds in Microsoft's name or changes the response, or the response belongs to another sign-in. Its tokens were discarded.",
  responsible: 'operator',
  retryable: true,
  sources: ['program', 'callback'],
  fixes: [
    "Start the sign-in again. If it fails again, let this server reach Microsoft's login host directly: a proxy that inspects TLS must leave its responses unchanged.",
    'Check that ENTRA_AUTHORITY is not set. It replaces the login host and is for tests only.',
  ],
  docs: [
    docs.idTokens,
    docs.idTokenClaims,
    'https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation',
  ],
  indicators: [
    by.kind(WEIGHT.names + 1, 'identity_not_proven'),
    and(
      by.text(WEIGHT.suggests, [
        /id[_ ]?token.{0,60}(?:nonce|audience|issuer|signature).{0,40}(?:mismatch|invalid|does not match|failed|wrong)/,
        /(?:nonce|audience|issuer|signature).{0,40}(?:mismatch|invalid|does not match|failed|wrong).{0,60}id[_ ]?token/,
        /(?:nonce|audience|issuer) (?:in|of) the id[_ ]?token.{0,40}(?:mismatch|invalid|(?:does not|doesn't) match|wrong)/,
      ]),
      beforeMail,
    ),
  ],
}

export const clockWrong: Cause = {
  slug: 'clock-wrong',
  title: "The server's clock is wrong",
  explanation:
    "Microsoft's ID token had expired, or was not yet valid, when it arrived. It is issued moments before and valid for an hour, so the server's clock differs from Microsoft's by more than five minutes.",
  responsible: 'operator',
  retryable: true,
  sources: ['program', 'callback'],
  fixes: [
    "Keep the server's clock synchronised with NTP (timedatectl set-ntp true), and start the sign-in again.",
  ],
  docs: [docs.idTokenClaims, 'https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4'],
  indicators: [
    by.kind(WEIGHT.names + 1, 'clock_wrong'),
    and(
      by.text(WEIGHT.suggests, [
        /id[_ ]?token.{0,40}(?:not yet valid|used too (?:early|late)|has expired)/,
      ]),
      beforeMail,
    ),
  ],
}
