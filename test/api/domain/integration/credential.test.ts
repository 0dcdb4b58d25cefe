import { describe, expect, it } from 'vitest'
import { parseCredential } from '../../../../api/domain/integration/credential.ts'
import { makeCertificate } from '../../../../api/entra/certificate.ts'
import { toProblem } from '../../../../api/routes/to-problem.ts'
import { createWorld } from '../../harness.ts'

const DAY = 86_400_000

/** Of an elliptic curve, with which PS256 cannot be made. */
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
const RSA_1024 = `-----BEGIN CERTIFICATE-----
MIIB/jCCAWegAwIBAgIUHoiuEzwnRbkuXpK/jV2yWB6a1OUwDQYJKoZIhvcNAQEL
BQAwEDEOMAwGA1UEAwwFc21hbGwwIBcNMjYwMTAxMDAwMDAwWhgPMjEyNjExMDEx
MDI1MjZaMBAxDjAMBgNVBAMMBXNtYWxsMIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB
iQKBgQCqtf8edCMTQlB+PmuYzMdAAHPPvGBE9Cn/sF+fqKjQYeoBzZNG95CI0wJr
kDRZCy7/OfavOo7+uSe7OWnlRJAHy4mEuhcJY/+gCyEDVjYIyQkHmMiBgr6cTZrG
j8y6tCg8sGNn4FYaKe6XqtjSdns7y9pw2P53j6cImLHV6usZuQIDAQABo1MwUTAd
BgNVHQ4EFgQUWnarFcSDvxERA4SbgjSXkkqtCUQwHwYDVR0jBBgwFoAUWnarFcSD
vxERA4SbgjSXkkqtCUQwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOB
gQCjWmlGjq5iNTKSD3kOEwRQB9LD0Yk/Q8VcAzInH6U4aExGj822WmDB3FgHCI7V
QirY19UL735Y3a1643vMTXt53GqI0oYtbkWM8WmT7eOr8WaU8Yl/Crwc/PNbnDGv
7PNcOfjRV2MdLYwe4Cp6BcDrZaD/wczSHDOxq+dobqIFCg==
-----END CERTIFICATE-----`

async function world() {
  const { services, clock } = await createWorld()
  const made = (from: number, until: number) =>
    makeCertificate({
      commonName: 'mail.example.com',
      from: new Date(clock.now.getTime() + from),
      until: new Date(clock.now.getTime() + until),
      serial: services.random(16),
    })
  const take = async (certificate: string, private_key: string) => {
    const input = { type: 'certificate' as const, certificate, private_key }
    const result = await parseCredential(services, input, '/credential')
    return result.ok ? result : { ok: false, error: toProblem(result.error) }
  }
  return { made, take }
}

const wrong = (field: string, message: string) => ({
  ok: false,
  error: {
    errors: [{ pointer: `/credential/${field}`, message: expect.stringContaining(message) }],
  },
})

describe('a certificate of the admin', () => {
  it.each([
    ['has ended', [-2 * DAY, -DAY], 'has expired'],
    ['is not valid yet', [DAY, 2 * DAY], 'is not valid before 2026-11-25 09:00 UTC'],
  ] as const)('is refused when it %s', async (_, [from, until], message) => {
    const { made, take } = await world()
    const { certificate, privateKey } = await made(from, until)
    expect(await take(certificate.pem, privateKey)).toMatchObject(wrong('certificate', message))
  })

  it('is taken when it was made a moment ago by a clock that is ahead', async () => {
    const { made, take } = await world()
    const { certificate, privateKey } = await made(60_000, DAY)
    expect((await take(certificate.pem, privateKey)).ok).toBe(true)
  })

  it.each([
    ['an elliptic curve', EC],
    ['too small an RSA key', RSA_1024],
  ])('is refused with %s, whatever its private key', async (_, pem) => {
    const { take } = await world()
    expect(await take(pem, 'any')).toMatchObject(
      wrong('certificate', 'an RSA key of at least 2048 bits'),
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
  ])('says what is wrong with the key %j', async (key, message) => {
    const { made, take } = await world()
    const { certificate } = await made(0, DAY)
    expect(await take(certificate.pem, key)).toMatchObject(wrong('private_key', message))
  })

  it('is refused with the key of another one', async () => {
    const { made, take } = await world()
    const [one, other] = [await made(0, DAY), await made(0, DAY)]
    expect(await take(one.certificate.pem, other.privateKey)).toMatchObject(
      wrong('private_key', 'is not the key of this certificate'),
    )
  })
})
