/**
 * Certificate authorities in memory. Clients must trust their PEM (`NODE_EXTRA_CA_CERTS`, or `ca` of a TLS
 * client). Their certificates have key identifiers (RFC 5280), which strict clients such as Python require.
 */
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509CertificateCreateWithKeyParams,
  X509CertificateGenerator,
} from '@peculiar/x509'

export type Certificate = { key: string; cert: string }

const { subtle } = crypto
const DAY_MS = 86_400_000
const days = (count: number) => new Date(Date.now() + count * DAY_MS)
const isAddress = (name: string) => /^[\d.]+$/.test(name)

export type CertificateOptions = {
  /** IPv4 addresses become IP entries. */
  names: readonly string[]
  issuer?: Issued
  from?: Date
  until?: Date
  isCa?: boolean
  /** Elliptic curves by default, since RSA keys are slow to generate. */
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

/** The library's type of a key. The types of Node and of workers, which both check this file, differ. */
type Key = X509CertificateCreateWithKeyParams['signingKey']
type Keys = { privateKey: Key; publicKey: Key }
type Issued = Certificate & { name: string; keys: Keys }

/** Imports an RSA key once more for another hash, since in Web Crypto, a key has one. */
async function signerOf(key: Key, hash: string): Promise<Key> {
  const { name } = key.algorithm
  if (name === 'ECDSA') return key
  const pkcs8 = (await subtle.exportKey('pkcs8', key)) as ArrayBuffer
  return await subtle.importKey('pkcs8', pkcs8, { name, hash }, true, ['sign'])
}

/** Issues a certificate for a new key: elliptic, or RSA of so many bits. Without an issuer it is self-signed. */
export async function issue(options: CertificateOptions): Promise<Issued> {
  const { names, isCa = false, purpose, hash = 'SHA-256' } = options
  const [name = 'unnamed'] = names
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
    extensions: [
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.keys.publicKey),
      new BasicConstraintsExtension(isCa, undefined, true),
      ...(isCa
        ? [new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true)]
        : [
            ...(purpose ? [new ExtendedKeyUsageExtension([ExtendedKeyUsage[purpose]])] : []),
            ...(options.signsOnly ? [new KeyUsagesExtension(KeyUsageFlags.keyCertSign)] : []),
            new SubjectAlternativeNameExtension(
              names.map((value) => ({
                type: isAddress(value) ? ('ip' as const) : ('dns' as const),
                value,
              })),
            ),
          ]),
    ],
  })
  const key = (await subtle.exportKey('pkcs8', keys.privateKey)) as ArrayBuffer
  const pem = PemConverter.encode(key, 'PRIVATE KEY')
  return { name, keys, key: pem, cert: certificate.toString('pem') }
}

export type Authority = {
  /** PEM of the CA certificate. */
  ca: string
  /** Issues a certificate for a server with these names. */
  issue: (names: readonly string[]) => Promise<Certificate>
}

export async function createAuthority(name = 'Mailgrant sandbox CA'): Promise<Authority> {
  const issuer = await issue({ names: [name], isCa: true })
  return { ca: issuer.cert, issue: (names) => issue({ names, issuer, purpose: 'serverAuth' }) }
}
