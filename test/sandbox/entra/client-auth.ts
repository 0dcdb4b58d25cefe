/** Who calls the token endpoint: client id and secret, in the body or by HTTP Basic. */
import { type EntraError, entraError } from './errors.ts'
import type { State } from './state.ts'

type Client = { ok: true } | { ok: false; failure: EntraError }

/** RFC 6749 section 2.3.1: both halves are form-encoded before they go into Basic. */
function readBasic(header: string | null): { id: string; secret: string } | null {
  const encoded = /^Basic (.+)$/i.exec(header ?? '')?.[1]
  if (encoded === undefined) return null
  try {
    const [id = '', secret = ''] = atob(encoded).split(':', 2)
    const decode = (text: string) => decodeURIComponent(text.replaceAll('+', ' '))
    return { id: decode(id), secret: decode(secret) }
  } catch {
    return null
  }
}

export function authenticateClient(
  state: State,
  form: URLSearchParams,
  authorization: string | null,
  tenant: string,
): Client {
  const basic = readBasic(authorization)
  const id = form.get('client_id') ?? basic?.id ?? ''
  const secret = form.get('client_secret') ?? basic?.secret ?? ''
  const { clientId: client, secrets } = state.app

  if (id === '') return { ok: false, failure: entraError(900144, { name: 'client_id' }) }
  if (id.toLowerCase() !== client) {
    return { ok: false, failure: entraError(700016, { client: id, tenant }) }
  }
  if (secret === '') return { ok: false, failure: entraError(7000218) }
  const known = secrets.find((candidate) => candidate.value === secret)
  if (!known) return { ok: false, failure: entraError(7000215, { client }) }
  if (known.expiresAt !== null && Date.parse(known.expiresAt) <= state.now()) {
    return { ok: false, failure: entraError(7000222, { client }) }
  }
  return { ok: true }
}
