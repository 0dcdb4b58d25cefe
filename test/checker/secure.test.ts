import { once } from 'node:events'
import { connect } from 'node:net'
import { createServer as createTlsServer, connect as tlsConnect } from 'node:tls'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createTlsContext, secure, tlsFault } from '../../checker/secure.ts'
import { certificates, HOST } from './hostile/certificates.ts'
import { runVerified, SECURITIES } from './hostile/run-case.ts'
import { type Script, startServer } from './hostile/server.ts'

/** Diffie-Hellman parameters of 1024 bits (RFC 2409, group 2). */
const dhparam = `-----BEGIN DH PARAMETERS-----
MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR
Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL
/1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC
-----END DH PARAMETERS-----
`

const BAD = [
  ['selfSigned', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'CN=mail.test'],
  ['untrusted', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CN=Unknown CA'],
  ['incompleteChain', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CN=Intermediate CA'],
  ['otherName', 'ERR_TLS_CERT_ALTNAME_INVALID', 'CN=Mailgrant Test CA'],
  ['expired', 'CERT_HAS_EXPIRED', 'CN=Mailgrant Test CA'],
  ['future', 'CERT_NOT_YET_VALID', 'CN=Mailgrant Test CA'],
  ['weak', 'EE_KEY_TOO_SMALL', 'CN=RSA Test CA'],
  ['weakIssuer', 'CA_KEY_TOO_SMALL', 'CN=Weak CA'],
  ['sha1', 'CA_MD_TOO_WEAK', 'CN=RSA Test CA'],
  ['forClients', 'INVALID_PURPOSE', 'CN=Mailgrant Test CA'],
  ['forMail', 'INVALID_PURPOSE', 'CN=Mailgrant Test CA'],
  ['asCa', 'INVALID_PURPOSE', 'CN=Mailgrant Test CA'],
  ['signsOnly', 'INVALID_PURPOSE', 'CN=Mailgrant Test CA'],
  ['issuedByLeaf', 'INVALID_PURPOSE', 'CN=No CA'],
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
      const detail = report.steps.find(({ name }) => name === 'tls')?.detail
      expect(detail).toBe(`The TLS handshake failed (${code}).`)
    })

    it('accepts a certificate for servers only, and sends the host name (SNI) to choose it by', async () => {
      const { forServers } = await certificates()
      const { summary, server } = await runVerified({ protocol, security, tls: forServers })
      expect(summary).toBe('passed')
      expect(server.names).toEqual(['mail.test'])
    })

    it.each([
      ['NULL', /HANDSHAKE_FAILURE$/],
      ['DHE-RSA-AES128-GCM-SHA256', /^ERR_SSL_DH_KEY_TOO_SMALL$/],
    ])('refuses a server that offers only weak encryption: %s', async (ciphers, code) => {
      const { rsa } = await certificates()
      const weak = { maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0`, dhparam } as const
      const { summary, report } = await runVerified({
        protocol,
        security,
        tls: { ...rsa, ...weak },
      })
      expect(summary).toBe('failed tls tls')
      expect(report.failure?.code).toMatch(code)
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
    expect(report.failure).toMatchObject({
      step: 'tls',
      kind: 'tls',
      code: expect.stringMatching(/^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/),
    })
  })

  it.each<[string, Script, object, string]>([
    ['never ends', () => {}, { deadline: 150 }, 'timeout'],
    ['is interrupted', (peer) => peer.end(), {}, 'unavailable'],
  ])('is inconclusive if the handshake %s', async (_how, script, more, kind) => {
    const plain = { protocol, security: 'tls', script, plainPort: true } as const
    expect((await runVerified({ ...plain, ...more })).summary).toBe(`inconclusive tls ${kind}`)
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

/** Starts a TLS server and performs the handshake with it for `host`. */
async function shakeHands(host: string, kind: 'good' | 'localhost' | 'loopback' | 'untrusted') {
  const { authorities, [kind]: tls } = await certificates()
  const { promise: shaken, resolve } = Promise.withResolvers<void>()
  const server = await startServer(() => resolve(), { implicit: true, tls })
  const raw = connect(server.port, '127.0.0.1')
  await once(raw, 'connect')
  const result = await secure(raw, host, createTlsContext(authorities))
  if (result.ok) await shaken
  onTestFinished(async () => {
    raw.destroy()
    await server.stop()
  })
  return { result, server }
}

describe('an IP address as the host', () => {
  it('must be in the certificate', async () => {
    const { result } = await shakeHands('127.0.0.1', 'localhost')
    expect(result).toMatchObject({ ok: false, fault: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } })
  })

  it('is verified, but not sent as a server name', async () => {
    const { result, server } = await shakeHands('127.0.0.1', 'loopback')
    expect(result.ok).toBe(true)
    expect(server.names).toEqual([''])
  })
})

describe('certificate checks', () => {
  afterEach(() => vi.unstubAllEnvs())

  it('ignore NODE_TLS_REJECT_UNAUTHORIZED', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0')
    const { result } = await shakeHands(HOST, 'untrusted')
    expect(result).toMatchObject({ ok: false, fault: { kind: 'tls' } })
  })
})

describe('a secured socket', () => {
  it('keeps no listeners but the one that ignores errors', async () => {
    const { result, server } = await shakeHands(HOST, 'good')
    if (!result.ok) throw new Error(result.fault.detail)
    const ca = (await certificates()).authorities
    const plain = tlsConnect({ port: server.port, host: '127.0.0.1', servername: HOST, ca })
    await once(plain, 'secureConnect')
    const events = ['secure', 'secureConnect', 'close', 'error']
    const extra = events.map(
      (event) => result.value.listenerCount(event) - plain.listenerCount(event),
    )
    expect(extra).toEqual([0, 0, 0, 1])
    plain.destroy()
  })

  it('refuses renegotiation', async () => {
    const { good, authorities } = await certificates()
    const server = createTlsServer({ ...good, maxVersion: 'TLSv1.2' }, (socket) => {
      socket.on('error', () => {})
      socket.renegotiate({}, () => {})
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const raw = connect((server.address() as { port: number }).port, '127.0.0.1')
    await once(raw, 'connect')
    const result = await secure(raw, HOST, createTlsContext(authorities))
    if (!result.ok) throw new Error(result.fault.detail)
    result.value.resume()
    const [error] = await once(result.value, 'error')
    expect(error.code).toMatch(/HANDSHAKE_FAILURE/)
    raw.destroy()
    server.close()
  })
})

it('reports a closed connection if the socket is destroyed during the handshake', async () => {
  const server = await startServer(() => {}, { implicit: false })
  const raw = connect(server.port, '127.0.0.1')
  await once(raw, 'connect')
  const result = secure(raw, HOST, createTlsContext())
  raw.destroy()
  expect(await result).toMatchObject({ ok: false, fault: { kind: 'unavailable', code: null } })
  await server.stop()
})

describe('a TLS fault', () => {
  const coded = (code: string) => Object.assign(new Error('from OpenSSL'), { code })

  it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNABORTED'])(
    'with %s says nothing about the certificate',
    (code) => {
      expect(tlsFault(coded(code), 'CN=Some CA')).toMatchObject({ kind: 'unavailable', code })
    },
  )

  it('without a code reports the class of the error', () => {
    expect(tlsFault(new RangeError('odd'), 'CN=Some CA')).toMatchObject({
      kind: 'tls',
      code: null,
      detail: 'The TLS handshake failed (RangeError).',
      certificate_issuer: 'CN=Some CA',
    })
  })
})
