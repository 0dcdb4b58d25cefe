/**
 * Access without a person: nobody signs in, the app itself opens the mailbox. What Exchange has not been
 * told yet is named before it works.
 */
import { type Admin, type Sandbox, SHARED } from './admin.ts'
import type { Api } from './api.ts'
import { firstCause } from './first-cause.ts'
import { logInOverImap } from './imap-login.ts'
import { check } from './steps.ts'

const TENANT = 'contoso.test'
const authentication = {
  type: 'oauth',
  provider: 'microsoft',
  flow: 'app_only',
  tenant: TENANT,
}
/** Nobody has given the app this mailbox. */
const NOT_GIVEN = 'carol@contoso.test'

export function appOnlyJourney(api: Api, admin: Admin, sandbox: Sandbox) {
  const account = (protocol: 'imap' | 'smtp', username = SHARED) =>
    admin.account(protocol, '', { username, authentication })

  async function validationOf(username: string): Promise<Record<string, unknown>> {
    return api.expect(201, 'POST', '/v1/validations', account('imap', username))
  }

  return [
    [
      'App-only: common is no organisation to open mailboxes in',
      async () => {
        const body = { ...account('imap'), authentication: { ...authentication, tenant: 'common' } }
        const { errors } = await api.expect(422, 'POST', '/v1/mail-accounts', body)
        const [first] = errors as { pointer: string; message: string }[]
        check(first?.pointer === '/authentication/tenant', `it points at ${first?.pointer}`)
        return first.message
      },
    ],
    [
      'App-only: Exchange does not know the app yet, or not for this mailbox, and both are told apart',
      async () => {
        await sandbox.control({ exchange: { tenant: TENANT, registered: false } })
        const unknown = firstCause(await validationOf(SHARED), 'sp-not-registered-in-exchange')
        await sandbox.control({ exchange: { tenant: TENANT, registered: true } })
        const notGiven = firstCause(await validationOf(NOT_GIVEN), 'sp-mailbox-permission-missing')
        return `${unknown}; ${notGiven}`
      },
    ],
    [
      'App-only: the shared mailbox is read and sent from, and nobody signs in',
      async () => {
        await sandbox.control({ reset_counts: true })
        await admin.validate(account('imap'))
        await admin.validate(account('smtp'))
        const imap = await admin.save(account('imap'))
        const smtp = await admin.save(account('smtp'))
        const { health, grant } = await api.expect(200, 'GET', `/v1/mail-accounts/${imap}`)
        check(health === 'ok' && grant === undefined, `health ${health}, grant ${grant}`)
        const token = await admin.handOut(smtp)
        check(token.username === SHARED, `SMTP would log in as ${token.username}`)
        const said = await logInOverImap(await admin.handOut(imap), admin.facts().ca)
        const { counts } = await sandbox.control({})
        const fetched = counts.token.client_credentials
        check(fetched <= 1, `Entra was asked ${fetched} times`)
        check(counts.authorize === 0, 'somebody was sent to sign in')
        return `${said} as ${SHARED}, one token for all of it`
      },
    ],
  ] as const
}
