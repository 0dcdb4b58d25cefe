import { hash, X509Certificate } from 'node:crypto'
import { X509Certificate as PeculiarCertificate } from '@peculiar/x509'
import { importPKCS8, importX509, jwtVerify } from 'jose'
import { expect, it } from 'vitest'
import { makeCertificate } from '../../../api/entra/certificate.ts'
import { privateKeyJwt } from '../../../api/entra/client-auth.ts'

const now = new Date('2026-11-24T09:00:00.000Z')
const until = new Date('2028-11-24T09:00:00.000Z')
const random = (n: number) => crypto.getRandomValues(new Uint8Array(n))
const newCertificate = (serial = random(16)) =>
  makeCertificate({
    commonName: 'mail.example.com',
    from: now,
    until,
    serial,
  })

it('makes a certificate and a private key that other libraries can read', async () => {
  const { privateKey, certificate, thumbprint } = await newCertificate()
  expect(certificate).toMatch(
    /^-----BEGIN CERTIFICATE-----\n[\w+/=\n]+-----END CERTIFICATE-----\n$/,
  )
  expect(privateKey).toContain('-----BEGIN PRIVATE KEY-----')
  const known = new X509Certificate(certificate)
  expect(thumbprint).toBe(hash('sha256', known.raw, 'base64url'))
  const read = new PeculiarCertificate(certificate)
  expect(await read.verify({ date: new Date('2027-01-01T00:00:00.000Z') })).toBe(true)
  expect([read.subject, read.issuer]).toEqual(['CN=mail.example.com', 'CN=mail.example.com'])
  expect([read.notBefore, read.notAfter]).toEqual([now, until])
  await importPKCS8(privateKey, 'PS256')
  await importX509(certificate, 'PS256')
})

it.each([
  [0x00, '01'],
  [0x80, '01'],
  [0xff, '7F'],
])('makes a positive serial number even when every random byte is %i', async (byte, first) => {
  const { certificate } = await newCertificate(new Uint8Array(16).fill(byte))
  const rest = byte.toString(16).padStart(2, '0').toUpperCase().repeat(15)
  expect(new X509Certificate(certificate).serialNumber).toBe(first + rest)
})

it('authenticates with a single-use assertion for this endpoint that expires after five minutes', async () => {
  const { privateKey, certificate, thumbprint } = await newCertificate()
  const auth = privateKeyJwt('the-client', { privateKey, thumbprint }, random)
  const bodies = [new URLSearchParams(), new URLSearchParams()]
  for (const body of bodies) await auth(body, 'https://login.example/token', now)
  const [first, second] = bodies.map((body) => body.get('client_assertion') ?? '')
  expect(bodies[0]?.get('client_assertion_type')).toBe(
    'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  )
  expect(bodies[0]?.get('client_secret')).toBeNull()
  const key = await importX509(certificate, 'PS256')
  const { payload, protectedHeader } = await jwtVerify(first ?? '', key, { currentDate: now })
  expect(protectedHeader).toEqual({
    alg: 'PS256',
    typ: 'JWT',
    'x5t#S256': thumbprint,
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
