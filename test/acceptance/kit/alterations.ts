/** Alterations of the sandbox, by the automatic statement that no longer holds with it. */
import type { AutomaticId } from '../assumptions.ts'
import type { Interception } from './sandbox.ts'

type Json = Record<string, unknown>
type Call = { url: URL; form: URLSearchParams; headers: Headers; status: number }
/** Returns the new body, with another status if it has one; undefined to leave the response as it is. */
type Change = (body: Json, call: Call) => { body: Json; status?: number } | undefined

/** Alters JSON responses. */
const responses = (change: Change): Interception => ({
  fetch: (fetch) => async (input, init) => {
    const response = await fetch(input, init)
    const headers = new Headers(init?.headers)
    const isForm = headers.get('content-type')?.includes('urlencoded') === true
    const call: Call = {
      url: new URL(String(input)),
      form: new URLSearchParams(isForm ? String(init?.body) : ''),
      headers,
      status: response.status,
    }
    const text = await response.clone().text()
    const changed = change(text.startsWith('{') ? JSON.parse(text) : {}, call)
    if (!changed) return response
    const { body, status = response.status } = changed
    return Response.json(body, { status })
  },
})

/** Replaces error_codes in refusals whose first code is `from`. Their text stays. */
const renumbered = (from: number, to = 90_000): Interception =>
  responses((body) =>
    Array.isArray(body.error_codes) && body.error_codes[0] === from
      ? { body: { ...body, error_codes: [to] } }
      : undefined,
  )

const grants = (type: string, change: (body: Json, call: Call) => Json | undefined) =>
  responses((body, call) => {
    if (call.form.get('grant_type') !== type || call.status !== 200) return undefined
    const changed = change(body, call)
    return changed && { body: changed }
  })

const without = (body: Json, name: string): Json =>
  Object.fromEntries(Object.entries(body).filter(([key]) => key !== name))

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Changes header or claims of a token. Its signature is then wrong. */
function retoken(token: unknown, change: { header?: Json; claims?: Json }): string {
  const [header = '', claims = ''] = String(token).split('.')
  const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString() || '{}')
  return `${encode({ ...read(header), ...change.header })}.${encode({ ...read(claims), ...change.claims })}.x`
}

const idToken = (change: { header?: Json; claims?: Json }) =>
  grants('authorization_code', (body) => ({ ...body, id_token: retoken(body.id_token, change) }))

const refreshes = (change: (body: Json, call: Call) => Json | undefined) =>
  grants('refresh_token', change)

const isPersonal = ({ url }: Call) => url.pathname.startsWith('/consumers/')
const refused = {
  error: 'invalid_grant',
  error_codes: [70000],
  error_description: 'AADSTS70000: No.',
}

const line = (protocol: string, pattern: RegExp, replacement: string): Interception => ({
  receive: (of, text) => (of === protocol ? text.replace(pattern, replacement) : text),
})

const metadata = (fits: (segment: string) => boolean, issuer: string) =>
  responses((body, { url }) =>
    url.pathname.endsWith('openid-configuration') && fits(url.pathname.split('/')[1] ?? '')
      ? { body: { ...body, issuer } }
      : undefined,
  )

/** Alters the errors of Graph. */
const graphError = (from: string, change: (error: Json) => { error: Json; status?: number }) =>
  responses((body) => {
    const { error } = body as { error?: Json }
    if (error?.code !== from) return undefined
    const { error: changed, status } = change(error)
    return { body: { error: changed }, ...(status !== undefined && { status }) }
  })

const GUID = '00000000-1111-2222-3333-444444444444'

