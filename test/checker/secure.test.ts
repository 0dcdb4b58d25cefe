import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createTrust, secure } from '../../checker/secure.ts'
import { certificates, HOST } from './hostile/certificates.ts'
import { startServer } from './hostile/server.ts'
import { endure, SECURITIES } from './hostile/world.ts'

const BAD = [
  ['selfSigned', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'CN=mail.test'],
  ['stranger', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CN=Somebody Else CA'],
  ['noChain', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CN=Middle CA'],
  ['otherName', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CN=Mailgrant Test CA'],
  ['expired', 'CERT_HAS_EXPIRED', 'CN=Mailgrant Test CA'],
  ['future', 'CERT_NOT_YET_VALID', 'CN=Mailgrant Test CA'],
  ['weak', 'UNSPECIFIED', 'CN=RSA Test CA'],
] as const

describe.each(['imap', 'smtp'] as const)('over %s', (protocol) => {
  describe.each(SECURITIES)('with %s', (security) => {
    it.each(BAD)('a certificate that is %s is refused', async (kind, code, issuer) => {
      // OpenSSL on the server's side must be made to serve the weak one.
      const tls = { ...(await certificates())[kind], ciphers: 'ALL@SECLEVEL=0' }
      const { summary, report, server } = await endure({ protocol, security, tls })
      expect(summary).toBe('failed tls tls')
      expect(report.failure).toMatchObject({ code, certificate_issuer: issuer })
      expect(report.mechanism).toBeNull()
      expect(server.lines.join()).not.toContain('AUTH')
    })

    it('the handshake names the host, so that a server of many can show the right certificate', async () => {
      const { summary, server } = await endure({ protocol, security })
      expect(summary).toBe('passed')
      expect(server.names).toEqual(['mail.test'])
    })

    it('TLS 1.0 and 1.1 are refused', async () => {
      const { good } = await certificates()
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL@SECLEVEL=0' } as const
      const { summary } = await endure({ protocol, security, tls: { ...good, ...old } })
      expect(summary).toBe('failed tls tls')
    })

    it('a chain of certificates of 500 KiB is refused', async () => {
      const { good, authorities } = await certificates()
      const cert = `${good.cert}\n${`${authorities[0]}\n`.repeat(1_000)}`
      const { report } = await endure({ protocol, security, tls: { key: good.key, cert } })
      expect(report.failure?.step).toBe('tls')
      expect(report.outcome).not.toBe('passed')
    })
  })

  it('words in clear on a port for TLS are told from a bad certificate', async () => {
    const script = (peer: { send(text: string): void }) => peer.send('* OK 220 ready\r\n')
    const { report } = await endure({ protocol, security: 'tls', script, plainPort: true })
    expect(report.failure).toMatchObject({ step: 'tls', kind: 'tls' })
    expect(report.steps[2]?.detail).toContain('STARTTLS')
  })

  it('a handshake that never ends is inconclusive', async () => {
    const { summary } = await endure({
      protocol,
      security: 'tls',
      script: () => {},
      plainPort: true,
      deadline: 150,
    })
    expect(summary).toBe('inconclusive tls timeout')
  })

  it('a connection that breaks in the handshake is inconclusive', async () => {
    const { summary } = await endure({
      protocol,
      security: 'tls',
      script: (peer) => peer.end(),
      plainPort: true,
    })
    expect(summary).toBe('inconclusive tls unavailable')
  })

  it('a TLS alert in the handshake is a failure', async () => {
    const handshakeFailure = Buffer.from([21, 3, 3, 0, 2, 2, 40])
    const { summary, report } = await endure({
      protocol,
      security: 'tls',
      script: (peer) => peer.send(handshakeFailure),
      plainPort: true,
    })
    expect(summary).toBe('failed tls tls')
    expect(report.failure?.code).toMatch(/^ERR_SSL_/)
  })
})

it('a connection that breaks while nobody listens does not end the process', async () => {
  const server = await startServer(() => {}, { implicit: true })
  const raw = connect(server.port, '127.0.0.1')
  await once(raw, 'connect')
  const secured = await secure(raw, HOST, createTrust((await certificates()).authorities))
  if (!secured.ok) throw new Error(secured.fault.detail)
  // With no listener left, Node would throw this error out of the event loop.
  expect(() => secured.value.emit('error', new Error('ECONNRESET'))).not.toThrow()
  secured.value.destroy()
  await server.stop()
})
