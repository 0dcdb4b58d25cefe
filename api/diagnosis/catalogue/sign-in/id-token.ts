/** A response of Microsoft whose id_token does not prove who signed in. */
import { and, type Cause, kind, matchesText, NAMES, POINTS, type Sign, where } from '../cause.ts'
import { docs } from '../docs.ts'

/** A mail server sees no ID token, unless a program sends it in place of an access token. */
const beforeMail: Sign = where(1, ({ protocol }) => protocol !== 'imap' && protocol !== 'smtp')

export const identityNotProven: Cause = {
  slug: 'identity-not-proven',
  title: "Microsoft's response does not prove who signed in",
  explanation:
    "The ID token is missing, or its signature, issuer, audience, nonce or account does not fit the request. Microsoft does not send such a token: something between this service and Microsoft answers in Microsoft's name or changes the response, or the response belongs to another sign-in. Its tokens were discarded.",
  samples: ['nonce in the id_token does not match the nonce of the request'],
  responsible: 'operator',
  retryable: true,
  sources: ['program', 'callback'],
  fixes: [
    "Start the sign-in again. If it fails the same way, let this server reach Microsoft's login host directly: a proxy that opens TLS must leave its responses unchanged.",
    'Check that ENTRA_AUTHORITY is not set. It replaces the login host and is for tests only.',
  ],
  docs: [
    docs.idTokens,
    docs.idTokenClaims,
    'https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation',
  ],
  signs: [
    kind(NAMES + 1, 'identity_not_proven'),
    and(
      matchesText(
        POINTS,
        /id[_ ]?token.{0,60}(?:nonce|audience|issuer|signature).{0,40}(?:mismatch|invalid|does not match|failed|wrong)/,
        /(?:nonce|audience|issuer|signature).{0,40}(?:mismatch|invalid|does not match|failed|wrong).{0,60}id[_ ]?token/,
        /(?:nonce|audience|issuer) (?:in|of) the id[_ ]?token.{0,40}(?:mismatch|invalid|(?:does not|doesn't) match|wrong)/,
      ),
      beforeMail,
    ),
  ],
}

export const clockWrong: Cause = {
  slug: 'clock-wrong',
  title: 'The clock of the server is wrong',
  explanation:
    "Microsoft's ID token had expired, or was not yet valid, when it arrived. It is issued moments before and valid for an hour, so the clock of the machine that checked it differs from Microsoft's by more than five minutes.",
  samples: ['The id_token is not yet valid (nbf): check the clock of the server'],
  responsible: 'operator',
  retryable: true,
  sources: ['program', 'callback'],
  fixes: [
    'Set the clock of the server and keep it right with NTP (timedatectl set-ntp true). Then start the sign-in again.',
  ],
  docs: [docs.idTokenClaims, 'https://www.rfc-editor.org/rfc/rfc7519#section-4.1.4'],
  signs: [
    kind(NAMES + 1, 'clock_wrong'),
    and(
      matchesText(
        POINTS,
        /id[_ ]?token.{0,40}(?:not yet valid|used too (?:early|late)|has expired)/,
      ),
      beforeMail,
    ),
  ],
}
