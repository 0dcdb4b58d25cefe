/** Codes and refresh tokens: used twice, too old, revoked, or for something else. */
import { questions } from '../../questions.ts'
import { and, type Cause, type Condition, WEIGHT, where } from '../cause.ts'
import { blamesToken, ofProgram } from '../conditions.ts'
import { docs } from '../docs.ts'
import { instead, unless } from '../fixes.ts'
import { GOOGLES_TOKEN, ofGoogle, ofOtherProvider } from '../hosts.ts'
import * as by from '../indicators.ts'
import { CONSENT_MISSING, GRANT_EXPIRED, GRANT_NOT_ACCEPTED } from '../numbers.ts'
import { fact, named, onlyIf, saidBy } from '../proof.ts'

export const codeExchangeProblem: Cause = {
  slug: 'code-exchange-problem',
  title: 'The sign-in code can no longer be used',
  explanation:
    'A code can be exchanged once, within a few minutes. It was used twice, has expired, belongs to another attempt (PKCE), or the device code was not entered in time.',
  responsible: 'user',
  effect: 'reconnect',
  fixes: [
    'Start a new sign-in and complete it in one window, without going back or reloading.',
    'If this happens every time, the callback is called twice (by a proxy that retries, a link preview, or servers without a shared session). Redeem each code only once.',
    {
      text: 'Device code: enter the code before it expires, and keep waiting while the response is authorization_pending.',
      otherPrograms: true,
    },
  ],
  docs: [docs.authCode, docs.aadsts],
  aadsts: {
    'The sign-in took too long': [50089],
    'The sign-in belongs to another attempt': [501481, 50148, 501482],
    'The sign-in was already used': [54005, 540051],
    'The device code was not entered in time': [
      70018, 70019, 70020, 7000014, 70017, 70039, 90119, 90120, 90121,
    ],
    'The device code has not been entered yet': [70016],
    'The user declined the sign-in with the device code': [70034],
    'The device code is not valid, or was used already': [50189, 70033, 70035, 90132],
  },
  proof: saidBy('token_endpoint', [
    /\bthe oauth2 authorization code was already redeemed\b/,
    /\bthe code_verifier does not match the code_challenge supplied in the authorization request\b/,
  ]),
  indicators: [
    by.text(WEIGHT.names, [
      /code (?:was|has) (?:been )?(?:already|previously) (?:been )?(?:redeemed|used)/,
      /already redeemed/,
      /already (?:been )?used/,
      /code[_ ]verifier.{0,60}(?:match|invalid|missing|required|empty)/,
      /code[_ ]challenge.{0,60}(?:match|mismatch|invalid)/,
      /pkce.{0,40}(?:fail|mismatch|match|invalid|verif)/,
      /(?:authorization|verification|device|user) code (?!or refresh).{0,40}(?:expired|not valid|invalid|malformed)/,
      /code has expired/,
      /\bthat code didn't work\b/,
    ]),
    by.oauth(WEIGHT.names - 1, 'authorization_pending', 'bad_verification_code', 'expired_token'),
    by.meaning(WEIGHT.names - 1, 'device-code-pending'),
    by.text(WEIGHT.names + 1, [
      /device[ _]?code\b.{0,60}(?:expired|not (?:been )?entered|not valid|declined|denied)/,
    ]),
    by.text(WEIGHT.names - 1, /polling state .?code_expired/),
    and(
      by.code(WEIGHT.overrides, GRANT_EXPIRED),
      ({ stage, text }) =>
        stage === 'token_exchange' || /authorization code(?! or refresh)/.test(text),
    ),
    and(by.code(4.5, GRANT_EXPIRED), ({ stage }) => stage === undefined),
    and(
      by.code(3.5, GRANT_NOT_ACCEPTED),
      ({ stage, text }) => stage === 'token_exchange' || /'code'/.test(text),
    ),
    and(
      by.response(2.6, 'grant refused'),
      ({ stage }) => stage === 'token_exchange' || stage === 'callback',
    ),
    and(
      by.text(2.5, [
        /\bstate\b.{0,30}(?:mismatch|does not match|invalid|missing)/,
        /csrf/,
        /invalid state/,
      ]),
      ({ protocol }) => protocol === 'token' || protocol === 'authorize',
    ),
  ],
  modifiers: [
    and(
      where(-3, ({ stage }) => stage === 'refresh'),
      by.response(1, 'grant refused'),
    ),
  ],
  ask: [questions.number],
}

