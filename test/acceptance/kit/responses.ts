/** Responses of Microsoft in the few words that the steps compare. */
import type { Exchange } from './recorder.ts'

type Refusal = { error?: unknown; error_codes?: unknown }

/** Returns `400 invalid_grant AADSTS70000`, or the status alone. */
export function refusalOf({ status, json }: Exchange): string {
  const { error, error_codes: codes } = (json ?? {}) as Refusal
  const [number] = Array.isArray(codes) ? codes : []
  const words = [
    String(status),
    typeof error === 'string' && /^[a-z_]{1,40}$/.test(error) ? error : '',
    Number.isSafeInteger(number) ? `AADSTS${number}` : '',
  ]
  return words.filter(Boolean).join(' ')
}

/** Returns a member of a response as a string; empty without it. */
export const member = ({ json }: Exchange, name: string): string => {
  const value = ((json ?? {}) as Record<string, unknown>)[name]
  return typeof value === 'string' ? value : ''
}

export const yes = (fits: boolean): string => (fits ? 'yes' : 'no')

/** Returns the claims of a token that is a JWT, and its header. Null if it is not readable. */
export function readJwt(token: string): { header: Claims; claims: Claims } | null {
  const parts = token.split('.')
  if (parts.length !== 3) return null
  try {
    const [header, claims] = parts
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()))
    return { header, claims }
  } catch {
    return null
  }
}

type Claims = Record<string, unknown>

/** Returns the names that are missing, or `all`. */
export const present = (values: Record<string, unknown>, names: readonly string[]): string => {
  const missing = names.filter((name) => values[name] === undefined)
  return missing.length === 0 ? 'all' : `without ${missing.join(', ')}`
}

/** Returns `yes` for an access token that lives 60 to 90 minutes. */
export const livesAnHour = ({ json }: Exchange): string => {
  const seconds = Number(((json ?? {}) as Record<string, unknown>).expires_in)
  return seconds >= 3500 && seconds <= 5400 ? '60 to 90 minutes' : 'another lifetime'
}

const NOT_CONNECTED = /User is authenticated but not connected/

/** Returns what a refused or accepted IMAP login is, without its words. */
export const imapOutcome = ({
  authenticate,
  examine,
}: {
  authenticate: string
  examine: string | null
}) => {
  if (examine !== null)
    return NOT_CONNECTED.test(examine)
      ? 'not connected'
      : /^OK/.test(examine)
        ? 'opened'
        : 'refused at INBOX'
  if (authenticate.startsWith('+')) return 'challenged'
  return authenticate === 'NO AUTHENTICATE failed.'
    ? 'NO AUTHENTICATE failed'
    : 'refused in other words'
}

/** Returns what a refused or accepted SMTP login is, without its words. */
export const smtpOutcome = (reply: string | null) => {
  if (reply === null) return 'no reply'
  const [, code = '', enhanced = ''] = /^(\d{3})[ -](\d\.\d{1,3}\.\d{1,3})?/.exec(reply) ?? []
  const off = /SmtpClientAuthentication is disabled for the (Mailbox|Tenant)/.exec(reply)?.[1]
  return [code, enhanced, off && `disabled for the ${off}`].filter(Boolean).join(' ')
}

/** Returns `400 ErrorMimeContentInvalidBase64String`, or the status alone. */
export function errorOf({ status, json }: Exchange): string {
  const { code } = ((json ?? {}) as { error?: { code?: unknown } }).error ?? {}
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? `${status} ${code}` : `${status}`
}

export const messageOf = ({ json }: Exchange) =>
  String(((json ?? {}) as { error?: { message?: unknown } }).error?.message ?? '')
