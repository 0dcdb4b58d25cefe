import { X509Certificate } from 'node:crypto'
import { X509Certificate as PeculiarCertificate, X509CertificateGenerator } from '@peculiar/x509'
import { importPKCS8, importX509, jwtVerify } from 'jose'
import { expect, it } from 'vitest'
import {
  isKeyPair,
  makeCertificate,
  readCertificate,
  readPrivateKey,
  supportsPs256,
} from '../../../api/entra/certificate.ts'
import { privateKeyJwt } from '../../../api/entra/client-auth.ts'

const now = new Date('2026-11-24T09:00:00.000Z')
const random = (n: number) => crypto.getRandomValues(new Uint8Array(n))
const newCertificate = (serial = random(16)) =>
  makeCertificate({
    commonName: 'mail.example.com',
    from: now,
    until: new Date('2028-11-24T09:00:00.000Z'),
    serial,
  })

it('makes a certificate that other libraries can read, with a matching private key', async () => {
  const { privateKey, certificate } = await newCertificate()
  expect(certificate.pem).toMatch(
    /^-----BEGIN CERTIFICATE-----\n[\w+/=\n]+-----END CERTIFICATE-----\n$/,
  )
  expect(privateKey).toContain('-----BEGIN PRIVATE KEY-----')
  expect(certificate.expiresAt).toEqual(new Date('2028-11-24T09:00:00.000Z'))
  expect(await readCertificate(`some text\n${certificate.pem}`)).toEqual(certificate)
  expect(await isKeyPair(privateKey, certificate)).toBe(true)
  const read = new PeculiarCertificate(certificate.pem)
  expect(await read.verify({ date: new Date('2027-01-01T00:00:00.000Z') })).toBe(true)
  expect([read.subject, read.issuer]).toEqual(['CN=mail.example.com', 'CN=mail.example.com'])
  expect(read.notBefore).toEqual(now)
  await importPKCS8(privateKey, 'PS256')
  await importX509(certificate.pem, 'PS256')
})

it.each([
  [0x00, '01'],
  [0x80, '01'],
  [0xff, '7F'],
])('makes a positive serial number even when every random byte is %i', async (byte, first) => {
  const { certificate } = await newCertificate(new Uint8Array(16).fill(byte))
  const rest = byte.toString(16).padStart(2, '0').toUpperCase().repeat(15)
  expect(new X509Certificate(certificate.pem).serialNumber).toBe(first + rest)
})

it('authenticates with a single-use assertion for this endpoint that expires after five minutes', async () => {
  const { privateKey, certificate } = await newCertificate()
  const auth = privateKeyJwt(
    'the-client',
    { privateKey, thumbprint: certificate.thumbprint },
    random,
  )
  const bodies = [new URLSearchParams(), new URLSearchParams()]
  for (const body of bodies) await auth(body, 'https://login.example/token', now)
  const [first, second] = bodies.map((body) => body.get('client_assertion') ?? '')
  expect(bodies[0]?.get('client_assertion_type')).toBe(
    'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  )
  expect(bodies[0]?.get('client_secret')).toBeNull()
  const key = await importX509(certificate.pem, 'PS256')
  const { payload, protectedHeader } = await jwtVerify(first ?? '', key, { currentDate: now })
  expect(protectedHeader).toEqual({
    alg: 'PS256',
    typ: 'JWT',
    'x5t#S256': certificate.thumbprint,
  })
  expect(payload).toMatchObject({
    iss: 'the-client',
    sub: 'the-client',
    aud: 'https://login.example/token',
    iat: now.getTime() / 1000,
    // Microsoft's clock may be behind this one.
    nbf: now.getTime() / 1000 - 60,
    exp: now.getTime() / 1000 + 300,
  })
  // Salted signatures always differ, so compare the ids of the assertions.
  const { payload: another } = await jwtVerify(second ?? '', key, { currentDate: now })
  expect(payload.jti).toMatch(/^[\w-]{22}$/)
  expect(another.jti).not.toBe(payload.jti)
})

it('rejects the key of another certificate, and text that is no key or certificate', async () => {
  const [one, other] = [await newCertificate(), await newCertificate()]
  expect(await isKeyPair(other.privateKey, one.certificate)).toBe(false)
  expect(await isKeyPair('-----BEGIN RSA PRIVATE KEY-----', one.certificate)).toBe(false)
  for (const text of [
    '',
    'MIIB',
    one.privateKey,
    '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
    one.certificate.pem.replace(/MII.{40}/, 'MII'),
  ]) {
    expect(await readCertificate(text)).toBeNull()
  }
})

it('rejects a certificate whose key has fewer than 2048 bits', async () => {
  const { certificate } = await newCertificate()
  for (const [modulusLength, fits] of [
    [2048, true],
    [1024, false],
  ] as const) {
    const rsa = { name: 'RSA-PSS', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]) }
    const pair = await crypto.subtle.generateKey({ ...rsa, modulusLength }, true, [
      'verify',
      'sign',
    ])
    const { publicKey } = pair as CryptoKeyPair
    const spki = new Uint8Array((await crypto.subtle.exportKey('spki', publicKey)) as ArrayBuffer)
    expect(await supportsPs256({ ...certificate, publicKey: spki }), `${modulusLength}`).toBe(fits)
  }
})

