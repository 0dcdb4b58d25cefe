/// <reference types="vite/client" />

import { describe, expect, it } from 'vitest'
import { diagnose, type ObservedFacts, type Report } from '../../../api/diagnosis/diagnose.ts'
import { inactive } from '../../../api/domain/app/integration.ts'
import { judgeFailure } from '../../../api/domain/failures/failures.ts'
import { httpProblems, type ProblemContent } from '../../../api/problem.ts'
import { problemLine } from '../../../api/routes/text.ts'
import { toProblem } from '../../../api/routes/to-problem.ts'
import { describeError } from '../../../api/routes/token-error.ts'
import type { MailServer } from '../../../schema/mail-servers.ts'
import { ProblemCode } from '../../../schema/problem.ts'
import { problemTable } from '../../../schema/problems.ts'

const first = (report: Report) => diagnose(report).candidates[0]?.cause
const asked = (report: Report) => diagnose(report).ask.map(({ text }) => text)

const REFUSAL =
  '535 5.7.3 Authentication unsuccessful [AM0PR02CA0001.eurprd02.prod.outlook.com 2026-11-26T10:00:00.000Z 08DE2CCA0B7C5A5B]'

describe('the plug-in of Cyrus SASL that is missing', () => {
  const fixFor = (error: string) => diagnose({ error }).candidates[0]?.fixes[0]

  it('is named with its Debian package', () => {
    const error = 'IMAP error: selected SASL mechanism(s) not available;\n   available: EXTERNAL'
    expect(fixFor(error)?.command).toContain('libsasl2-modules-kdexoauth2')
  })

  it('is another one for Postfix, which answers no prompts', () => {
    for (const error of [
      'postfix/smtp[929]: warning: SASL authentication failure: No worthy mechs found',
      'SASL authentication failed; cannot authenticate to server smtp.office365.com[40.99.150.50]: invalid parameter supplied',
    ]) {
      expect(fixFor(error)?.text, error).toContain('use sasl-xoauth2')
      expect(JSON.stringify(diagnose({ error })), error).not.toContain('apt-get')
    }
  })
})

/** Sentences that hide the server's reply, with the option that makes the program show more. */
const terse: [says: string, error: string][] = [
  ['curl -v', 'curl: (67) Login denied'],
  ['curl -v', 'curl: (67) Select failed'],
  ['SMTPDebug', 'Mailer Error: SMTP Error: Could not authenticate.'],
  ['setDebug(true)', 'Invalid response code received from server'],
  [
    'mutt -d 2',
    "Authenticating (XOAUTH2)...\nSMTP session failed: 500 5.3.3 Unrecognized command 'AQ=='\nSASL authentication failed\nCould not send the message.",
  ],
  ['mutt -d 2', 'SMTP session failed: 500 5.3.3 Unrecognized command'],
  ['mutt -d 2', 'SASL authentication failed\nCould not send the message.'],
  ['getLogger', 'aioimaplib.aioimaplib.Abort: command SELECT illegal in state NONAUTH'],
  [
    'fetchmail -v -v',
    'fetchmail: socket error while fetching from alice@contoso.com@outlook.office365.com\nfetchmail: Query status=2 (SOCKET)',
  ],
  ['fetchmail -v -v', 'fetchmail: mailbox selection failed'],
  [
    'exim -d',
    '2026-03-02 09:11:02 1tXyZ-0001 == info@fabrikam.com R=smarthost T=remote_smtp_smarthost defer (-42) H=smtp.office365.com [52.98.207.210]: authentication required but authentication attempt(s) failed',
  ],
  ['ProtocolLogger', 'MailKit.Security.AuthenticationException: Authentication failed.'],
  ['MOZ_LOG', 'Login to server outlook.office365.com with username anna.berg@contoso.com failed.'],
  ['body', 'urllib.error.HTTPError: HTTP Error 409: Conflict'],
]

