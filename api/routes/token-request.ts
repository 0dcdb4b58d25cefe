/** Requests to the token endpoint: who asks, for which email account, with which key (RFC 6749). */
import { TokenError } from './token-error.ts'

export type TokenRequest = {
  grantType: 'refresh_token' | 'client_credentials'
  /** ID of the email account, as presented. */
  clientId: string
  /** API key, as presented. */
  key: string
  scope: string | undefined
}

const FORM = /^application\/x-www-form-urlencoded\s*(?:;|$)/i

export const malformed = (detail: string) =>
  new TokenError('invalid_request', { code: 'bad_request', detail })

type Presented = { authorization?: string | undefined; contentType?: string | undefined }

/** Reads a request. Throws the TokenError that ends it. Parameters of other names are ignored (section 3.2). */
export function readTokenRequest({ authorization, contentType }: Presented, body: string) {
  if (!FORM.test(contentType ?? '')) {
    throw malformed('Send the parameters as application/x-www-form-urlencoded.')
  }
  const basic = authorization === undefined ? null : readBasic(authorization)
  const form = readForm(body)
  const grantType = form('grant_type')
  if (grantType === undefined) throw missing('grant_type')
  if (grantType !== 'refresh_token' && grantType !== 'client_credentials') {
    throw new TokenError('unsupported_grant_type', {
      code: 'bad_request',
      detail: 'Use grant_type=refresh_token or grant_type=client_credentials.',
    })
  }
  const clientId = only('client_id', basic?.user, form('client_id'))
  if (clientId === undefined) throw missing('client_id', 'the ID of the email account, ma_...')
  const keyParameter = grantType === 'refresh_token' ? 'refresh_token' : 'client_secret'
  const key =
    grantType === 'refresh_token'
      ? form('refresh_token')
      : only('client_secret', basic?.password, form('client_secret'))
  if (key === undefined) throw missing(keyParameter, 'an API key, mg_key_...')
  return { grantType, clientId, key, scope: form('scope') } satisfies TokenRequest
}

const missing = (name: string, meaning?: string) =>
  malformed(`The parameter ${name} is missing${meaning ? `: ${meaning}` : ''}.`)

/**
 * Returns the value, which may be presented in two places. Throws TokenError if these differ. An empty value counts as
 * absent (section 3.1).
 */
function only(name: string, ...values: (string | undefined)[]): string | undefined {
  const [first, second] = values.filter((value) => value !== undefined && value !== '')
  if (second !== undefined && second !== first) {
    throw malformed(`The Authorization header and the body differ in ${name}. Send one of them.`)
  }
  return first
}

/** Parameters that this endpoint reads; each may be sent once only (section 3.2). */
const PARAMETERS = ['grant_type', 'client_id', 'client_secret', 'refresh_token', 'scope'] as const

function readForm(body: string) {
  const form = new URLSearchParams(body)
  const repeated = PARAMETERS.find((name) => form.getAll(name).length > 1)
  if (repeated) throw malformed(`The parameter ${repeated} is repeated.`)
  return (name: (typeof PARAMETERS)[number]): string | undefined => form.get(name) || undefined
}

/** Reads user and password, each form-encoded (section 2.3.1). Throws the TokenError of another scheme. */
function readBasic(header: string): { user: string; password: string } {
  const [, encoded] = /^basic +([\w+/=-]+)$/i.exec(header) ?? []
  if (encoded === undefined) {
    throw malformed(
      'Only Basic is accepted in the Authorization header here. Send the API key as refresh_token or client_secret.',
    )
  }
  try {
    const bytes = Uint8Array.from(atob(encoded), (char) => char.charCodeAt(0))
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
    // A user name contains no colon (RFC 7617 section 2), a password may.
    const [user = '', ...password] = text.split(':')
    return { user: formDecode(user), password: formDecode(password.join(':')) }
  } catch {
    throw malformed('The Basic credentials cannot be decoded.')
  }
}

const formDecode = (text: string) => decodeURIComponent(text.replaceAll('+', ' '))
