/** The whole flow with the client of @hey-api/openapi-ts. */
import { client } from '../.tmp/hey-api/client.gen.ts'
import type { MailAccountInput } from '../.tmp/hey-api/index.ts'
import {
  createAuthorization,
  createDiagnosis,
  createMailAccount,
  getAuthorization,
  issueAccessToken,
  listMailAccounts,
  replaceIntegrationSettings,
  validateForm,
} from '../.tmp/hey-api/index.ts'
import { adviceOf, explain, grantOf } from '../.tmp/read-responses-hey-api.ts'

export async function connectMailbox(baseUrl: string, key: string): Promise<string> {
  client.setConfig({ baseUrl, auth: key })

  const settings = await replaceIntegrationSettings({
    body: {
      client_id: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
      credential: { type: 'client_secret', client_secret: 'value' },
    },
  })
  if (settings.error) return explain(settings.error)
  if (settings.data.credential?.type === 'certificate') return settings.data.credential.certificate

  const created = await createAuthorization({
    body: { provider: 'microsoft', username: 'support@contoso.com' },
  })
  if (created.error) return explain(created.error)

  const read = await getAuthorization({ path: { id: created.data.id } })
  if (read.error) return explain(read.error)
  const grant = grantOf(read.data)
  if (typeof grant === 'string') return grant

  const form: MailAccountInput = {
    owner: { type: 'department', id: 'dep_7' },
    protocol: 'imap',
    username: 'support@contoso.com',
    authentication: { type: 'oauth', provider: 'microsoft', grant_id: grant.id },
  }
  const validation = await validateForm({ body: form })
  if (validation.error) return explain(validation.error)
  if (validation.data.diagnosis) return adviceOf(validation.data.diagnosis)

  const saved = await createMailAccount({ body: form })
  if (saved.error) return explain(saved.error)
  const { authentication } = saved.data
  if (authentication.type === 'password') return 'not OAuth'
  if (authentication.flow === 'app_only') return authentication.tenant

  const token = await issueAccessToken({ path: { id: saved.data.id } })
  if (token.error) return explain(token.error)
  if (token.data.mechanism === 'Bearer') return token.data.api_base

  const diagnosis = await createDiagnosis({
    body: { error: '535 5.7.3 Authentication unsuccessful', evidence: { port: 587 } },
  })
  if (diagnosis.data) adviceOf(diagnosis.data)

  const list = await listMailAccounts({ query: { health: 'ok', limit: 10 } })
  return list.data?.data[0]?.problem?.code ?? token.data.xoauth2
}
