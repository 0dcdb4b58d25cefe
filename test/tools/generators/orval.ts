/** The whole flow with the client of orval, which calls through axios. */
import { isAxiosError } from 'axios'
import type { MailAccountInput, Problem } from '../.tmp/orval.ts'
import {
  createAuthorization,
  createDiagnosis,
  createMailAccount,
  getAuthorization,
  issueAccessToken,
  listMailAccounts,
  replaceIntegrationSettings,
  validateForm,
} from '../.tmp/orval.ts'
import { adviceOf, explain, grantOf } from './read-responses.ts'

export async function connectMailbox(baseURL: string, key: string): Promise<string> {
  const options = { baseURL, headers: { authorization: `Bearer ${key}` } }
  try {
    const settings = await replaceIntegrationSettings(
      {
        client_id: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
        credential: { type: 'client_secret', client_secret: 'value' },
      },
      {},
      options,
    )
    const { credential } = settings.data
    if (credential?.type === 'certificate') return credential.certificate

    const request = { provider: 'microsoft', username: 'support@contoso.com' } as const
    const created = await createAuthorization(request, options)
    const read = await getAuthorization(created.data.id, options)
    const grant = grantOf(read.data)
    if (typeof grant === 'string') return grant

    const form: MailAccountInput = {
      owner: { type: 'department', id: 'dep_7' },
      protocol: 'imap',
      username: 'support@contoso.com',
      authentication: { type: 'oauth', provider: 'microsoft', grant_id: grant.id },
    }
    const validation = await validateForm(form, options)
    if (validation.data.diagnosis) return adviceOf(validation.data.diagnosis)

    const saved = await createMailAccount(form, options)
    const { authentication } = saved.data
    if (authentication.type === 'password') return 'not OAuth'
    if (authentication.flow === 'app_only') return authentication.tenant

    const token = await issueAccessToken(saved.data.id, {}, {}, options)
    if (token.data.mechanism === 'Bearer') return token.data.api_base
    const report = { error: '535 5.7.3 Authentication unsuccessful', evidence: { port: 587 } }
    const diagnosis = await createDiagnosis(report, options)
    adviceOf(diagnosis.data)

    const list = await listMailAccounts({ health: 'ok', limit: 10 }, options)
    return list.data.data[0]?.problem?.code ?? token.data.xoauth2
  } catch (error) {
    if (isAxiosError<Problem>(error) && error.response) return explain(error.response.data)
    throw error
  }
}