export const scopeNotConsentedAtRefresh: Cause = {
  slug: 'scope-not-consented-at-refresh',
  title: 'The token request asks for more than was granted',
  explanation:
    'The refresh, or the exchange of the code, requests scopes that the sign-in did not cover, or that have been revoked since.',
  responsible: 'app_owner',
  effect: 'block',
  fixes: [
    {
      text: "Use the sign-in's scopes of one resource in every token request (MSAL: the same scopes in getAuthCodeUrl, acquireTokenByCode and acquireTokenSilent).",
      by: 'operator',
    },
    'To use new scopes, sign in again and consent to them. For IMAP and SMTP they are {scopes}',
  ],
  docs: [docs.refreshTokens],
  proof: onlyIf(
    ({ codes, oauth: errors }) =>
      codes.includes(GRANT_NOT_ACCEPTED) && !errors.has('consent_required'),
    saidBy('token_endpoint', [
      /\bthe request was denied because one or more scopes requested are unauthorized or expired\b/,
    ]),
  ),
  indicators: [
    by.text(WEIGHT.names + 1, [
      /scopes? requested (?:are|is) unauthori[sz]ed/,
      /unauthori[sz]ed or expired/,
    ]),
    and(
      by.code(2.5, GRANT_NOT_ACCEPTED),
      ({ text, stage }) => stage === 'refresh' && !/expired/.test(text),
    ),
    and(by.code(4.5, CONSENT_MISSING), ({ stage }) => stage === 'refresh'),
    and(by.response(1, 'grant refused'), ({ stage }) => stage === 'refresh'),
  ],
  // Nothing was granted yet where Microsoft asks for consent on its page.
  modifiers: [and(by.oauth(-5, 'consent_required'), ({ protocol }) => protocol === 'authorize')],
  ask: [questions.requestedScope],
}

const ofOdoo: Condition = (parsed) => ofProgram(/\bodoo\b/)(parsed) && !ofOtherProvider(parsed)

export const refreshTokenExpired: Cause = {
  slug: 'refresh-token-expired',
  title: 'The sign-in has expired',
  explanation:
    'The refresh token is no longer valid, because it was not used for too long or its lifetime has ended.',
  variants: [
    {
      onlyFor: ofGoogle,
      explanation: 'Google no longer accepts the refresh token: it has expired or was revoked.',
      docs: [docs.googleTokens],
    },
    {
      onlyFor: by.text(1, /\brefresh token has expired due to inactivity\b/),
      explanation: 'The refresh token was not used for too long.',
    },
  ],
  responsible: 'user',
  effect: 'reconnect',
  fixes: [
    GOOGLES_TOKEN,
    instead(ofOdoo, [
      'In Odoo\'s developer mode, open Settings > Technical > Incoming Mail Servers (or Outgoing Mail Servers) > (server), select "Connect your Outlook account" and sign in as the mailbox.',
      'If it ends again after 90 days, update Odoo: this version stores no renewed refresh token, and one that goes unused for 90 days expires.',
    ]),
    unless(ofOtherProvider, [
      "Sign in again with the mailbox's account.",
      {
        text: 'If it ends again, update the program, or in your own program store the new refresh_token of each refresh. One that goes unused for 90 days expires.',
        otherPrograms: true,
      },
    ]),
    unless(
      (parsed) => ofOtherProvider(parsed) || /\binactiv/.test(parsed.text),
      'If it always ends after 24 hours, register the redirect URI under Web instead of single-page application, and sign in again.',
    ),
  ],
  docs: [docs.refreshTokens, docs.aadsts],
  aadsts: {
    'Microsoft did not accept the sign-in': [GRANT_NOT_ACCEPTED],
    'The sign-in has expired': [700081, GRANT_EXPIRED, 700083],
    'The sign-in was unused for too long and has expired': [700082],
  },
  proof: [
    saidBy('token_endpoint', /\bthe refresh token has expired due to inactivity\b/),
    onlyIf(
      ({ stage }) => stage !== 'token_exchange',
      saidBy('token_endpoint', /\bthe user could not be authenticated as the grant is expired\b/),
    ),
  ],
  indicators: [
    by.text(WEIGHT.names + 0.5, [
      /(?<!code or )refresh token (?:has |is )?expired/,
      /grant is expired/,
      /(?:token|grant|session|sign-?in)[^.]{0,40} expired due to inactivity/,
      /inactive for/,
    ]),
    // Google's message covers both.
    by.text(WEIGHT.suggests + 0.5, /\btoken has been expired or revoked\b/),
    and(by.text(WEIGHT.names, /\btoken has been expired or revoked\b/), ofGoogle),
    by.code(WEIGHT.names, GRANT_EXPIRED),
    and(by.code(3.6, GRANT_NOT_ACCEPTED), ({ stage }) => stage !== 'token_exchange'),
    and(
      by.response(2, 'grant refused'),
      ({ stage }) => stage !== 'token_exchange' && stage !== 'callback',
    ),
    // A program that prints the status only. Most refusals of a refresh are for the grant.
    and(by.response(1.6, 'request refused'), by.text(1, /refresh/)),
    where(3.5, (parsed) => blamesToken(parsed, 'bad_token', 'token_expired')),
  ],
  modifiers: [
    and(by.fact(0.4, 'workedBefore', true), by.response(1, 'grant refused')),
    where(-3, ({ text }) => /sign-?in frequency/.test(text)),
    // Entra sends this for a code and for a refresh token. Only the stage distinguishes them.
    where(-3, ({ stage, text }) => stage === undefined && /code or refresh token/.test(text)),
  ],
  ask: [questions.lastSignIn, questions.tokenStore],
}

