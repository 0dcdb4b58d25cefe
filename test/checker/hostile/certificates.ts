/** Test certificate authorities and the certificates they issued. Generated once per process. */
import { generate } from 'selfsigned'

export type Pair = { key: string; cert: string }

export const HOST = 'mail.test'

const DAY = 86_400_000
const days = (count: number) => new Date(Date.now() + count * DAY)

type CertificateOptions = {
  name?: string
  ip?: string
  issuer?: Pair
  from?: Date
  until?: Date
  isCa?: boolean
  rsaBits?: number
  hash?: 'sha256' | 'sha1'
  /** The one extended key usage; without it, the certificate may be used for everything. */
  purpose?: 'serverAuth' | 'clientAuth' | 'emailProtection'
  /** Signs certificates, but not handshakes. */
  signsOnly?: boolean
}

async function issue(options: CertificateOptions): Promise<Pair> {
  const { name = HOST, ip, issuer, isCa = false, rsaBits, purpose, hash = 'sha256' } = options
  const generated = await generate([{ name: 'commonName', value: name }], {
    ...(rsaBits ? { keyType: 'rsa', keySize: rsaBits } : { keyType: 'ec', curve: 'P-256' }),
    algorithm: hash,
    notBeforeDate: options.from ?? days(-1),
    notAfterDate: options.until ?? days(30),
    ...(issuer ? { ca: issuer } : {}),
    extensions: isCa
      ? [
          { name: 'basicConstraints', cA: true, critical: true },
          { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
        ]
      : [
          { name: 'basicConstraints', cA: false },
          ...(purpose ? [{ name: 'extKeyUsage' as const, [purpose]: true }] : []),
          ...(options.signsOnly ? [{ name: 'keyUsage' as const, keyCertSign: true }] : []),
          { name: 'subjectAltName', altNames: [ip ? { type: 7, ip } : { type: 2, value: name }] },
        ],
  })
  return { key: generated.private, cert: generated.cert }
}

const withChain = ({ key, cert }: Pair, issuer: Pair): Pair => ({
  key,
  cert: `${cert}\n${issuer.cert}`,
})

async function generateAll() {
  const ca = await issue({ name: 'Mailgrant Test CA', isCa: true })
  const unknownCa = await issue({ name: 'Unknown CA', isCa: true })
  // The issuer's key type determines the signature, so RSA needs its own authority.
  const rsaCa = await issue({ name: 'RSA Test CA', isCa: true, rsaBits: 2048 })
  const intermediate = await issue({ name: 'Intermediate CA', isCa: true, issuer: ca })
  const noCa = await issue({ name: 'No CA', issuer: ca })
  const weakIntermediate = await issue({
    name: 'Weak CA',
    isCa: true,
    issuer: rsaCa,
    rsaBits: 1024,
  })
  return {
    authorities: [ca.cert, rsaCa.cert],
    good: await issue({ issuer: ca }),
    selfSigned: await issue({}),
    untrusted: await issue({ issuer: unknownCa }),
    localhost: await issue({ name: 'localhost', issuer: ca }),
    loopback: await issue({ ip: '127.0.0.1', issuer: ca }),
    otherName: await issue({ name: 'other.test', issuer: ca }),
    expired: await issue({ issuer: ca, from: days(-10), until: days(-1) }),
    future: await issue({ issuer: ca, from: days(1), until: days(10) }),
    weak: await issue({ issuer: rsaCa, rsaBits: 1024 }),
    rsa: await issue({ issuer: rsaCa, rsaBits: 2048 }),
    sha1: await issue({ issuer: rsaCa, rsaBits: 2048, hash: 'sha1' }),
    forClients: await issue({ issuer: ca, purpose: 'clientAuth' }),
    forMail: await issue({ issuer: ca, purpose: 'emailProtection' }),
    forServers: await issue({ issuer: ca, purpose: 'serverAuth' }),
    signsOnly: await issue({ issuer: ca, signsOnly: true }),
    asCa: await issue({ issuer: ca, isCa: true }),
    weakIssuer: withChain(
      await issue({ issuer: weakIntermediate, rsaBits: 2048 }),
      weakIntermediate,
    ),
    issuedByLeaf: withChain(await issue({ issuer: noCa }), noCa),
    incompleteChain: await issue({ issuer: intermediate }),
  }
}

let cached: ReturnType<typeof generateAll> | undefined

export function certificates() {
  cached ??= generateAll()
  return cached
}