describe('a sentence of a mail program that hides the reply of the server', () => {
  it.each(terse)('leads to the question for %s: %s', (says, error) => {
    const { verdict, candidates, ask } = diagnose({ error })
    expect(verdict).toBe('ambiguous')
    expect(candidates.length).toBeGreaterThan(1)
    expect(ask[0]?.text).toContain(says)
  })

  it('is not read as more than a refused login', () => {
    const refusal = diagnose({ protocol: 'smtp', stage: 'auth', error: REFUSAL })
    const causes = refusal.candidates.map(({ cause }) => cause).toSorted()
    for (const error of [
      "SMTP session failed: 500 5.3.3 Unrecognized command 'AQ=='\nSASL authentication failed",
      `SMTP session failed: ${REFUSAL}\nNo authenticators available`,
    ]) {
      const found = diagnose({ error }).candidates.map(({ cause }) => cause)
      expect(found.toSorted(), error).toEqual(causes)
    }
  })

  it('of a token command leads to running it by hand', () => {
    const error =
      'getmailrc: operation error (External program error (/usr/local/bin/mailgrant-token exited with 1))'
    expect(asked({ error })[0]).toContain('by hand as the same user')
  })

  it('leads to that question even where nothing else is understood', () => {
    const { verdict, ask } = diagnose({ error: 'curl: (21) Quote command returned error' })
    expect(verdict).toBe('unknown')
    expect(ask[0]?.text).toContain('curl -v')
  })

  it('leads to no such question where the reply is shown', () => {
    for (const error of [
      `msmtp: authentication failed (method XOAUTH2)\nmsmtp: server message: ${REFUSAL}`,
      `s-nail: SMTP server: ${REFUSAL}\ns-nail: ... message not sent`,
      'getmailrc: credential/login error (AUTHENTICATE failed.)',
      "ERROR: All authentication types failed:\n\tXOAUTH2: b'AUTHENTICATE failed.'",
      's-nail: IMAP error: AUTHENTICATE failed.',
    ]) {
      expect(diagnose({ error }).verdict, error).toBe('ambiguous')
      expect(asked({ error }).join(), error).not.toMatch(/--debug|verbose|by hand|-v\b/)
    }
  })
})

