import { describe, expect, it } from 'vitest'
import { parseCredential } from '../../../../api/domain/app/credential.ts'
import { makeCertificate } from '../../../../api/entra/certificate.ts'
import { toProblem } from '../../../../api/routes/to-problem.ts'
import { createWorld } from '../../harness.ts'

const DAY = 86_400_000

/** A certificate with an elliptic-curve key, which cannot sign with PS256. */
const EC = `-----BEGIN CERTIFICATE-----
MIIBcTCCARegAwIBAgIUbf7Mz4HWXgVfaoAVUsqxDMIcyMwwCgYIKoZIzj0EAwIw
DTELMAkGA1UEAwwCZWMwIBcNMjYwMTAxMDAwMDAwWhgPMjEyNjExMDExMDI0NDBa
MA0xCzAJBgNVBAMMAmVjMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEtGKxP1QE
N2y4jvScea0m8wb7BHTsdxhWkshhf2EulH+ElX/I4AE/5/6tDOQq/L9+BYvXluxb
ata6wPlXkk+O/6NTMFEwHQYDVR0OBBYEFPYPtKKgvndHNvHMHDcQfI+11VSJMB8G
A1UdIwQYMBaAFPYPtKKgvndHNvHMHDcQfI+11VSJMA8GA1UdEwEB/wQFMAMBAf8w
CgYIKoZIzj0EAwIDSAAwRQIhAPxF+aLEwHTiDtZjoeQ6Ya71pn9wXDrdGf3CeL+8
pceVAiBUgwS6l4tRa1A4lkaawvM0An7g/W7iB+7ZXKTT7k3FuQ==
-----END CERTIFICATE-----`

async function setUp() {
  const { services, clock } = await createWorld()
  const newCertificate = (from: number, until: number) =>
    makeCertificate({
      commonName: 'mail.example.com',
      from: new Date(clock.now.getTime() + from),
      until: new Date(clock.now.getTime() + until),
      serial: services.random(16),
    })
  const parse = async (certificate: string, private_key: string) => {
    const input = { type: 'certificate' as const, certificate, private_key }
    const result = await parseCredential(services, input, '/credential')
    return result.ok ? result : { ok: false, error: toProblem(result.error) }
  }
  return { newCertificate, parse }
}

const invalid = (field: string, message: string) => ({
  ok: false,
  error: {
    errors: [{ pointer: `/credential/${field}`, message: expect.stringContaining(message) }],
  },
})

describe('a certificate entered by the admin', () => {
  it.each([
    ['has expired', [-2 * DAY, -DAY], 'has expired'],
    ['is not valid yet', [DAY, 2 * DAY], 'is not valid before 2026-11-25 09:00 UTC'],
  ] as const)('is refused when it %s', async (_, [from, until], message) => {
    const { newCertificate, parse } = await setUp()
    const { certificate, privateKey } = await newCertificate(from, until)
    expect(await parse(certificate.pem, privateKey)).toMatchObject(invalid('certificate', message))
  })

  it('is accepted when a clock that is ahead made it a moment ago', async () => {
    const { newCertificate, parse } = await setUp()
    const { certificate, privateKey } = await newCertificate(60_000, DAY)
    expect((await parse(certificate.pem, privateKey)).ok).toBe(true)
  })

  it('is refused with a key that Entra cannot use, whatever its private key', async () => {
    const { parse } = await setUp()
    expect(await parse(EC, 'any')).toMatchObject(
      invalid('certificate', 'an RSA key of at least 2048 bits'),
    )
  })

  it.each([
    [
      '-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----',
      'encrypted',
    ],
    ['-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMIIB', 'encrypted'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIB\n-----END RSA PRIVATE KEY-----', 'PKCS#1'],
    ['MIIB', 'not a PKCS#8 key in PEM'],
  ])('is refused with an explanation of the private key %j', async (key, message) => {
    const { newCertificate, parse } = await setUp()
    const { certificate } = await newCertificate(0, DAY)
    expect(await parse(certificate.pem, key)).toMatchObject(invalid('private_key', message))
  })

  it('is refused with the private key of another certificate', async () => {
    const { newCertificate, parse } = await setUp()
    const [one, other] = [await newCertificate(0, DAY), await newCertificate(0, DAY)]
    expect(await parse(one.certificate.pem, other.privateKey)).toMatchObject(
      invalid('private_key', 'is not the key of this certificate'),
    )
  })
})
