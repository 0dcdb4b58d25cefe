import { describe, expect, it } from 'vitest'
import { catalogue } from '../../../api/diagnosis/catalogue/catalogue.ts'
import { diagnose } from '../../../api/diagnosis/diagnose.ts'
import type { DiagnosisInput } from '../../../schema/diagnosis.ts'

type Report = Pick<DiagnosisInput, 'protocol' | 'error' | 'stage' | 'evidence'>

const likelihoodOf = (report: Report, slug: string): number =>
  diagnose(report).candidates.find(({ cause }) => cause === slug)?.likelihood ?? 0

describe('a server in the place of Microsoft', () => {
  it.each<[slug: string, why: string, report: Report]>([
    [
      'not-microsofts-server',
      'the refusal is Exchange Online’s',
      {
        protocol: 'imap',
        error: 'A1 NO LOGIN failed.',
        evidence: { host: 'outlook.office365.com', port: 993 },
      },
    ],
    [
      'not-microsofts-server',
      'Microsoft refused the token',
      { protocol: 'imap', error: 'A1 NO AUTHENTICATE failed.' },
    ],
    [
      'smtp-redirected-by-host',
      'the alias is not in the certificate of Microsoft',
      {
        protocol: 'smtp',
        error: 'x509: certificate is valid for outlook.com, *.office365.com, not mail.contoso.com',
        evidence: { host: 'mail.contoso.com' },
      },
    ],
    [
      'smtp-redirected-by-host',
      'the connector of the organisation is missing',
      {
        protocol: 'smtp',
        error: '550 5.7.64 TenantAttribution; Relay Access Denied',
        evidence: { host: 'contoso-com.mail.protection.outlook.com', port: 25 },
      },
    ],
    [
      'local-relay-not-microsoft',
      'the connector of the organisation is missing',
      { protocol: 'smtp', error: '550 5.7.64 TenantAttribution; Relay Access Denied' },
    ],
    [
      'local-relay-not-microsoft',
      'Postfix quotes Microsoft',
      {
        protocol: 'smtp',
        error:
          'postfix/smtp[884]: relay=smtp.office365.com[52.98.207.210]:587, status=deferred (535 5.7.3 Authentication unsuccessful)',
      },
    ],
    [
      'proxy-refused',
      'the proxy is part of Exchange Online',
      { protocol: 'imap', error: 'NO Server Unavailable. 15 [Proxy=CY1PR01;Error=ProxyNotAuth]' },
    ],
    [
      'proxy-refused',
      'the server answered 403 itself',
      { protocol: 'token', error: 'HTTP/1.1 403 Forbidden {"error":"access_denied"}' },
    ],
    [
      'runtime-cannot-call-out',
      'the server lacks STARTTLS',
      { protocol: 'smtp', error: 'SMTP server does not support STARTTLS extension' },
    ],
    [
      'runtime-cannot-call-out',
      'the mechanism is missing',
      { protocol: 'smtp', error: 'SASL(-4): no mechanism available: No worthy mechs found' },
    ],
  ])('is not %s where %s', (slug, _why, report) => {
    expect(likelihoodOf(report, slug)).toBeLessThan(0.3)
  })
})

describe('a mode of TLS', () => {
  it('is no reason where it suits the port', () => {
    const evidence = { host: 'outlook.office365.com', port: 993, security: 'tls' }
    const report: Report = { protocol: 'imap', error: 'timed out', stage: 'greeting', evidence }
    expect(likelihoodOf(report, 'tls-mode-mismatch')).toBeLessThan(0.1)
  })

  it('is no reason where the server was not reached', () => {
    const evidence = { host: 'outlook.office365.com', port: 993, security: 'none' }
    const report: Report = { protocol: 'imap', error: 'No route to host', evidence }
    expect(likelihoodOf(report, 'tls-mode-mismatch')).toBeLessThan(0.1)
  })
})

it('blames no network for a server that answered otherwise than with OK', () => {
  const error = 'The IMAP server is not answering with a tagged OK'
  expect(likelihoodOf({ error }, 'network-blocked')).toBeLessThan(0.1)
  expect(
    likelihoodOf({ error: 'The IMAP server is not answering' }, 'network-blocked'),
  ).toBeGreaterThan(0.5)
})

describe('a connection that breaks', () => {
  it('may be blocked, at the wrong port or in the wrong mode of TLS, if nothing shows the server', () => {
    for (const error of ['read ECONNRESET', 'Connection reset by peer', 'The socket was closed']) {
      const { verdict, candidates } = diagnose({ error })
      expect(verdict).toBe('ambiguous')
      expect(candidates.map(({ cause }) => cause)).toEqual(
        expect.arrayContaining(['network-blocked', 'wrong-port-or-host', 'tls-mode-mismatch']),
      )
    }
  })

  it('is for an old version of TLS if Exchange says so after the handshake', () => {
    const error = 'SMTPServerDisconnected: TLS 1.0 and 1.1 are not supported, said the server'
    expect(diagnose({ error }).candidates[0]?.cause).toBe('tls-version-too-old')
  })
})

it('blames the mechanism, not the port, for a challenge that the program did not expect', () => {
  const report: Report = {
    protocol: 'smtp',
    error: 'invalid response: unexpected login challenge 334 VXNlcm5hbWU6',
  }
  expect(likelihoodOf(report, 'wrong-port-or-host')).toBeLessThan(0.1)
  expect(diagnose(report).candidates[0]?.cause).toBe('client-mechanism-unavailable')
})

describe('the advice', () => {
  it('never weakens TLS', () => {
    const texts = catalogue.map(({ fixes }) => JSON.stringify(fixes))
    const weakening =
      /rejectUnauthorized: ?false|verify_peer|verify ?= ?(?:false|none|0)|novalidate|--insecure|curl -k|allow_self_signed|trust all|SECLEVEL|TrustServerCertificate|=> true/i
    expect(texts.filter((text) => weakening.test(text))).toEqual([])
  })
})

it('blames no port for a refused login, which has been at a server of the protocol', () => {
  const error = 'IMAP Connect Error: Unable to authenticate with the current credentials.'
  const { verdict, candidates } = diagnose({
    protocol: 'imap',
    stage: 'auth',
    error,
    evidence: { port: 143 },
  })
  expect(verdict).toBe('ambiguous')
  expect(candidates[0]?.cause).not.toBe('wrong-port-or-host')
})
