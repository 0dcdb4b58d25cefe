/**
 * Certificates for new keys of the app (RFC 5280). Entra uses a certificate only as the container of the public key and
 * its expiry, so it is self-signed, as in Microsoft's own instructions.
 */
import { encodeBase64, encodeBase64Url } from '../../schema/base64.ts'

type Bytes = Uint8Array<ArrayBuffer>

// The part of DER (ITU-T X.690) that writing a certificate takes. Nothing here reads DER. asn1js would add 17 KiB of gzip
// to the Worker, and `@peculiar/x509`, which verifies the result in tests, 41.

/** Identifier octets, with the bit for constructed types in SEQUENCE, SET and the context tag [0]. */
const INTEGER = 0x02
const BIT_STRING = 0x03
const NULL = 0x05
const OID = 0x06
const UTF8_STRING = 0x0c
const UTC_TIME = 0x17
const SEQUENCE = 0x30
const SET = 0x31
const EXPLICIT_0 = 0xa0

/** Encodes an element: its tag, length and contents one after the other. Throws above 65535 bytes. */
function element(tag: number, ...contents: ArrayLike<number>[]): Bytes {
  const length = contents.reduce((sum, part) => sum + part.length, 0)
  const header = [tag, ...lengthOctets(length)]
  const bytes = new Uint8Array(header.length + length)
  let offset = 0
  for (const part of [header, ...contents]) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

/** Encodes a length (X.690 section 8.1.3). From 128 on, the first octet is the number of those that follow. */
function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length]
  if (length < 0x100) return [0x81, length]
  if (length < 0x10000) return [0x82, length >> 8, length & 0xff]
  throw new RangeError('too long for a certificate')
}

/** Encodes a time before 2050 (RFC 5280 section 4.1.2.5.1), without its fraction of a second. */
function utcTime(time: Date): Bytes {
  const digits = time.toISOString().replace(/\D/g, '').slice(2, 14)
  return element(UTC_TIME, new TextEncoder().encode(`${digits}Z`))
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