export const refusalUnconfirmed: Cause = {
  slug: 'refusal-unconfirmed',
  title: 'Microsoft refused to issue a token, perhaps only temporarily',
  explanation:
    "Microsoft sometimes gives this response during a temporary problem and accepts the same request minutes later. You don't have to do anything yet.",
  responsible: 'microsoft',
  effect: 'cool_down',
  advice: 'it will be retried automatically before anyone has to act',
  fixes: [
    'Wait for the next attempt. If Microsoft refuses again, the status changes and shows what to do.',
  ],
  docs: [docs.refreshTokens, docs.aadsts],
  proof: fact(
    'mailgrant',
    'Microsoft has refused the token once so far.',
    ({ unconfirmed }) => unconfirmed,
  ),
  indicators: [where(WEIGHT.overrides + 1, ({ unconfirmed }) => unconfirmed)],
}

/** Matches words about a password that was replaced, unless they deny it or ask for it. */
const PASSWORD_RESET =
  /(?<!\b(?:not|never|nobody|no one|without)\b[^.,;]{0,20}|n't [^.,;]{0,20})(?:(?<!\b(?:to|must|should|please|can|could|will|would|may|or)(?: [a-z]{1,8})? |\band |^|[.:!] )\breset|\bchanged|\bchanging|\bresetting|\brotated) (?:[a-z']{1,12} ){0,3}password|\bpassword (?:[a-z@.']{1,40} ){0,5}(?:was|has been|had been|got) (?:reset|changed|rotated)\b|\b(?:after|since) (?:a |the )?password (?:reset|change)\b/

export const refreshTokenRevoked: Cause = {
  slug: 'refresh-token-revoked',
  title: 'The sign-in was revoked',
  explanation:
    'The refresh token was revoked: an admin reset the password or revoked the sessions, the user signed out everywhere, or the app was removed from the account.',
  responsible: 'user',
  effect: 'reconnect',
  fixes: [
    "Sign in again with the mailbox's account.",
    '{entra} > Users > (user) > Audit logs shows who revoked it and when.',
  ],
  docs: [docs.refreshTokens, docs.aadsts],
  aadsts: {
    'The session ended when the password was changed': [50132, 50133],
    'The sign-in was revoked, or the password was reset': [50173],
  },
  sources: ['program', 'token_endpoint', 'graph'],
  proof: saidBy('token_endpoint', /\bthe provided grant has expired due to it being revoked\b/),
  indicators: [
    by.text(WEIGHT.names, [
      /(?:grant|token|session)s? (?:has been |have been |was |were |is )?revoked/,
      /tokensvalidfrom/,
      /token.{0,20}revoked/,
      /due to (?:it being revoked|a? ?(?:recent )?password (?:change|reset))/,
    ]),
    // Microsoft Graph's words for the access token of such a sign-in.
    by.text(WEIGHT.names - 0.8, /tokenissuedbeforerevocationtimestamp/),
    and(by.code(3.2, GRANT_NOT_ACCEPTED), ({ stage }) => stage !== 'token_exchange'),
    and(
      by.response(1.8, 'grant refused'),
      ({ stage }) => stage !== 'token_exchange' && stage !== 'callback',
    ),
    where(3, (parsed) => blamesToken(parsed, 'bad_token')),
    // A reset of the password is what ended the grant.
    and(
      by.text(WEIGHT.suggests, PASSWORD_RESET),
      by.response(1, 'grant refused'),
      ({ stage }) => stage !== 'token_exchange' && stage !== 'callback',
    ),
  ],
  ask: [questions.lastSignIn],
}

export const refreshTokenDamaged: Cause = {
  slug: 'refresh-token-damaged',
  title: "The sign-in can't be decrypted",
  explanation:
    "The refresh token in Mailgrant's database is damaged, or was copied there from another row. Its encryption key is present, so no setting can make it readable again. Microsoft was not contacted.",
  responsible: 'user',
  effect: 'reconnect',
  fixes: [
    "Sign in again with the mailbox's account.",
    'Your Mailgrant administrator finds out what changed the database (an incomplete restore, a script, someone with write access), before the next mailbox is affected.',
  ],
  docs: [docs.refreshTokens],
  indicators: [by.kind(WEIGHT.names + 1, 'token_damaged')],
}

export const refreshTokenMissing: Cause = {
  slug: 'refresh-token-missing',
  title: 'No refresh token was issued',
  explanation:
    'Without offline_access in the scope Microsoft issues no refresh token: access expires after an hour and cannot be renewed.',
  responsible: 'app_owner',
  effect: 'block',
  fixes: [
    "Add offline_access to the sign-in's scopes ({scopes}) and to the API permissions, then sign in again.",
  ],
  docs: [docs.scopes, docs.refreshTokens],
  indicators: [
    by.kind(WEIGHT.names + 1, 'no_refresh_token'),
    by.meaning(WEIGHT.suggests, 'no-refresh-token'),
    by.text(WEIGHT.suggests - 0.5, /can't create new access token/),
    // The program ended the login, since it had no token to send.
    by.text(2.6, /\bclient aborted authenticat/),
    by.text(WEIGHT.suggests + 1.2, [
      /(?:no|missing|without|empty|null|undefined) (?:a )?'?refresh[ _]token/,
      /refresh[ _]token'?(?: was| is)? (?:not (?:present|returned|found|available|set|provided)|missing|null|undefined|empty)/,
    ]),
    and(by.response(1.5, 'grant refused'), ({ facts: { askedOffline } }) => askedOffline === false),
  ],
  modifiers: [
    where(1, ({ facts: { askedOffline } }) => askedOffline === false),
    // The app's own token never comes with a refresh token.
    by.fact(WEIGHT.excludes, 'appOnly', true),
  ],
  ask: [questions.requestedScope],
}

export const grantOfAnotherApp: Cause = {
  slug: 'grant-of-another-app',
  title: 'The sign-in belongs to another app',
  explanation:
    'A refresh token or code works only with the client ID that it was issued to. The client ID in the settings was changed since, or the token was copied from another program.',
  responsible: 'user',
  effect: 'reconnect',
  advice:
    'it moves only together with the client ID that it was issued to. Enter that client ID and a credential for it in the settings, or sign in again',
  fixes: [
    'Sign in again with the app that is configured now[[ ({clientId})]].',
    'Or enter the client ID with which the sign-in was made, and a credential for that app registration. A refresh token moves only with its app registration.',
  ],
  docs: [docs.refreshTokens, docs.aadsts],
  aadsts: {
    'The sign-in was made for another app': [700007, 7000220],
    "Only a device's broker can use this sign-in": [7000115],
  },
  proof: named('token_endpoint', (parsed) =>
    blamesToken(parsed, 'client_mismatch') ? 'client_mismatch' : null,
  ),
  indicators: [
    by.text(WEIGHT.names + 0.5, [
      /(?:grant|token|code)\b.{0,60}issued (?:for|to) (?:a |an)?(?:different|other) (?:client|app)/,
      /(?:client|app(?:lication)?) (?:id|identifier).{0,60}(?:in the|of the) .{0,20}(?:grant|token|code).{0,40}(?:do(?:es)? ?n[o']t match|differs?|not match)/,
    ]),
    (parsed) => (blamesToken(parsed, 'client_mismatch') ? WEIGHT.names : 0),
  ],
  ask: [questions.clientChanged],
}
