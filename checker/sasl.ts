/** The SASL messages that both protocols share: XOAUTH2 out, its error challenge in. */

/**
 * Microsoft and Google document the same form: `user=` and `auth=` between 0x01 bytes. The schema
 * of the request has refused control characters, so neither value can end its field early.
 */
export function xoauth2(identity: string, accessToken: string): string {
  return base64(`user=${identity}\u0001auth=Bearer ${accessToken}\u0001\u0001`)
}

/** RFC 4616: no authorization identity, then name and password. */
export function plain(identity: string, password: string): string {
  return base64(`\u0000${identity}\u0000${password}`)
}

export const base64 = (text: string) => Buffer.from(text).toString('base64')

/**
 * The error challenge as short JSON: `{"status":"401","schemes":"Bearer"}`. Only top-level plain
 * values are kept, so a huge or deeply nested one costs nothing. What is not JSON comes as it is.
 */
export function readChallenge(encoded: string): string | null {
  const text = Buffer.from(encoded, 'base64').toString()
  if (text === '') return null
  try {
    return shallow(JSON.parse(text))
  } catch {
    return text
  }
}

export function shallow(challenge: unknown): string | null {
  if (typeof challenge !== 'object' || challenge === null) return null
  const flat = Object.entries(challenge)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number')
    .slice(0, 10)
  return flat.length > 0 ? JSON.stringify(Object.fromEntries(flat)) : null
}

/**
 * Whether the challenge says that the server could not check the token, rather than that the
 * token is bad. Dovecot answers so when its token service is down; the tagged answer that follows
 * is the same AUTHENTICATIONFAILED in both cases.
 */
export function saysServerTrouble(challenge: string | null): boolean {
  if (challenge === null) return false
  const status = /"status":"?([\w-]+)/.exec(challenge)?.[1] ?? ''
  return /^(?:internal_failure|server_error|temporarily_unavailable|5\d\d)$/.test(status)
}
