/**
 * The main job of an admin and of a mail worker, against the demo: from an inactive integration to
 * working mailboxes, including every expected refusal, and back.
 */
import type { Schemas } from '../examples/client.ts'
import { ALICE, createAdmin, type Sandbox, SHARED } from './admin.ts'
import type { Api } from './api.ts'
import { appOnlyJourney } from './app-only-journey.ts'
import { certificateJourney } from './certificate-journey.ts'
import { diagnosisJourney } from './diagnosis-journey.ts'
import { federatedJourney } from './federated-journey.ts'
import { graphJourney } from './graph-journey.ts'
import { logInOverImap } from './imap-login.ts'
import { importJourney } from './import-journey.ts'
import { keysJourney } from './keys-journey.ts'
import { refusalsJourney } from './refusals-journey.ts'
import { check } from './steps.ts'
import { testMessageJourney } from './test-message-journey.ts'
import { webhookJourney } from './webhook-journey.ts'

export function mainJourney(api: Api, sandbox: Sandbox) {
  const admin = createAdmin(api, sandbox)
  const diagnosis = diagnosisJourney(api, admin, sandbox)
  const graph = graphJourney(api, admin, sandbox, () => imapAccount)
  let grant = ''
  let imapAccount = ''

  return [
    [
      'Activate the integration',
      async () => {
        await admin.prepareSandbox()
        const { status } = await api.expect(200, 'POST', '/v1/integrations/microsoft/activate')
        return String(status)
      },
    ],
    [
      'A secret ID instead of the secret value is refused',
      async () => {
        const path = '/v1/integrations/microsoft/settings'
        const response = await api.expect(
          422,
          'PUT',
          path,
          admin.settings(admin.facts().client_secret_id),
        )
        check(response.code === 'client_secret_is_an_id', `the code is ${response.code}`)
        return String(response.detail)
      },
    ],
    [
      'Enter the app registration and verify it at Entra',
      async () => {
        const path = '/v1/integrations/microsoft/settings'
        const saved = await api.expect(
          200,
          'PUT',
          path,
          admin.settings(admin.facts().client_secret),
        )
        check(
          !JSON.stringify(saved).includes(admin.facts().client_secret),
          'the response contains the secret',
        )
        const verified = await api.expect(200, 'POST', `${path}/verify`, {})
        check(verified.outcome === 'passed', `${verified.outcome}: ${verified.detail}`)
        return String(verified.detail)
      },
    ],
    ...diagnosis.start,
    [
      'Get an access token by signing in as alice',
      async () => {
        const { state, page } = await admin.getAccessToken({ username: ALICE }, ALICE)
        const { id, status, signed_in_as } = admin.grantOf(state)
        grant = id
        check(status === 'unsaved', `the grant is ${status} before the form is saved`)
        return `signed in as ${signed_in_as}; the last page says "${page.title}"`
      },
    ],
    ['Validate IMAP before saving', () => admin.validate(admin.account('imap', grant))],
    ['Validate SMTP before saving', () => admin.validate(admin.account('smtp', grant))],
    [
      'Save both accounts',
      async () => {
        imapAccount = await admin.save(admin.account('imap', grant))
        await admin.save(admin.account('smtp', grant))
        const read = await api.expect(200, 'GET', `/v1/mail-accounts/${imapAccount}`)
        check(read.health === 'ok', `the health of a validated account is ${read.health}`)
        const { status } = await api.expect(200, 'GET', `/v1/grants/${grant}`)
        check(status === 'active', `the grant is ${status}`)
        return `grant active, health ${read.health}`
      },
    ],
    [
      'List the mailbox, with both accounts and their last days',
      async () => {
        const query = new URLSearchParams({ username: ALICE, direction: 'read', days: '30' })
        const { data } = await api.expect(200, 'GET', `/v1/mailboxes?${query}`)
        const [mailbox] = data as Schemas['Mailbox'][]
        const accounts = mailbox?.accounts ?? []
        const uses = accounts.map(({ protocol, days }) => `${protocol} ${days?.at(-1)}`)
        check(uses.includes('imap worked') && uses.includes('smtp worked'), `it has ${uses}`)
        return uses.join(', ')
      },
    ],
    ...graph.start,
    ...testMessageJourney(api, admin, () => imapAccount),
    [
      'Fetch an access token and log in over IMAP with it',
      async () => logInOverImap(await admin.issueToken(imapAccount), admin.facts().ca),
    ],
    [
      'Reset the access token: the old grant works until the new one is saved',
      async () => {
        const { state } = await admin.getAccessToken({ username: ALICE }, ALICE)
        const next = admin.grantIdOf(state)
        await admin.issueToken(imapAccount)
        for (const [index, protocol] of (['imap', 'smtp'] as const).entries()) {
          await api.expect(
            200,
            'PUT',
            `/v1/mail-accounts/${admin.savedAccounts[index]}`,
            admin.account(protocol, next),
          )
        }
        await api.expect(404, 'GET', `/v1/grants/${grant}`)
        grant = next
        return 'the old grant was deleted with the last account that used it'
      },
    ],
    [
      'A shared mailbox: its delegate signs in',
      async () => {
        const shared = { username: SHARED, delegate: ALICE }
        const { state } = await admin.getAccessToken(shared, ALICE)
        const id = admin.grantIdOf(state)
        await admin.validate(admin.account('imap', id, shared))
        await admin.validate(admin.account('smtp', id, shared))
        const smtp = await admin.save(admin.account('smtp', id, shared))
        const token = await admin.issueToken(smtp)
        check(
          token.username === ALICE && token.mailbox === SHARED,
          'SMTP must log in as the delegate',
        )
        return `IMAP as ${SHARED}, SMTP as ${token.username}`
      },
    ],
    ...importJourney(api, admin, sandbox),
    ...refusalsJourney(api, admin),
    ...diagnosis.middle,
    ...keysJourney(api, admin, () => imapAccount),
    ...webhookJourney(api, admin, sandbox),
    ...certificateJourney(api, admin, sandbox),
    ...federatedJourney(api, admin, sandbox),
    ...appOnlyJourney(api, admin, sandbox),
    ...diagnosis.end,
    ...graph.end,
    [
      'Deactivate: no tokens are issued, and nothing is lost',
      async () => {
        await api.expect(200, 'POST', '/v1/integrations/microsoft/deactivate')
        const path = `/v1/mail-accounts/${imapAccount}/access-token`
        const { code } = await api.expect(409, 'POST', path, {})
        check(code === 'integration_inactive', `the code is ${code}`)
        await api.expect(200, 'POST', '/v1/integrations/microsoft/activate')
        await admin.issueToken(imapAccount)
        return '409 integration_inactive, and a token again after reactivation'
      },
    ],
    [
      'Clean up',
      async () => {
        for (const id of admin.savedAccounts)
          await api.expect(204, 'DELETE', `/v1/mail-accounts/${id}`)
        await api.expect(404, 'GET', `/v1/grants/${grant}`)
        return `${admin.savedAccounts.length} accounts and their grants deleted`
      },
    ],
  ] as const
}
