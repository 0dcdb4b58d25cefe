/** The whole flow with types of openapi-typescript, called through openapi-fetch. */
import createClient from 'openapi-fetch'
import type { components, paths } from '../../.tmp/openapi.d.ts'
import { adviceOf, explain, grantOf } from '../.tmp/read-responses-openapi-typescript.ts'

type Schemas = components['schemas']

export type Authorization = Schemas['Authorization']
export type Diagnosis = Schemas['Diagnosis']
export type Grant = Schemas['Grant']
export type Problem = Schemas['Problem']
export type WebhookMessage = Schemas['WebhookMessage']

export async function connectMailbox(baseUrl: string, key: string): Promise<string> {
  const client = createClient<paths>({ baseUrl, headers: { authorization: `Bearer ${key}` } })

  const settings = await client.PUT('/v1/integrations/microsoft/settings', {
    body: {
      client_id: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
      credential: { type: 'client_secret', client_secret: 'value' },
    },
  })
  if (settings.error) return explain(settings.error)
  if (settings.data.credential?.type === 'certificate') return settings.data.credential.certificate

  const created = await client.POST('/v1/authorizations', {
    body: { provider: 'microsoft', username: 'support@contoso.com' },
  })
  if (created.error) return explain(created.error)

  const params = { path: { id: created.data.id } }
  const read = await client.GET('/v1/authorizations/{id}', { params })
  if (read.error) return explain(read.error)
  const grant = grantOf(read.data)
  if (typeof grant === 'string') return grant

  const form: Schemas['MailAccountInput'] = {
    owner: { type: 'department', id: 'dep_7' },
    protocol: 'imap',
    username: 'support@contoso.com',
    authentication: { type: 'oauth', provider: 'microsoft', grant_id: grant.id },
  }
  const validation = await client.POST('/v1/validations', { body: form })
  if (validation.error) return explain(validation.error)
  if (validation.data.diagnosis) return adviceOf(validation.data.diagnosis)

  const saved = await client.POST('/v1/mail-accounts', { body: form })
  if (saved.error) return explain(saved.error)
  const { authentication } = saved.data
  if (authentication.type === 'password') return 'not OAuth'
  if (authentication.flow === 'app_only') return authentication.tenant

  const account = { path: { id: saved.data.id } }
  const token = await client.POST('/v1/mail-accounts/{id}/access-token', { params: account })
  if (token.error) return explain(token.error)
  if (token.data.mechanism === 'Bearer') return token.data.api_base

  const diagnosis = await client.POST('/v1/diagnoses', {
    body: { error: '535 5.7.3 Authentication unsuccessful', evidence: { port: 587 } },
  })
  if (diagnosis.data) adviceOf(diagnosis.data)

  const query = { health: 'ok', limit: 10 } as const
  const list = await client.GET('/v1/mail-accounts', { params: { query } })
  return list.data?.data[0]?.problem?.code ?? token.data.xoauth2
}
