import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../api/diagnosis/diagnose.ts'
import { probeFailureReport } from '../../../api/diagnosis/report.ts'
import { probeFailure } from '../../probe-failure.ts'

describe('a login that security defaults refuse', () => {
  const report = (mechanism: string) =>
    diagnose({
      error:
        "535 5.7.139 Authentication unsuccessful, user is locked by your organization's security defaults policy.",
      protocol: 'smtp',
      evidence: { mechanism, host: 'smtp.office365.com' },
    })

  it('with a password needs OAuth', () => {
    const { verdict, candidates } = report('plain')
    expect([verdict, candidates[0]?.cause]).toEqual(['certain', 'security-defaults-block'])
    expect(candidates[0]?.fixes[0]?.text).toMatch(/^Use OAuth/)
  })

  it("with a token is never certain: first the mailbox's switch, and no advice to use OAuth", () => {
    const { verdict, candidates } = report('XOAUTH2')
    expect([verdict, candidates[0]?.cause]).toEqual(['likely', 'security-defaults-block'])
    const fixes = candidates[0]?.fixes ?? []
    expect(fixes[0]?.command).toContain('-SmtpClientAuthenticationDisabled $false')
    expect(fixes[1]?.text).toContain('Reports differ')
    expect(JSON.stringify(fixes)).not.toMatch(/Use OAuth|do not block/)
    expect(candidates[1]?.cause).toBe('smtp-auth-disabled-mailbox')
  })
})

describe('a password refused during a validation', () => {
  const refused = (host: string, reply: string) =>
    diagnose(
      probeFailureReport('imap', probeFailure({ reply, imap_status: 'NO' }), {
        evidence: { host, port: 9993, username: 'desk@example.org', mechanism: 'login' },
      }),
    )

  it.each([
    ['localhost', 'NO AUTHENTICATE failed.'],
    ['localhost', 'NO [AUTHENTICATIONFAILED] Authentication failed.'],
    ['mail.example.org', 'NO [AUTHENTICATIONFAILED] Authentication failed.'],
    ['mail.example.org', 'NO LOGIN failed.'],
  ])('is wrong at %s, which blames neither the host nor Microsoft', (host, reply) => {
    const { verdict, candidates } = refused(host, reply)
    expect([verdict, candidates[0]?.cause]).toEqual(['certain', 'password-refused'])
    const text = JSON.stringify(candidates[0])
    expect(text).toContain(`${host}:9993`)
    expect(text).not.toContain('Microsoft')
    expect(candidates.map(({ cause }) => cause)).not.toContain('wrong-port-or-host')
  })

  it('is a case of blocked basic authentication at a Microsoft server', () => {
    const { candidates } = refused('outlook.office365.com', 'NO LOGIN failed.')
    expect(candidates.map(({ cause }) => cause)).not.toContain('password-refused')
    expect(candidates[0]?.cause).toBe('basic-auth-blocked')
  })
})
