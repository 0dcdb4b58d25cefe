import { describe, expect, it } from 'vitest'
import { diagnose, type Report } from '../../../api/diagnosis/diagnose.ts'
import type { Evidence } from '../../../schema/diagnosis.ts'

const causes = (report: Report) => diagnose(report).candidates.map(({ cause }) => cause)
const sending = (error: string, evidence: Evidence = {}): Report => ({
  protocol: 'smtp',
  stage: 'send',
  error,
  evidence,
})

const smtpRefused = (evidence: Evidence = {}): Report => ({
  protocol: 'smtp',
  stage: 'auth',
  error: '535 5.7.3 Authentication unsuccessful',
  evidence,
})

describe('a sender whom Microsoft has blocked', () => {
  it.each([
    ['550 5.1.8 Access denied, bad outbound sender. AS(42003)', 'sender-restricted'],
    ['550 5.7.501 Access denied, spam abuse detected', 'sender-restricted'],
    ['550 5.7.503 Access denied, banned sender', 'sender-restricted'],
    [
      '554 5.2.0 STOREDRV.Submission.Exception:OutboundSpamException; Actual verdict is Suspend',
      'sender-restricted',
    ],
    ['550 5.7.705 Access denied, tenant has exceeded threshold', 'tenant-blocked-from-sending'],
    ['550 5.7.708 Access denied, traffic not accepted from this IP', 'tenant-blocked-from-sending'],
  ])('is never advised to try again: %s', (error, cause) => {
    const [first] = diagnose(sending(error)).candidates
    expect(first).toMatchObject({ cause, retryable: false })
    expect(causes(sending(error))).not.toContain('throttled')
    expect(causes(sending(error))).not.toContain('user-consent-missing')
  })
})

describe('a limit of sending', () => {
  it.each([
    '554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException',
    '550 5.2.2 Submission quota exceeded',
    "The message can't be submitted because the sender's submission quota was exceeded.",
  ])('is not taken for a full mailbox: %s', (error) => {
    expect(causes(sending(error))[0]).toBe('throttled')
    expect(causes(sending(error))).not.toContain('mailbox-full')
  })

  it('is not read in the version of a program', () => {
    const report = sending(
      'PHPMailer 5.2.2 uses PHP 5.1.8 and prints: SMTP Error: data not accepted.',
    )
    expect(causes(report)).not.toContain('mailbox-full')
    expect(causes(report)).not.toContain('sender-restricted')
  })
})

describe('a refusal of the sender without a login (5.7.57)', () => {
  const refusal =
    '530 5.7.57 Client not authenticated to send mail. [DU2PR04CA0011.prod.outlook.com]'

  it('is about the login, which the program has left out', () => {
    expect(diagnose({ error: refusal }).interpretation).toMatchObject({ stage: 'auth' })
    const early = diagnose({ error: '451 5.7.3 STARTTLS is required to send mail' })
    expect(early.interpretation).toMatchObject({ stage: 'tls' })
  })

  it('is not certain alone: the login may have been refused before, or never offered', () => {
    const { verdict, candidates, ask } = diagnose(sending(refusal))
    expect(verdict).not.toBe('certain')
    expect(candidates[0]?.cause).toBe('client-sent-no-auth')
    expect(candidates.map(({ cause }) => cause)).toEqual(
      expect.arrayContaining(['basic-auth-blocked', 'client-mechanism-unavailable']),
    )
    expect(ask.length).toBeGreaterThan(0)
  })

  it('is certain for a log that shows the greeting and no login', () => {
    const log = `> EHLO scanner
      < 250-AUTH LOGIN XOAUTH2
      > MAIL FROM:<scanner@contoso.com>
      < ${refusal}`
    expect(diagnose(sending(log))).toMatchObject({
      verdict: 'certain',
      candidates: [{ cause: 'client-sent-no-auth' }],
    })
  })

  it('is the consequence of a login that was refused earlier in the log', () => {
    const log = `> AUTH LOGIN
      < 535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.
      > MAIL FROM:<scanner@contoso.com>
      < ${refusal}`
    expect(causes(sending(log))[0]).toBe('smtp-auth-disabled-tenant')
    const withPassword = `AUTH LOGIN\n535 5.7.3 Authentication unsuccessful\n${refusal}`
    expect(causes(sending(withPassword))[0]).not.toBe('client-sent-no-auth')
  })
})

describe('a program without a mechanism that the server offers', () => {
  it('is asked whether TLS had begun: before it, Exchange offers no login on port 587', () => {
    const report: Report = {
      protocol: 'smtp',
      stage: 'auth',
      error: 'SMTP AUTH extension not supported by server.',
      evidence: { port: 587, security: 'none' },
    }
    expect(JSON.stringify(diagnose(report).candidates)).toContain('STARTTLS')
  })
})

describe('another account that signed in', () => {
  const other = { username: 'sales@contoso.com', signed_in_as: 'jane@contoso.com' }

  it('proves nothing while the mailbox may be a shared one', () => {
    for (const error of [
      'NO AUTHENTICATE failed.',
      'BAD User is authenticated but not connected.',
    ]) {
      const report: Report = { protocol: 'imap', stage: 'auth', error, evidence: other }
      const { verdict, candidates, ask } = diagnose(report)
      expect(verdict).toBe('ambiguous')
      expect(candidates.slice(0, 3).map(({ cause }) => cause)).toEqual(
        expect.arrayContaining(['account-mismatch', 'shared-mailbox-no-permission']),
      )
      expect(JSON.stringify(ask)).toContain('shared mailbox')
    }
  })

  it('is the cause if the mailbox is known not to be shared', () => {
    const evidence = { ...other, shared_mailbox: false, mechanism: 'xoauth2' }
    const report: Report = { protocol: 'imap', error: 'A1 NO AUTHENTICATE failed.', evidence }
    expect(causes(report)[0]).toBe('account-mismatch')
    expect(['likely', 'certain']).toContain(diagnose(report).verdict)
  })
})

