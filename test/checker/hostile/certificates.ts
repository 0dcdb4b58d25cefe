/** Test certificate authorities and the certificates they issued. Generated once per process. */
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  type X509CertificateCreateWithKeyParams,
  X509CertificateGenerator,
} from '@peculiar/x509'

export type Pair = { key: string; cert: string }

export const HOST = 'mail.test'

const { subtle } = crypto
const DAY = 86_400_000
const days = (count: number) => new Date(Date.now() + count * DAY)

type CertificateOptions = {
  name?: string
  ip?: string
  issuer?: Issued
  from?: Date
  until?: Date
  isCa?: boolean
  rsaBits?: number
  hash?: 'SHA-256' | 'SHA-1'
  /** The one extended key usage; without it, the certificate may be used for everything. */
  purpose?: 'serverAuth' | 'clientAuth' | 'emailProtection'
  /** Signs certificates, but not handshakes. */
  signsOnly?: boolean
}

const ellipticKeys = () =>
  subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])

const rsaKeys = (modulusLength: number) =>
  subtle.generateKey(
    {
      name: 'RSASSA-PKCS1-v1_5',
      modulusLength,
      publicExponent: new Uint8Array([1, 0, 1]),
      hash: 'SHA-256',
    },
    true,
    ['sign', 'verify'],
  )

/** As the library sees it: the types of Node and of workers, which both check this file, differ. */
type Key = X509CertificateCreateWithKeyParams['signingKey']
type Keys = { privateKey: Key; publicKey: Key }
type Issued = Pair & { name: string; keys: Keys }

/** Imports an RSA key once more for another hash: in Web Crypto, a key has one. */
async function signerOf(key: Key, hash: string): Promise<Key> {
  const { name } = key.algorithm
  if (name === 'ECDSA') return key
  const pkcs8 = (await subtle.exportKey('pkcs8', key)) as ArrayBuffer
  return await subtle.importKey('pkcs8', pkcs8, { name, hash }, true, ['sign'])
}

/** Issues a certificate for a new key: elliptic, or RSA of so many bits. Without an issuer it is self-signed. */
export async function issue(options: CertificateOptions): Promise<Issued> {
  const { name = HOST, ip, isCa = false, purpose, hash = 'SHA-256' } = options
  const generated = await (options.rsaBits ? rsaKeys(options.rsaBits) : ellipticKeys())
  const keys = generated as Keys
  const issuer = options.issuer ?? { name, keys }
  const signingKey = await signerOf(issuer.keys.privateKey, hash)
  const certificate = await X509CertificateGenerator.create({
    subject: [{ CN: [name] }],
    issuer: [{ CN: [issuer.name] }],
    notBefore: options.from ?? days(-1),
    notAfter: options.until ?? days(30),
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: { name: signingKey.algorithm.name, hash },
    extensions: isCa
      ? [
          new BasicConstraintsExtension(true, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
        ]
      : [
          new BasicConstraintsExtension(false),
          ...(purpose ? [new ExtendedKeyUsageExtension([ExtendedKeyUsage[purpose]])] : []),
          ...(options.signsOnly ? [new KeyUsagesExtension(KeyUsageFlags.keyCertSign)] : []),
          new SubjectAlternativeNameExtension([
            ip ? { type: 'ip', value: ip } : { type: 'dns', value: name },
          ]),
        ],
  })
  const key = (await subtle.exportKey('pkcs8', keys.privateKey)) as ArrayBuffer
  const pem = PemConverter.encode(key, 'PRIVATE KEY')
  return { name, keys, key: pem, cert: certificate.toString('pem') }
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
    sha1: await issue({ issuer: rsaCa, rsaBits: 2048, hash: 'SHA-1' }),
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