it('reads a certificate of an elliptic curve, which Entra cannot use', async () => {
  const curve = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = (await crypto.subtle.generateKey(curve, true, ['sign', 'verify'])) as CryptoKeyPair
  const pem = (
    await X509CertificateGenerator.createSelfSigned({
      name: 'CN=mail.example.com',
      keys,
      signingAlgorithm: curve,
      notBefore: now,
      notAfter: new Date('2055-01-02T03:04:05.000Z'),
    })
  ).toString('pem')
  const certificate = await readCertificate(pem)
  // After 2049, times have four digits for the year.
  expect(certificate?.expiresAt).toEqual(new Date('2055-01-02T03:04:05.000Z'))
  expect(certificate && (await supportsPs256(certificate))).toBe(false)
})

it('extracts the key from OpenSSL output, because the signer accepts only the bare PEM block', async () => {
  const { privateKey, certificate } = await newCertificate()
  const exported = `Bag Attributes\r\n    localKeyID: 01\r\n${privateKey.replaceAll('\n', '\r\n')}`
  const read = readPrivateKey(`${exported}\r\n${certificate.pem}`)
  expect(read).toBe(privateKey)
  await importPKCS8(read ?? '', 'PS256')
  expect(readPrivateKey(certificate.pem)).toBeNull()
})

/** Encodes a DER element with the shortest possible length. */
const derElement = (tag: number, bytes: number[]) =>
  bytes.length < 128
    ? [tag, bytes.length, ...bytes]
    : [tag, 0x82, bytes.length >> 8, bytes.length & 255, ...bytes]
const pemOf = (bytes: number[], label = 'CERTIFICATE') =>
  `-----BEGIN ${label}-----\n${btoa(String.fromCharCode(...bytes))}\n-----END ${label}-----`

it('rejects hostile DER quickly and without throwing', async () => {
  let nested: number[] = []
  while (nested.length < 12_000) nested = derElement(0x30, nested)
  const pairs = (a: number, b: number) => Array.from({ length: 6000 }, () => [a, b]).flat()
  for (const bytes of [
    nested,
    pairs(0x30, 0x80),
    derElement(0x30, pairs(0x05, 0x00)),
    [0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
    derElement(0x30, derElement(0x30, [])),
  ]) {
    expect(await readCertificate(pemOf(bytes))).toBeNull()
  }
})

it('rejects trailing bytes: Entra would compute a different thumbprint', async () => {
  const { certificate } = await newCertificate()
  const base64 = certificate.pem.replaceAll(/-----.*-----|\s/g, '')
  const bytes = [...atob(base64)].map((c) => c.charCodeAt(0))
  expect(await readCertificate(pemOf(bytes))).toEqual(certificate)
  expect(await readCertificate(pemOf([...bytes, 0]))).toBeNull()
})
