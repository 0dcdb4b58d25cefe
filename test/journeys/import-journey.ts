/** Moving from another product: its refresh token becomes a grant, and one of another app does not. */
import { unwrap } from '../examples/client.ts'
import type { Admin, Sandbox } from './admin.ts'
import type { Api } from './api.ts'
import { expectFirstCause } from './first-cause.ts'
import { check } from './steps.ts'

const GRACE = 'grace@outlook.test'

export const importJourney = (api: Api, admin: Admin, sandbox: Sandbox) =>
  [
    [
      'Import the refresh token of another product: no sign-in, and the mailbox works',
      async () => {
        const refreshToken = await tokenOf(sandbox)
        const grant = await unwrap(
          api.client.POST('/v1/grants', {
            body: { refresh_token: refreshToken, username: GRACE, tenant: 'consumers' },
          }),
        )
        check(grant.status === 'unsaved', `the grant is ${grant.status} before an account names it`)
        check(!JSON.stringify(grant).includes(refreshToken), 'the response contains the token')
        const account = admin.account('imap', grant.id, { username: GRACE })
        const id = await admin.save(account)
        const { outcome } = await api.expect(201, 'POST', `/v1/mail-accounts/${id}/validate`)
        check(outcome === 'passed', `the login has ${outcome}`)
        return `the token of ${grant.signed_in_as}, and its login passed`
      },
    ],
    [
      'A refresh token of another app registration is refused, with the reason',
      async () => {
        const refresh_token = await tokenOf(sandbox, 'another-client')
        const body = { refresh_token, username: GRACE, tenant: 'consumers' }
        const refused = await api.expect(422, 'POST', '/v1/grants', body)
        check(refused.code === 'refresh_token_refused', `the code is ${refused.code}`)
        return expectFirstCause(refused, 'grant-of-another-app')
      },
    ],
  ] as const

/** Returns a token that another product holds, of the app registration with this client ID. */
async function tokenOf(sandbox: Sandbox, clientId?: string): Promise<string> {
  const { refresh_token = '' } = await sandbox.control({
    former_product: { username: GRACE, ...(clientId !== undefined && { client_id: clientId }) },
  })
  return refresh_token
}
