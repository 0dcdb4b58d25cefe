/** Client authentication at the token endpoint: ID and secret, or an assertion. */
import { checkAssertion } from './client-assertion.ts'
import { type EntraError, entraError } from './errors.ts'
import type { State } from './state.ts'

export type ClientResult = { ok: true } | { ok: false; failure: EntraError }

type CallContext = { tenant: string; endpoint: string }

export async function authenticateClient(
  state: State,
  form: URLSearchParams,
  { tenant, endpoint }: CallContext,
): Promise<ClientResult> {
  const id = form.get('client_id') ?? ''
  const client = state.app.clientId
  if (id === '') return { ok: false, failure: entraError(900144, { name: 'client_id' }) }
  if (id.toLowerCase() !== client) {
    return { ok: false, failure: entraError(700016, { client: id, tenant }) }
  }
  const assertion = form.get('client_assertion')
  return assertion === null
    ? checkSecret(state, form.get('client_secret') ?? '')
    : checkAssertion(state, assertion, form.get('client_assertion_type'), endpoint)
}

function checkSecret({ app, now }: State, secret: string): ClientResult {
  const { clientId: client } = app
  if (secret === '') return { ok: false, failure: entraError(7000218) }
  const match = app.secrets.find((candidate) => candidate.value === secret)
  if (!match) return { ok: false, failure: entraError(7000215, { client }) }
  if (match.expiresAt !== null && Date.parse(match.expiresAt) <= now()) {
    return { ok: false, failure: entraError(7000222, { client }) }
  }
  return { ok: true }
}