describe('an app without roles in its token', () => {
  const evidence = { flow: 'app_only', token_scopes: '' }

  it('lacks the permission for IMAP', () => {
    const imap: Report = { protocol: 'imap', error: 'A1 NO AUTHENTICATE failed.', evidence }
    expect(diagnose(imap).candidates[0]?.cause).toBe('app-only-permission-missing')
  })

  it.each(['', 'IMAP.AccessAsApp'])(
    'may be right for SMTP, under RBAC for Applications, with the roles "%s"',
    (token_scopes) => {
      const smtp = smtpRefused({ flow: 'app_only', token_scopes })
      expect(diagnose(smtp).verdict).toBe('ambiguous')
      expect(causes(smtp).slice(0, 3)).toContain('sp-mailbox-permission-missing')
      expect(causes(smtp).slice(0, 2)).not.toContain('token-permission-missing')
    },
  )

  it.each(['app-only-permission-missing', 'sp-mailbox-permission-missing'])(
    'learns both ways to let an app send, with the commands: %s',
    (cause) => {
      const values = { clientId: 'client', mailbox: 'support@contoso.com' }
      const { candidates } = diagnose(smtpRefused(evidence), values)
      const { fixes = [] } = candidates.find((candidate) => candidate.cause === cause) ?? {}
      const text = JSON.stringify(fixes)
      expect(text).toContain('SMTP.SendAsApp')
      expect(text).toContain('RBAC for Applications')
      const commands = fixes.flatMap(({ command }) => command ?? [])
      expect(commands).toContain(
        "Test-ServicePrincipalAuthorization -Identity 'client' -Resource 'support@contoso.com'",
      )
    },
  )

  it('that reads mail learns nothing of a role that exists for sending only', () => {
    const imap: Report = { protocol: 'imap', error: 'A1 NO AUTHENTICATE failed.', evidence }
    const missing = diagnose(imap).candidates.find(
      ({ cause }) => cause === 'app-only-permission-missing',
    )
    expect(JSON.stringify(missing)).toContain('IMAP.AccessAsApp')
    expect(JSON.stringify(missing?.fixes)).not.toContain('RBAC')
  })
})

describe('a POP server that refuses the login', () => {
  it.each([
    '-ERR Logon failure: unknown user name or bad password.',
    '-ERR Authentication failure: unknown user name or bad password.',
  ])('says nothing about the password of the user: %s', (error) => {
    const report: Report = { protocol: 'imap', stage: 'auth', error }
    expect(causes(report)[0]).not.toBe('user-sign-in-refused')
    expect(diagnose(report).verdict).not.toBe('certain')
    const withToken = { ...report, evidence: { mechanism: 'xoauth2' } }
    expect(causes(withToken)).not.toContain('user-sign-in-refused')
    expect(diagnose(withToken).verdict).not.toBe('certain')
  })
})

describe('a text that many causes share', () => {
  it.each([
    ['smtp', 'auth', '535 5.7.3 Authentication unsuccessful [AM0PR02CA0001.prod.outlook.com]'],
    ['imap', 'auth', 'A1 NO AUTHENTICATE failed.'],
    ['imap', 'select', 'BAD User is authenticated but not connected.'],
    ['imap', 'auth', 'Authentication failed.'],
    ['smtp', 'auth', 'SMTP Error: Could not authenticate.'],
  ] as const)('is ambiguous and asks for what decides: %s %s %s', (protocol, stage, error) => {
    const { verdict, candidates, ask } = diagnose({ protocol, stage, error })
    expect(verdict).toBe('ambiguous')
    expect(candidates.length).toBeGreaterThan(2)
    expect(ask.length).toBeGreaterThan(0)
  })

  it('never leads to advice that lowers security', () => {
    for (const evidence of [{}, { mechanism: 'xoauth2' }, { mechanism: 'login' }]) {
      const { candidates } = diagnose(smtpRefused(evidence))
      const unlikely = candidates.filter(({ likelihood }) => likelihood < 0.5)
      expect(JSON.stringify(unlikely)).not.toMatch(
        /security defaults > Disabled|defaults.{0,40}disable/i,
      )
    }
  })
})

describe('a program that has no settings for a login name', () => {
  const stops = (username: string): Report => ({
    protocol: 'imap',
    error: 'Stopped before the login: the configuration section was not found',
    evidence: { username },
  })

  it('was given a name of the wrong form', () => {
    for (const username of ['anna@fabrikam.com\\team', 'FABRIKAM\\anna', 'anna']) {
      expect(causes(stops(username))[0]).toBe('xoauth2-username-wrong-form')
    }
  })

  it('lacks them if the name is an address', () => {
    expect(causes(stops('anna@fabrikam.com'))[0]).toBe('program-settings')
  })
})

describe('a program that stops over its own settings', () => {
  it.each([
    [
      'imap',
      'PHP Fatal error: Uncaught TypeError: imap2_open(): Argument #3 must be of type string, null given',
    ],
    ['imap', "KeyError: 'MAIL_PASSWORD'"],
    ['smtp', 'SMTP password is required.'],
    ['imap', "FileNotFoundError: [Errno 2] No such file or directory: '/etc/tokens/token.json'"],
  ] as const)("is neither Microsoft's refusal nor a bug: %s %s", (protocol, error) => {
    expect(causes({ protocol, error })[0]).toBe('program-settings')
    expect(diagnose({ protocol, error }).verdict).not.toBe('certain')
  })
})
