/** Access tokens that are for another service, lack the permission, are too old or damaged. */
import type { ParsedReport } from '../../parse/parse-report.ts'
import { questions } from '../../questions.ts'
import { and, type Cause, MAIL_AND_GRAPH, not, WEIGHT, where } from '../cause.ts'
import { atGraph, ofMailgrant, ofPersonal, ofProgram } from '../conditions.ts'
import { docs } from '../docs.ts'
import { instead, onlyFor, pages, unless } from '../fixes.ts'
import { isHighVolume, ofGoogle } from '../hosts.ts'
import * as by from '../indicators.ts'
import { REQUEST_MALFORMED } from '../numbers.ts'
import { fact, saidBy } from '../proof.ts'

export const tokenWrongAudience: Cause = {
  slug: 'token-wrong-audience',
  title: 'The access token is not for Exchange',
  explanation:
    'A token is valid for one service only. If this is the cause, it was issued for Microsoft Graph or another service: the scope lacked the Outlook resource prefix, or was combined with Graph scopes.',
  responsible: 'app_owner',
  fixes: [
    {
      text: 'Request {scope} offline_access, without Graph scopes (User.Read, Mail.Read, a bare IMAP.AccessAsUser.All), and sign in again.',
      by: 'operator',
    },
    unless(not(ofMailgrant), [
      'With Mailgrant, use the token of an email account for IMAP or SMTP, not for Microsoft Graph.',
    ]),
    unless(
      (parsed) => ofPersonal(parsed) > 0 || parsed.facts.appOnly === false,
      ['App-only: request {appOnlyScope}, not {graph}/.default.'],
    ),
    unless(ofPersonal, {
      text: 'Check the token: its aud claim must be the Outlook resource ({resource} or 00000002-0000-0ff1-ce00-000000000000), not 00000003-0000-0000-c000-000000000000. Linux and macOS: cut -d. -f2 FILE | tr _- /+ | base64 -d. PowerShell, with the token in the clipboard (tokens for personal accounts cannot be decoded):',
      command:
        "$t = (Get-Clipboard -Raw).Trim().Split('.')[1].Replace('-', '+').Replace('_', '/'); [Text.Encoding]::UTF8.GetString([Convert]::FromBase64String($t.PadRight($t.Length + (4 - $t.Length % 4) % 4, '=')))",
    }),
  ],
  docs: [docs.mailOAuth, docs.scopes],
  login: 'token',
  proof: fact(
    'token_endpoint',
    'The access token is for a resource other than Outlook.',
    ({ facts, protocol }) =>
      (protocol === 'imap' || protocol === 'smtp') &&
      (facts.audience === 'graph' || facts.audience === 'other'),
  ),
  indicators: [
    by.response(2.4, 'imap refused'),
    by.response(1.5, 'smtp refused'),
    by.response(0.4, 'imap not connected'),
    by.text(WEIGHT.suggests, [
      /invalid audience/,
      /wrong audience/,
      /audience (?:validation|is invalid|mismatch)/,
      /invalidaudience/,
      /aud(?:ience)? claim/,
    ]),
  ],
  modifiers: [
    by.fact(WEIGHT.proves + 1, 'audience', 'graph'),
    by.fact(WEIGHT.proves - 1, 'audience', 'other'),
    by.fact(WEIGHT.excludes, 'audience', 'exchange'),
    // Graph has a cause of its own, which is about the Outlook token.
    (parsed) => WEIGHT.excludes * atGraph(parsed),
    and(
      where(3.5, ({ facts: { asked } }) => asked?.has('graph')),
      by.fact(1, 'audience', undefined),
    ),
    and(
      where(-2.5, ({ facts: { asked } }) => asked?.has('exchange') === true && !asked.has('graph')),
      by.fact(1, 'audience', undefined),
    ),
    by.fact(-2.5, 'otherProtocol', 'ok'),
    by.fact(-1.5, 'workedBefore', true),
    by.fact(-1.2, 'appOnly', true),
    by.fact(-0.7, 'shared', true),
    by.fact(-1.5, 'intermittent', true),
  ],
  ask: [questions.audience, questions.requestedScope],
}

