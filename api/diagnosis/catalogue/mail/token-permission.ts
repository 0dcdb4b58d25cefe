/** Access tokens for another service, or without the permission. */
import { questions } from '../../questions.ts'
import { and, type Cause, WEIGHT, where } from '../cause.ts'
import { atGraph, notOfMailgrant, ofPersonal } from '../conditions.ts'
import { docs } from '../docs.ts'
import { pages, unless } from '../fixes.ts'
import * as by from '../indicators.ts'
import { fact } from '../proof.ts'

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
    unless(notOfMailgrant, [
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
    {
      risk: 'Have an admin consent to them[[: {adminConsentUrl}]].',
      url: '{adminConsentUrl}',
    },
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
