/**
 * Certificates of the app: parsed from PEM, or created for a new key (RFC 5280). Entra uses a certificate
 * only as the container of the public key and its expiry, so it is self-signed, as in Microsoft's own
 * instructions.
 */
import * as asn1 from 'asn1js'
import { decodeBase64, encodeBase64, encodeBase64Url } from '../../schema/base64.ts'

export type Certificate = {
  pem: string
  /** SHA-256 of the DER, base64url: the value of `x5t#S256`. */
  thumbprint: string
  validFrom: Date
  expiresAt: Date
  /** SubjectPublicKeyInfo, DER. */
  publicKey: Uint8Array<ArrayBuffer>
}

type Bytes = Uint8Array<ArrayBuffer>

/** Returns null unless the text is an X.509 certificate in PEM. In a chain, the first one counts. */
export async function readCertificate(text: string): Promise<Certificate | null> {
  const der = unwrap(text, 'CERTIFICATE')
  return der && readDer(der)
}

async function readDer(der: Bytes): Promise<Certificate | null> {
  const { result, offset } = asn1.fromBER(der)
  // Trailing bytes would change the thumbprint, which then matches no certificate at Entra.
  if (offset !== der.byteLength) return null
  const tbs = itemsOf(itemsOf(result)[0])
  // RFC 5280 section 4.1: [version], serial, signature, issuer, validity, subject, public key.
  const first = tbs[0]?.idBlock.tagClass === 3 ? 1 : 0
  const [from, end] = itemsOf(tbs[first + 3])
  const key = tbs[first + 5]
  if (!isTime(from) || !isTime(end) || !key) return null
  return {
    pem: wrap(der, 'CERTIFICATE'),
    thumbprint: encodeBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', der))),
    validFrom: from.toDate(),
    expiresAt: end.toDate(),
    publicKey: new Uint8Array(key.toBER()),
  }
}

const isTime = (block: unknown) =>
  block instanceof asn1.UTCTime || block instanceof asn1.GeneralizedTime

const itemsOf = (block: unknown): asn1.BaseBlock[] =>
  block instanceof asn1.Constructed ? (block.valueBlock.value as asn1.BaseBlock[]) : []

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
}
const SHA256_WITH_RSA = '1.2.840.113549.1.1.11'
const COMMON_NAME = '2.5.4.3'

/** Generates a key pair and its self-signed certificate. `privateKey` is PKCS#8 in PEM. */
export async function makeCertificate(options: {
  commonName: string
  from: Date
  until: Date
  /** 16 random bytes. */
  serial: Bytes
}): Promise<{ privateKey: string; certificate: Certificate }> {
  const keys = (await crypto.subtle.generateKey(RSA, true, ['sign', 'verify'])) as CryptoKeyPair
  const der = (format: 'spki' | 'pkcs8', key: CryptoKey) =>
    crypto.subtle.exportKey(format, key) as Promise<ArrayBuffer>
  const spki = asn1.fromBER(await der('spki', keys.publicKey)).result
  const tbs = tbsOf(options, spki)
  const signature = await crypto.subtle.sign(RSA.name, keys.privateKey, tbs.toBER())
  const whole = new asn1.Sequence({
    value: [tbs, algorithm(), new asn1.BitString({ valueHex: signature })],
  })
  const certificate = await readDer(new Uint8Array(whole.toBER()))
  if (!certificate) throw new Error('cannot read the certificate that was just created')
  const pkcs8 = new Uint8Array(await der('pkcs8', keys.privateKey))
  return { privateKey: wrap(pkcs8, 'PRIVATE KEY'), certificate }
}

function tbsOf(
  { commonName, from, until, serial }: Parameters<typeof makeCertificate>[0],
  publicKey: asn1.BaseBlock,
): asn1.Sequence {
  const name = new asn1.Sequence({
    value: [
      new asn1.Set({
        value: [
          new asn1.Sequence({
            value: [
              new asn1.ObjectIdentifier({ value: COMMON_NAME }),
              new asn1.Utf8String({ value: commonName }),
            ],
          }),
        ],
      }),
    ],
  })
  // RFC 5280 section 4.1.2.2: a serial is positive, so its first bit is 0 and it is not zero.
  const positive = Uint8Array.from(serial, (byte, index) =>
    index === 0 ? (byte & 0x7f) | 1 : byte,
  )
  return new asn1.Sequence({
    value: [
      new asn1.Constructed({
        idBlock: { tagClass: 3, tagNumber: 0 },
        value: [new asn1.Integer({ value: 2 })],
      }),
      new asn1.Integer({ valueHex: positive.buffer }),
      algorithm(),
      name,
      new asn1.Sequence({
        value: [new asn1.UTCTime({ valueDate: from }), new asn1.UTCTime({ valueDate: until })],
      }),
      name,
      publicKey,
    ],
  })
}

const algorithm = () =>
  new asn1.Sequence({
    value: [new asn1.ObjectIdentifier({ value: SHA256_WITH_RSA }), new asn1.Null()],
  })

/** Extracts the PKCS#8 key from text that may surround it. Returns null if there is none. */
export function readPrivateKey(text: string): string | null {
  const der = unwrap(text, 'PRIVATE KEY')
  return der && wrap(der, 'PRIVATE KEY')
}

const PSS = { name: 'RSA-PSS', hash: 'SHA-256' }

const verifierOf = ({ publicKey }: Certificate) =>
  crypto.subtle.importKey('spki', publicKey, PSS, false, ['verify'])

/** Checks that the key supports PS256: RSA with at least 2048 bits (RFC 7518 section 3.5). */
export async function supportsPs256(certificate: Certificate): Promise<boolean> {
  try {
    const { algorithm } = await verifierOf(certificate)
    return (algorithm as CryptoKeyRsaKeyAlgorithm).modulusLength >= 2048
  } catch {
    return false
  }
}

/** Checks that a PKCS#8 key (PEM) belongs to the certificate. */
export async function isKeyPair(privateKey: string, certificate: Certificate): Promise<boolean> {
  const der = unwrap(privateKey, 'PRIVATE KEY')
  if (!der) return false
  try {
    const signs = await crypto.subtle.importKey('pkcs8', der, PSS, false, ['sign'])
    const checks = await verifierOf(certificate)
    const pss = { name: 'RSA-PSS', saltLength: 32 }
    const signature = await crypto.subtle.sign(pss, signs, certificate.publicKey)
    return await crypto.subtle.verify(pss, checks, signature, certificate.publicKey)
  } catch {
    return false
  }
}

/** Decodes a PEM block (RFC 7468). Returns null if the text has no such block. */
function unwrap(text: string, label: string): Bytes | null {
  const block = new RegExp(`-----BEGIN ${label}-----([A-Za-z0-9+/=\\s]+)-----END ${label}-----`)
  const base64 = block.exec(text)?.[1]?.replace(/\s+/g, '')
  if (!base64) return null
  try {
    return decodeBase64(base64)
  } catch {
    return null
  }
}

function wrap(der: Bytes, label: string): string {
  const lines = encodeBase64(der).match(/.{1,64}/g)
  return `-----BEGIN ${label}-----\n${lines?.join('\n')}\n-----END ${label}-----\n`
}