export const tokenMissingProtocolScope: Cause = {
  slug: 'token-missing-protocol-scope',
  title: 'The access token lacks the permission for {protocol}',
  explanation:
    'The token is for Exchange but lacks the permission {permission}: it was not declared, not requested, or not consented to.',
  responsible: 'app_owner',
  fixes: [
    {
      text: '{appRegistration} > API permissions > Add a permission > Microsoft Graph > Delegated permissions: IMAP.AccessAsUser.All, SMTP.Send, offline_access.',
      url: pages.permissions,
    },
    { risk: 'Have an admin consent to them[[: {adminConsentUrl}]].', url: '{adminConsentUrl}' },
    'Request {scope} rather than .default, and sign in again: a refresh token keeps its permissions.',
  ],
  docs: [docs.mailOAuth],
  login: 'token',
  proof: fact(
    'token_endpoint',
    'The permissions in the access token lack the one that this protocol needs.',
    ({ facts, protocol }) =>
      (protocol === 'imap' || protocol === 'smtp') &&
      facts.appOnly !== true &&
      facts.tokenCovers === false,
  ),
  indicators: [
    by.response(2, 'imap refused'),
    by.response(1.7, 'smtp refused'),
    by.response(0.9, 'imap not connected'),
    by.text(WEIGHT.suggests, [
      /(?:missing|insufficient|lacks?|required) (?:the )?(?:scope|permission|privilege)s?/,
      /insufficient_scope/,
    ]),
  ],
  modifiers: [
    // The app's own token has roles instead of scopes, and may need none to send.
    and(by.fact(WEIGHT.proves, 'tokenCovers', false), ({ facts }) => facts.appOnly !== true),
    by.fact(WEIGHT.excludes, 'tokenCovers', true),
    by.fact(-1, 'askedCovers', true),
    by.fact(-2.5, 'appOnly', true),
    by.fact(-1.5, 'workedBefore', true),
    by.fact(-0.7, 'shared', true),
    by.fact(-1.5, 'intermittent', true),
    by.fact(2.5, 'askedCovers', false),
    where(
      1.8,
      ({ facts: { raw, appOnly } }) =>
        appOnly !== true && /\.default/.test(raw.requested_scope ?? ''),
    ),
    by.fact(-2, 'audience', 'graph'),
    by.fact(1.5, 'otherProtocol', 'ok'),
  ],
  ask: [questions.scopes, questions.otherProtocol],
}

const IMAPSYNC = ofProgram(/\bimapsync\b/)

const GLPI = ofProgram(/\boauthimap\b/)

/** Detects a program that worked, and now hides the reply to its login. */
const hasEnded = ({ source, facts }: ParsedReport) =>
  source === 'summary' && facts.workedBefore === true

export const tokenExpired: Cause = {
  slug: 'token-expired',
  title: 'The access token has expired',
  explanation:
    'An access token is valid for about an hour. It was used after that, or the server closed the session when it expired.',
  responsible: 'operator',
  retryable: true,
  fixes: [
    instead(
      (parsed) => hasEnded(parsed) && GLPI(parsed),
      'In GLPI, open Setup > OAuth IMAP applications > (application) > OAuth authorisation, and create the authorisation again as the mailbox. A refusal by Microsoft gives the reason, such as an expired client secret.',
    ),
    instead(
      (parsed) => hasEnded(parsed) && !GLPI(parsed),
      'Sign in again in {program}. If Microsoft refuses it, its message gives the reason, such as an expired client secret.',
    ),
    'Refresh the token before each connection, and connect again with a new one when the server says BYE.',
    instead(IMAPSYNC, [
      'imapsync: run it again with a new token. It skips what it has already copied.',
      'If the mailbox takes longer than an hour, split the run (--folder or --folderrec) and get a new token for each part.',
    ]),
    {
      text: 'Some programs keep the first token, such as a long-lived mailer object. Run them from a timer so that each run gets a fresh token, or let them refresh at a token endpoint.',
      otherPrograms: true,
    },
    onlyFor(isHighVolume, [
      'High Volume Email (smtp.hve.mx.microsoft): get a new token earlier. It must be valid for at least 20 more minutes, and a session must not outlive it.',
    ]),
    "Check this machine's clock, and that a refreshed token replaces the stored one.",
  ],
  docs: [docs.mailOAuth, docs.highVolume],
  sources: MAIL_AND_GRAPH,
  login: 'token',
  proof: [
    saidBy('mail_server', [
      /\bsession invalidated - accesstokenexpired\b/,
      /\b535 5\.7\.14[23]\b.{0,60}\b(?:token will expire soon|expired token)\b/,
    ]),
    fact(
      'token_endpoint',
      'The access token had expired when it was used.',
      ({ facts }) => facts.tokenExpired === true,
    ),
  ],
  indicators: [
    by.text(WEIGHT.names, [
      /access[ _]?token (?:has |is )?(?:expired|past)/,
      /token (?:has |is |was )?expired(?! due)/,
      /session invalidated/,
      /tokenexpired/,
      /expired_token/,
      /lifetime validation failed/,
      /\b5\.7\.14[23]\b/,
    ]),
    by.response(1.5, 'graph token refused'),
    by.response(1.3, 'imap refused'),
    by.response(1, 'smtp refused'),
    by.response(0.5, 'imap not connected'),
  ],
  modifiers: [
    // Graph has sent this for fresh tokens, too.
    (parsed) => -0.8 * atGraph(parsed),
    by.fact(WEIGHT.proves, 'tokenExpired', true),
    by.fact(2, 'workedBefore', true),
    by.fact(1, 'intermittent', true),
    by.fact(WEIGHT.excludes, 'tokenExpired', false),
    by.fact(-1, 'workedBefore', false),
    by.fact(-3, 'otherProtocol', 'ok'),
    where(-5, ({ protocol }) => protocol === 'token' || protocol === 'authorize'),
    where(-3, ofGoogle),
  ],
  ask: [questions.exp, questions.everWorked],
}