/** Texts of the pages about mail programs: of a refused login, and of a sign-in that has ended. */
const documented = Object.entries(
  import.meta.glob<string>('../../examples/mail-programs/*.md', {
    query: '?raw',
    import: 'default',
    eager: true,
  }),
).flatMap(([file, page]) =>
  [...page.matchAll(/\n\*\*([^*]{1,60})\*\*(?:(?!```)[\s\S]){1,600}```text\n([^`]+)```/g)].map(
    ([, event = '', error = '']) => ({ page: file.split('/').at(-1), event, error }),
  ),
)

describe('the page of a mail program', () => {
  // Mutt shows an empty mailbox, and nothing from the server.
  const refused = documented.filter(
    ({ event, error }) => event === 'Login refused' && !error.includes('(no mailbox)'),
  )
  const ended = documented.filter(({ error }) => error.includes('(reconnect_required)'))

  it('shows texts', () => {
    expect([refused.length, ended.length].every((length) => length > 8)).toBe(true)
  })

  it.each(refused)('shows a refusal whose cause is found: $page', ({ error }) => {
    const { verdict, candidates } = diagnose({ error })
    const causes = candidates.map(({ cause }) => cause)
    expect(causes.slice(0, 3)).toContainEqual(
      expect.stringMatching(
        /5\.7\.139/.test(error)
          ? 'smtp-auth-disabled-tenant'
          : /^(?:imap-disabled-mailbox|shared-mailbox-no-permission)$/,
      ),
    )
    expect(verdict === 'certain' || verdict === 'ambiguous').toBe(true)
  })

  it('of Mutt has a status line that hides the reply, and asks for its log', () => {
    const { verdict, ask } = diagnose({
      error: '---Mutt: (no mailbox) [Msgs:0]---(threads/date)---',
    })
    expect(verdict).toBe('ambiguous')
    expect(ask[0]?.text).toContain('mutt -d 2')
  })

  it.each(ended)("shows one of Mailgrant's responses that is read as such: $page", ({ error }) => {
    expect(first({ error })).toBe('mailgrant-sign-in-required')
  })
})

/** Problems with which Mailgrant refuses to issue a token, by the cause that the diagnosis must find for them. */
const ownProblems: Record<string, readonly ProblemCode[]> = {
  'mailgrant-sign-in-required': ['reconnect_required', 'protocol_not_granted'],
  'mailgrant-administrator-required': [
    'integration_inactive',
    'grant_blocked',
    'credential_rejected',
  ],
  'mail-host-not-allowed': ['mail_host_not_allowed'],
  'mailgrant-call-refused': [
    'not_found',
    'unauthorized',
    'insufficient_scope',
    'not_oauth',
    'app_only_not_allowed',
  ],
  'mailgrant-unavailable': ['provider_unavailable', 'key_missing', 'rate_limited'],
}

/** Returns the sentence for a refused refresh, without the AADSTS number, which alone would decide the diagnosis. */
const judged = (facts: ObservedFacts) =>
  judgeFailure(
    { protocol: 'token', stage: 'refresh', error: '', facts: { kind: 'refused', ...facts } },
    { isOwn: true },
  ).detail.replace(/ \(AADSTS\d+\)/, '')

const server: MailServer = { host: 'outlook.office365.com', port: 993, security: 'tls' }
const sentences: ProblemContent[] = [
  { code: 'reconnect_required', detail: judged({ aadsts: 700082 }) },
  { code: 'grant_blocked', detail: judged({ aadsts: 53003 }) },
  { code: 'credential_rejected', detail: judged({ aadsts: 7000222 }) },
  { code: 'provider_unavailable', detail: judged({ kind: 'unavailable' }) },
  toProblem({ reason: 'protocol_not_granted', protocol: 'smtp' }),
  toProblem(inactive.error),
  toProblem({ reason: 'mail_server_not_allowed', server, allowed: [server] }),
  toProblem({ reason: 'not_oauth' }),
  toProblem({ reason: 'app_only_not_allowed' }),
  httpProblems.wrongKey,
  httpProblems.scopeMissing('tokens'),
  httpProblems.keyMissing('k1'),
  httpProblems.tooMany,
  // For a caller that confuses its IDs.
  {
    code: 'not_found',
    detail: 'There is nothing with this ID: it must be the id of an email account (ma_...).',
  },
]
const detailOf = (code: ProblemCode) => sentences.find((each) => each.code === code)?.detail ?? ''

describe("a pasted response of Mailgrant's own token issue", () => {
  const forms: [form: string, write: (code: ProblemCode, detail: string) => string][] = [
    ['a line of text', (code, detail) => problemLine({ code, detail })],
    [
      'a line behind a program',
      (code, detail) => `mailgrant-token: ${problemLine({ code, detail })}\n`,
    ],
    [
      'an OAuth error',
      (code, detail) =>
        JSON.stringify({
          error: 'interaction_required',
          error_description: describeError({ code, detail }),
        }),
    ],
    [
      'problem details',
      (code, detail) =>
        JSON.stringify({
          type: `https://mailgrant.example.com/docs/problems#${code}`,
          title: problemTable[code].title,
          status: problemTable[code].status,
          detail,
          code,
        }),
    ],
  ]
  const rows = forms.flatMap(([form, write]) =>
    Object.entries(ownProblems).flatMap(([cause, codes]) =>
      codes.map((code) => [form, code, cause, write(code, detailOf(code))] as const),
    ),
  )

  it.each(rows)('as %s is read as Mailgrant itself: %s', (_form, _code, cause, error) => {
    const { verdict, candidates, ask, interpretation } = diagnose({ error })
    expect({ verdict, cause: candidates[0]?.cause, ask }).toEqual({
      verdict: 'certain',
      cause,
      ask: [],
    })
    expect(interpretation).toMatchObject({ protocol: 'token', source: null })
  })

  it('with a number of Entra has the cause of that number, without advice for other programs', () => {
    const error =
      'The sign-in was unused for too long and has expired: sign in again (AADSTS700082). (reconnect_required)'
    const { verdict, candidates } = diagnose({ error })
    expect(verdict).toBe('certain')
    expect(candidates.map(({ cause }) => cause).slice(0, 2)).toEqual([
      'refresh-token-expired',
      'mailgrant-sign-in-required',
    ])
    expect(JSON.stringify(candidates)).not.toContain('refresh_token of each refresh')
  })

  it('explains the failure of the program that printed it', () => {
    const line = problemLine({
      code: 'reconnect_required',
      detail: 'The account no longer has a sign-in. Sign in again.',
    })
    for (const error of [
      `${line}\nmsmtp: cannot read output of '/usr/local/bin/mailgrant-token ma_1a'`,
      `${line}\nCommand returned empty string\nNo authenticators available`,
      `mailgrant: ${line}\nSkipping account work, PassCmd exited with status 1`,
    ]) {
      expect(first({ error }), error).toBe('mailgrant-sign-in-required')
    }
  })

  it.each([
    [69, 'mailgrant-sign-in-required'],
    [75, 'mailgrant-unavailable'],
    [77, 'mailgrant-call-refused'],
    [78, 'mailgrant-call-refused'],
  ])('is behind the exit status %i of mailgrant-token: %s', (status, cause) => {
    for (const error of [
      `operation error (External program error (/usr/local/bin/mailgrant-token exited with ${status}))`,
      `Command '['/usr/local/bin/mailgrant-token', 'ma_1a']' returned non-zero exit status ${status}.`,
    ]) {
      const found = diagnose({ error }).candidates.map((candidate) => candidate.cause)
      expect(found.slice(0, 2), error).toEqual(['token-command-failed', cause])
    }
  })

  it.each(['Access denied (unauthorized)', 'No such page (not_found)', 'Oops (internal_error)'])(
    'is not seen in a word that other programs put in brackets: %s',
    (error) => {
      expect(first({ error }) ?? '').not.toMatch(/^mailgrant-/)
    },
  )

  it('is known by every code with which a call is refused', () => {
    const unknown = ProblemCode.options.filter((code) => {
      const error = `mailgrant: ${problemLine({ code, detail: 'Something happened.' })}`
      return !/^mailgrant-|^mail-host-not-allowed$/.test(first({ error }) ?? '')
    })
    // One belongs to a sign-in to the console, one to an account with its own diagnosis, and one to a test message.
    expect(unknown).toEqual(['console_key_refused', 'login_failed', 'cannot_send'])
  })
})
