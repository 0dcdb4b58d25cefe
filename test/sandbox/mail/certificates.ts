/**
 * A certificate authority in memory. Clients must trust its PEM (`NODE_EXTRA_CA_CERTS`, or `ca` of a
 * TLS client). Its certificates follow RFC 5280, since strict clients such as Python require key
 * identifiers. Uses elliptic curves, since RSA keys are slow to generate.
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
  X509CertificateGenerator,
} from '@peculiar/x509'

export type Certificate = { key: string; cert: string }

export type Authority = {
  /** PEM of the CA certificate. */
  ca: string
  /** Issues a server certificate for these names; IPv4 addresses become IP entries. */
  issue: (names: readonly string[], validity?: { from: Date; to: Date }) => Promise<Certificate>
}

const DAY_MS = 86_400_000
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const isAddress = (name: string) => /^[\d.]+$/.test(name)
const generateKeys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
const days = (count: number) => new Date(Date.now() + count * DAY_MS)

export async function createAuthority(name = 'Mailgrant sandbox CA'): Promise<Authority> {
  const caKeys = await generateKeys()
  const ca = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    notBefore: days(-1),
    notAfter: days(30),
    signingAlgorithm: algorithm,
    keys: caKeys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(caKeys.publicKey),
    ],
  })
  return {
    ca: ca.toString('pem'),
    async issue(names, { from, to } = { from: days(-1), to: days(30) }) {
      const keys = await generateKeys()
      const issued = await X509CertificateGenerator.create({
        subject: [{ CN: [names[0] ?? 'unnamed'] }],
        issuer: ca.subjectName,
        notBefore: from,
        notAfter: to,
        signingAlgorithm: algorithm,
        publicKey: keys.publicKey,
        signingKey: caKeys.privateKey,
        extensions: [
          new BasicConstraintsExtension(false, undefined, true),
          new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
          new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
          new SubjectAlternativeNameExtension(
            names.map((value) => ({
              type: isAddress(value) ? ('ip' as const) : ('dns' as const),
              value,
            })),
          ),
          await SubjectKeyIdentifierExtension.create(keys.publicKey),
          await AuthorityKeyIdentifierExtension.create(caKeys.publicKey),
        ],
      })
      const key = await crypto.subtle.exportKey('pkcs8', keys.privateKey)
      return { key: PemConverter.encode(key, 'PRIVATE KEY'), cert: issued.toString('pem') }
    },
  }
}