export const tokenCorrupt: Cause = {
  slug: 'token-corrupt-or-malformed',
  title: 'The token or the login message is damaged',
  explanation:
    'The server received no valid XOAUTH2 message: the stored token was truncated, another kind of token was used, or the message was built wrongly.',
  responsible: 'operator',
  fixes: [
    'Store tokens in a column without a length limit (they exceed 2000 characters).',
    unless(atGraph, [
      'Send base64("user=" + address + "\\x01auth=Bearer " + access token + "\\x01\\x01") without line breaks: the access token, not the refresh or id token.',
    ]),
    onlyFor(atGraph, [
      'Send the header "Authorization: Bearer " with the access token alone, without line breaks: neither the refresh token, nor the id token, nor the whole JSON of the token response.',
    ]),
    onlyFor(isHighVolume, [
      "High Volume Email (smtp.hve.mx.microsoft): 5.5.121 to 5.5.126 are about the login message's form. The user name must be the address of the HVE account, and the token valid for at least 20 more minutes.",
    ]),
    'Delete a token file that cannot be parsed and sign in again.',
  ],
  docs: [docs.mailOAuth, docs.highVolume],
  sources: MAIL_AND_GRAPH,
  login: 'token',
  proof: [
    saidBy('mail_server', /\b501 5\.5\.12[1-6] invalid xoauth2 (?:auth data|argument)\b/),
    saidBy('graph', [
      /\bidx1(?:27|41)\d\d: .{0,120}/,
      /\bcompacttoken parsing failed with error code: \d{8}/,
      /\bjwt is not well formed\b/,
    ]),
  ],
  indicators: [
    // Another kind of token was used as the refresh token, or only a part of one.
    and(
      by.code(WEIGHT.names - 0.8, REQUEST_MALFORMED),
      ({ stage, oauth, observed }) =>
        stage === 'refresh' && oauth.has('invalid_grant') && !observed,
    ),
    by.text(WEIGHT.names, [
      /invalid xoauth2/,
      /\b5\.5\.12[1-6]\b/,
      /xoauth2 auth data/,
      /invalid sasl (?:argument|message)/,
      /invalid base64(?! data in initial response| string for mime content)/,
      // Not the placeholder in a log: "[base64 hidden] error: ...".
      /base64(?:url)?[- ](?:(?:string|data|value|encod\w{1,5}) )?(?:(?:is|was|could not be|can't be|cannot be) )?(?:decod|invalid|error)/,
    ]),
    by.text(WEIGHT.names - 0.5, [
      /(?:jwt|token|compacttoken).{0,30}(?:malformed|not well[- ]formed|parsing failed|could not be parsed|is corrupt|truncated)/,
      /(?:malformed|corrupt|truncated).{0,20}(?:jwt|token)/,
      /idx1(?:27|41)\d\d/,
      /access token is empty/,
      /authinvalidtoken/,
    ]),
    and(by.text(WEIGHT.names - 0.8, /signing key is invalid/), atGraph),
    by.text(WEIGHT.suggests + 1, [
      /(?:pars(?:e|ing)|read|load|decod(?:e|ing)|deserializ[a-z]{0,6})[^.]{0,30}(?<!unexpected )\btokens?\b(?! endpoint| request)/,
      /\btoken ?(?:file|store|cache)\b[^:.]{0,40}(?:parse|corrupt|invalid|empty|json)/,
    ]),
    by.text(WEIGHT.suggests, [/data too long for column/, /too long for column/]),
    by.text(3, [
      /line (?:is )?(?:too long|longer than)/,
      /command (?:line )?too long/,
      /500 5\.5\.[26]/,
      /bad command argument/,
      /command argument error/,
    ]),
    // Exchange's reply to whatever a program sends next after a refusal.
    and(by.text(3, /command error\. 1[0-2]/), ({ text }) => !/\bno authenticate failed/.test(text)),
    by.response(1.3, 'graph token refused'),
    by.response(0.5, 'imap refused'),
    by.response(0.6, 'smtp refused'),
  ],
  modifiers: [
    by.kind(WEIGHT.excludes, 'line_too_long'),
    by.fact(-2, 'otherProtocol', 'ok'),
    by.fact(-1, 'workedBefore', true),
    by.fact(-1.5, 'intermittent', true),
  ],
  ask: [questions.tokenStore],
}
