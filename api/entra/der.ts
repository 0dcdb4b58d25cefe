/**
 * The part of DER (ITU-T X.690) that is needed to write a certificate. Nothing here reads DER. asn1js would add 17 KiB
 * of gzip to the Worker, and `@peculiar/x509`, which verifies the result in tests, 41.
 */

type Bytes = Uint8Array<ArrayBuffer>

/** Identifier octets. SEQUENCE and SET are constructed, and so is the context tag [0]. */
export const INTEGER = 0x02
export const BIT_STRING = 0x03
export const NULL = 0x05
export const OID = 0x06
export const UTF8_STRING = 0x0c
const UTC_TIME = 0x17
export const SEQUENCE = 0x30
export const SET = 0x31
export const EXPLICIT_0 = 0xa0

/** Encodes an element: its tag, length and contents one after the other. Throws above 65535 bytes. */
export function element(tag: number, ...contents: ArrayLike<number>[]): Bytes {
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

/** X.690 section 8.1.3: one octet below 128, else the number of octets that follow, in as few as possible. */
function lengthOctets(length: number): number[] {
  if (length < 0x80) return [length]
  if (length < 0x100) return [0x81, length]
  if (length < 0x10000) return [0x82, length >> 8, length & 0xff]
  throw new RangeError('too long for a certificate')
}

/** Encodes a time before 2050 (RFC 5280 section 4.1.2.5.1), without its fraction of a second. */
export function utcTime(time: Date): Bytes {
  const digits = time.toISOString().replace(/\D/g, '').slice(2, 14)
  return element(UTC_TIME, new TextEncoder().encode(`${digits}Z`))
}
