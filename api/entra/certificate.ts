/**
 * Certificates of the app: parsed from PEM, or created for a new key (RFC 5280). Entra uses a certificate
 * only as the container of the public key and its expiry, so it is self-signed, as in Microsoft's own
 * instructions.
 */
import { X509Certificate } from 'node:crypto'
import { decodeBase64, encodeBase64, encodeBase64Url } from '../../schema/base64.ts'
import {
  BIT_STRING,
  EXPLICIT_0,
  element,
  INTEGER,
  NULL,
  OID,
  SEQUENCE,
  SET,
  UTF8_STRING,
  utcTime,
} from './der.ts'

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

/** Returns null unless the text is an X.509 certificate in PEM. Reads the first certificate of a chain. */
export async function readCertificate(text: string): Promise<Certificate | null> {
  const der = unwrap(text, 'CERTIFICATE')
  return der && readDer(der)
}

async function readDer(der: Bytes): Promise<Certificate | null> {
  const x509 = parseX509(der)
  // Trailing bytes would change the thumbprint, which then matches no certificate at Entra.
  if (x509?.raw.byteLength !== der.byteLength) return null
  return {
    pem: wrap(der, 'CERTIFICATE'),
    thumbprint: encodeBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', der))),
    validFrom: new Date(x509.validFrom),
    expiresAt: new Date(x509.validTo),
    publicKey: publicKeyOf(x509),
  }
}

function parseX509(der: Bytes): X509Certificate | null {
  try {
    return new X509Certificate(der)
  } catch {
    return null
  }
}

/** Returns no bytes if the runtime does not know the kind of key. `supportsPs256` then rejects the certificate. */
function publicKeyOf(x509: X509Certificate): Bytes {
  try {
    return new Uint8Array(x509.publicKey.export({ type: 'spki', format: 'der' }))
  } catch {
    return new Uint8Array()
  }
}

const RSA = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  modulusLength: 2048,
  publicExponent: new Uint8Array([1, 0, 1]),
}
/** sha256WithRSAEncryption, 1.2.840.113549.1.1.11, with the NULL that RFC 4055 section 5 requires. */
const SHA256_WITH_RSA = element(
  SEQUENCE,
  element(OID, [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b]),
  element(NULL),
)
/** commonName, 2.5.4.3. */
const COMMON_NAME = element(OID, [0x55, 0x04, 0x03])

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
  const tbs = tbsCertificate(options, new Uint8Array(await der('spki', keys.publicKey)))
  const signature = new Uint8Array(await crypto.subtle.sign(RSA.name, keys.privateKey, tbs))
  // The first byte of a BIT STRING is the number of unused bits.
  const whole = element(SEQUENCE, tbs, SHA256_WITH_RSA, element(BIT_STRING, [0], signature))
  const certificate = await readDer(whole)
  if (!certificate) throw new Error('cannot read the certificate that was just created')
  const pkcs8 = new Uint8Array(await der('pkcs8', keys.privateKey))
  return { privateKey: wrap(pkcs8, 'PRIVATE KEY'), certificate }
}

/** Returns the part that is signed (RFC 5280 section 4.1). */
function tbsCertificate(
  { commonName, from, until, serial }: Parameters<typeof makeCertificate>[0],
  publicKey: Bytes,
): Bytes {
  const attribute = element(
    SEQUENCE,
    COMMON_NAME,
    element(UTF8_STRING, new TextEncoder().encode(commonName)),
  )
  const name = element(SEQUENCE, element(SET, attribute))
  // RFC 5280 section 4.1.2.2: a serial is positive, so its first bit is 0 and it is not zero.
  const positive = serial.map((byte, index) => (index === 0 ? (byte & 0x7f) | 1 : byte))
  return element(
    SEQUENCE,
    // Version 3.
    element(EXPLICIT_0, element(INTEGER, [2])),
    element(INTEGER, positive),
    SHA256_WITH_RSA,
    name,
    element(SEQUENCE, utcTime(from), utcTime(until)),
    name,
    publicKey,
  )
}

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
