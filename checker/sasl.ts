/** SASL messages that IMAP and SMTP share: XOAUTH2 and PLAIN, and the error challenge of XOAUTH2. */
import { encodeBase64 } from '../schema/base64.ts'

/** Longest command line, with its CRLF (RFC 5321, section 4.5.3.1.4). */
export const MAX_COMMAND_OCTETS = 512
/** Longest SASL line that a server must accept, with its CRLF (RFC 4954, section 4). */
export const MAX_SASL_OCTETS = 12_288
/** Longest SASL line that Dovecot reads, in IMAP and SMTP; it closes the connection after a longer one. */
export const DOVECOT_MAX_SASL_OCTETS = 8192

/**
 * Encodes the XOAUTH2 message as Microsoft and Google document it: `user=` and `auth=`, separated by
 * 0x01 bytes. The request schema rejects control characters, so neither value can end its field early.
 */
export function xoauth2(identity: string, accessToken: string): string {
  return encodeBase64(`user=${identity}\u0001auth=Bearer ${accessToken}\u0001\u0001`)
}

/** Encodes the PLAIN message (RFC 4616): empty authorization identity, user name, password. */
export function plain(identity: string, password: string): string {
  return encodeBase64(`\u0000${identity}\u0000${password}`)
}

/**
 * Decodes an error challenge to short JSON: `{"status":"401","schemes":"Bearer"}`. Drops nested values,
 * so a huge challenge costs little. Text that is not JSON is returned as it is.
 */
export function parseChallenge(encoded: string): string | null {
  const text = Buffer.from(encoded, 'base64').toString()
  if (text === '') return null
  try {
    return flattenChallenge(JSON.parse(text))
  } catch {
    return text
  }
}

/** Returns the first ten top-level strings and numbers as JSON, or null if there are none. */
export function flattenChallenge(challenge: unknown): string | null {
  if (typeof challenge !== 'object' || challenge === null) return null
  const flat = Object.entries(challenge)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .slice(0, 10)
  return flat.length > 0 ? JSON.stringify(Object.fromEntries(flat)) : null
}

/**
 * Distinguishes "the server could not check the token" from "the token is bad". Dovecot sends such a challenge when its
 * token service is down; the tagged response is AUTHENTICATIONFAILED in both cases.
 */
export function isServerError(challenge: string | null): boolean {
  if (challenge === null) return false
  const status = /"status":"?([\w-]+)/.exec(challenge)?.[1] ?? ''
  return /^(?:internal_failure|server_error|temporarily_unavailable|5\d\d)$/.test(status)
}
