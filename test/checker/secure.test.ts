import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createTlsContext, secure } from '../../checker/secure.ts'
import { certificates, HOST } from './hostile/certificates.ts'
import { runVerified, SECURITIES } from './hostile/run-case.ts'
import { startServer } from './hostile/server.ts'

const BAD = [
  ['selfSigned', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'CN=mail.test'],
  ['untrusted', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CN=Unknown CA'],
  ['incompleteChain', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CN=Intermediate CA'],
  ['otherName', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CN=Mailgrant Test CA'],
  ['expired', 'CERT_HAS_EXPIRED', 'CN=Mailgrant Test CA'],
  ['future', 'CERT_NOT_YET_VALID', 'CN=Mailgrant Test CA'],
  ['weak', 'UNSPECIFIED', 'CN=RSA Test CA'],
] as const

describe.each(['imap', 'smtp'] as const)('over %s', (protocol) => {
  describe.each(SECURITIES)('with %s', (security) => {
    it.each(BAD)('refuses the certificate: %s', async (kind, code, issuer) => {
      // OpenSSL serves the weak certificate only at security level 0.
      const tls = { ...(await certificates())[kind], ciphers: 'ALL@SECLEVEL=0' }
      const { summary, report, server } = await runVerified({ protocol, security, tls })
      expect(summary).toBe('failed tls tls')
      expect(report.failure).toMatchObject({ code, certificate_issuer: issuer })
      expect(report.mechanism).toBeNull()
      expect(server.lines.join()).not.toContain('AUTH')
    })

    it('sends the host name (SNI), so that the server can choose the certificate', async () => {
      const { summary, server } = await runVerified({ protocol, security })
      expect(summary).toBe('passed')
      expect(server.names).toEqual(['mail.test'])
    })

    it('refuses TLS 1.0 and 1.1', async () => {
      const { good } = await certificates()
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const
      const { summary } = await runVerified({ protocol, security, tls: { ...good, ...old } })
      expect(summary).toBe('failed tls tls')
    })

    it('refuses a certificate chain of 500 KiB', async () => {
      const { good, authorities } = await certificates()
      const cert = `${good.cert}\n${`${authorities[0]}\n`.repeat(1_000)}`
      const { report } = await runVerified({ protocol, security, tls: { key: good.key, cert } })
      expect(report.failure?.step).toBe('tls')
      expect(report.outcome).not.toBe('passed')
    })
  })

  it('distinguishes clear text on a TLS port from a bad certificate', async () => {
    const script = (peer: { send(text: string): void }) => peer.send('* OK 220 ready\r\n')
    const { report } = await runVerified({ protocol, security: 'tls', script, plainPort: true })
    expect(report.failure).toMatchObject({ step: 'tls', kind: 'tls' })
    expect(report.steps[2]?.detail).toContain('STARTTLS')
  })

  it('is inconclusive if the handshake never ends', async () => {
    const { summary } = await runVerified({
      protocol,
      security: 'tls',
      script: () => {},
      plainPort: true,
      deadline: 150,
    })
    expect(summary).toBe('inconclusive tls timeout')
  })

  it('is inconclusive if the connection breaks during the handshake', async () => {
    const { summary } = await runVerified({
      protocol,
      security: 'tls',
      script: (peer) => peer.end(),
      plainPort: true,
    })
    expect(summary).toBe('inconclusive tls unavailable')
  })

  it('fails on a TLS alert during the handshake', async () => {
    const handshakeFailure = Buffer.from([21, 3, 3, 0, 2, 2, 40])
    const { summary, report } = await runVerified({
      protocol,
      security: 'tls',
      script: (peer) => peer.send(handshakeFailure),
      plainPort: true,
    })
    expect(summary).toBe('failed tls tls')
    expect(report.failure?.code).toMatch(/^ERR_SSL_/)
  })
})

it('ignores a socket error after the handshake, which would otherwise end the process', async () => {
  const server = await startServer(() => {}, { implicit: true })
  const raw = connect(server.port, '127.0.0.1')
  await once(raw, 'connect')
  const secured = await secure(raw, HOST, createTlsContext((await certificates()).authorities))
  if (!secured.ok) throw new Error(secured.fault.detail)
  // Without a listener, Node would throw this error from the event loop.
  expect(() => secured.value.emit('error', new Error('ECONNRESET'))).not.toThrow()
  secured.value.destroy()
  await server.stop()
})
