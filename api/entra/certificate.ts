/**
 * Certificates for new keys of the app (RFC 5280). Entra uses a certificate only as the container of the public key and
 * its expiry, so it is self-signed, as in Microsoft's own instructions.
 */
import { encodeBase64, encodeBase64Url } from '../../schema/base64.ts'
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

type Bytes = Uint8Array<ArrayBuffer>

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

/**
 * Generates a key pair and its self-signed certificate. `privateKey` (PKCS#8) and `certificate` are PEM. `thumbprint`
 * is the SHA-256 of the certificate's DER in base64url, the value of `x5t#S256`.
 */
export async function makeCertificate(options: {
  commonName: string
  from: Date
  until: Date
  /** 16 random bytes. */
  serial: Bytes
}): Promise<{ privateKey: string; certificate: string; thumbprint: string }> {
  const keys = (await crypto.subtle.generateKey(RSA, true, ['sign', 'verify'])) as CryptoKeyPair
  const exportKey = async (format: 'spki' | 'pkcs8', key: CryptoKey) =>
    new Uint8Array((await crypto.subtle.exportKey(format, key)) as ArrayBuffer)
  const tbs = tbsCertificate(options, await exportKey('spki', keys.publicKey))
  const signature = new Uint8Array(await crypto.subtle.sign(RSA.name, keys.privateKey, tbs))
  // The first byte of a BIT STRING is the number of unused bits.
  const der = element(SEQUENCE, tbs, SHA256_WITH_RSA, element(BIT_STRING, [0], signature))
  return {
    privateKey: toPem(await exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY'),
    certificate: toPem(der, 'CERTIFICATE'),
    thumbprint: encodeBase64Url(new Uint8Array(await crypto.subtle.digest('SHA-256', der))),
  }
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

/** Encodes a PEM block (RFC 7468). */
function toPem(der: Bytes, label: string): string {
  const lines = encodeBase64(der).match(/.{1,64}/g)
  return `-----BEGIN ${label}-----\n${lines?.join('\n')}\n-----END ${label}-----\n`
}