export const alterations: Readonly<Record<AutomaticId, Interception>> = {
  'issuer-placeholder': metadata(
    (segment) => segment === 'common',
    `https://login.test/${GUID}/v2.0`,
  ),
  'tenant-by-domain': metadata(
    (segment) => segment.includes('.'),
    'https://login.test/{tenantid}/v2.0',
  ),
  'keys-have-issuers': responses((body, { url }) =>
    url.pathname.endsWith('/keys')
      ? { body: { keys: (body.keys as Json[]).map((key) => without(key, 'issuer')) } }
      : undefined,
  ),
  'callback-parameters': {
    redirect: (url) => void (url.searchParams.has('code') && url.searchParams.append('state', 'x')),
  },
  'callback-issuer': {
    redirect: (url) =>
      void (url.searchParams.has('code') && url.searchParams.set('iss', 'https://login.test/v2.0')),
  },

  'token-response': grants('authorization_code', (body) => without(body, 'expires_in')),
  'access-token-lifetime': grants('authorization_code', (body) => ({
    ...body,
    expires_in: 86_400,
  })),
  'work-token-is-readable': grants('authorization_code', (body) => ({
    ...body,
    access_token: 'opaque',
  })),
  'app-token-is-readable': grants('client_credentials', (body) => ({
    ...body,
    access_token: 'opaque',
  })),
  'id-token-claims': idToken({ claims: { oid: undefined } }),
  'id-token-algorithm': idToken({ header: { alg: 'PS256' } }),
  'id-token-issuer': idToken({ claims: { iss: 'https://login.test/v2.0' } }),
  'personal-tenant': idToken({ claims: { tid: GUID } }),
  'code-once': renumbered(54005),
  'newest-refresh-token': refreshes((body, call) =>
    isPersonal(call) ? undefined : without(body, 'refresh_token'),
  ),
  'refresh-token-personal': refreshes((body, call) =>
    isPersonal(call) ? without(body, 'refresh_token') : undefined,
  ),
  'refresh-token-serves-both': responses((_, { form }) =>
    form.get('grant_type') === 'refresh_token' ? { body: refused, status: 400 } : undefined,
  ),
  'refresh-at-own-tenant': responses((_, { form }) =>
    form.get('grant_type') === 'refresh_token' ? { body: refused, status: 400 } : undefined,
  ),
  'missing-consent-work': renumbered(65001),
  'missing-consent-personal': renumbered(70000),
  'error-members': responses((body) =>
    body.error_codes ? { body: without(body, 'trace_id') } : undefined,
  ),
  'number-in-description': responses((body) =>
    body.error_codes ? { body: { ...body, error_description: 'It did not work.' } } : undefined,
  ),
  'secret-wrong': renumbered(7000215),
  'secret-missing': renumbered(7000218),
  'client-unknown': renumbered(700016),
  'tenant-unknown': renumbered(90002),
  'grant-type-unsupported': renumbered(70003),
  'no-origin': responses((body, { headers }) =>
    headers.has('origin') ? { body: { ...body, access_token: 'x' }, status: 200 } : undefined,
  ),
  'token-one-resource': renumbered(28000),
  'resource-unknown': renumbered(500011),
  'scopes-with-other-prefix': grants('authorization_code', (body) => ({
    ...body,
    scope: String(body.scope).replaceAll(
      'https://graph.microsoft.com/IMAP',
      'https://outlook.office.com/IMAP',
    ),
  })),
  'app-token-without-refresh': grants('client_credentials', (body) => ({
    ...body,
    refresh_token: 'x',
  })),
  'app-token-one-tenant': renumbered(9001023),
  'app-token-default': renumbered(1002012),
  'certificate-unknown': renumbered(700027),
  'federated-mismatch': renumbered(700211),
  'app-scope': responses((_, { form }) =>
    form.get('scope') === 'https://outlook.office365.com/.default'
      ? { body: refused, status: 400 }
      : undefined,
  ),

  'imap-host': line('imap', /Microsoft Exchange IMAP4/, 'Dovecot'),
  'smtp-host': line('smtp', /Microsoft ESMTP MAIL Service/, 'ESMTP Postfix'),
  'smtp-host-personal': line('smtp', /Microsoft ESMTP MAIL Service/, 'ESMTP Postfix'),
  'imap-offers-xoauth2': line('imap', / AUTH=XOAUTH2/, ''),
  'imap-accepts': line('imap', /^a3 OK.*/, 'a3 NO'),
  'imap-refuses': line('imap', /AUTHENTICATE failed\.$/, 'LOGIN failed.'),
  'imap-wrong-audience': line('imap', /AUTHENTICATE failed\.$/, 'LOGIN failed.'),
  'imap-other-mailbox': line('imap', /^a3 BAD.*/, 'a3 OK'),
  'smtp-auth-after-tls': line('smtp', /^250-STARTTLS/, '250-AUTH XOAUTH2'),
  'smtp-offers-xoauth2': line('smtp', /^250([- ])AUTH .*/, '250$1AUTH LOGIN'),
  'smtp-two-lines': line('smtp', /^334 ?$/, '334 eyJ9'),
  'smtp-accepts': line('smtp', /^235 2\.7\.0/, '235 2.0.0'),
  'smtp-refuses': line('smtp', /^535 5\.7\.3/, '535 5.7.8'),

  'graph-hosts': graphError('InvalidAuthenticationToken', () => ({ error: {}, status: 404 })),
  'app-only-has-no-me': graphError('BadRequest', () => ({
    error: { code: 'ErrorAccessDenied' },
    status: 403,
  })),
  'users-by-address': responses((_, { url, status }) =>
    url.pathname.includes('/users/') && status === 400
      ? { body: { error: { code: 'ErrorInvalidUser' } }, status: 404 }
      : undefined,
  ),
  'accepted-is-not-delivered': responses((_, { status }) =>
    status === 202 ? { body: {}, status: 200 } : undefined,
  ),
  'json-headers-begin-with-x': graphError('InvalidInternetMessageHeader', () => ({
    error: {},
    status: 202,
  })),
  'probe-permitted': graphError('ErrorMimeContentInvalidBase64String', () => ({
    error: {},
    status: 202,
  })),
  'probe-refused': graphError('ErrorAccessDenied', (error) => ({ error, status: 400 })),
  'wrong-audience-text': graphError('InvalidAuthenticationToken', (error) => ({
    error: { ...error, message: 'No.' },
  })),
}
