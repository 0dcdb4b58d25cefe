import { describe, expect, it } from 'vitest'
import { diagnose } from '../../../api/diagnosis/diagnose.ts'
import { probeFailureReport } from '../../../api/diagnosis/report.ts'
import { probeFailure } from '../../probe-failure.ts'

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
