/**
 * Sending through Microsoft Graph: the way out for a mailbox whose SMTP stays off, a personal mailbox that has no
 * other, a consent that is declined or withdrawn while IMAP goes on, and the app without a user.
 */
import { type Admin, ALICE, type Sandbox, SHARED } from './admin.ts'
import type { Api } from './api.ts'
import { expectFirstCause } from './first-cause.ts'
import { countInbox } from './imap-login.ts'
import { signIn } from './sandbox-client.ts'
import { check, fail, waitUntil } from './steps.ts'

const CAROL = 'carol@contoso.test'
const IVAN = 'ivan@outlook.test'
const TENANT = 'contoso.test'
const MICROSOFT = '/v1/integrations/microsoft'
/** Lifetime of short-lived tokens, in seconds. */
const SHORT = 4
/** Slightly longer than the product waits before it asks Microsoft again. */
const ASK_PAUSE_MS = 60_500

type Message = { mailbox: string; to: string[] }

/** `inbox`: returns the ID of alice's IMAP account. */
export function graphJourney(api: Api, admin: Admin, sandbox: Sandbox, inbox: () => string) {
  const allow = (protocols: string[]) =>
    api.expect(200, 'PUT', `${MICROSOFT}/settings`, {
      client_id: admin.facts().client_id,
      home_tenant: admin.facts().home_tenant,
      protocols,
    })

  const pathOf = (id: string, call = '') => `/v1/mail-accounts/${id}${call}`

  /** Changes only the protocol of an account. */
  async function switchTo(status: number, id: string, protocol: string) {
    const account = await api.expect(200, 'GET', pathOf(id))
    return api.expect(status, 'PUT', pathOf(id), { ...account, protocol })
  }

  /** Validates an account, checks that it passed, and returns the names of its steps. */
  async function expectPassed(id: string): Promise<string> {
    const { outcome, steps } = await api.expect(201, 'POST', pathOf(id, '/validate'))
    check(outcome === 'passed', `${outcome}: ${JSON.stringify(steps)}`)
    return (steps as { name: string }[]).map(({ name }) => name).join(', ')
  }

  /** Sends a test message to alice, and checks that it is in her inbox. */
  async function expectSent(id: string): Promise<string> {
    const count = async () => countInbox(await admin.issueToken(inbox()), admin.facts().ca)
    const before = await count()
    const result = await api.expect(201, 'POST', pathOf(id, '/test-message'), { to: ALICE })
    check(result.sent === true, `${result.outcome}: ${JSON.stringify(result.steps)}`)
    const after = await count()
    check(after === before + 1, `the inbox has ${after} messages instead of ${before + 1}`)
    return `message ${after} of ${ALICE}`
  }

  /** Checks that Graph has sent the last message from this mailbox. */
  async function expectSentFrom(mailbox: string): Promise<void> {
    const response = await fetch(`${admin.facts().graph}/sandbox/messages`)
    const last = ((await response.json()) as Message[]).at(-1)
    check(last?.mailbox === mailbox && last.to.includes(ALICE), JSON.stringify(last))
  }

  /** Sends a message as a mail worker does, with nothing but what the API has issued. */
  async function sendAsWorker(id: string): Promise<string> {
    const token = await admin.issueToken(id)
    if (token.mechanism !== 'Bearer') return fail(`the mechanism is ${token.mechanism}`)
    const url = `${token.api_base}${token.mailbox_path}/sendMail`
    const mime = `To: ${ALICE}\r\nSubject: From a worker\r\n\r\nHello`
    const { status } = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${token.access_token}`, 'content-type': 'text/plain' },
      body: Buffer.from(mime).toString('base64'),
    })
    check(status === 202, `Graph returns ${status}`)
    return url
  }

  let carol = ''
  let signedInAt = 0

  return {
    start: [
      [
        "carol's SMTP stays off, and the settings don't allow Microsoft Graph",
        async () => {
          await allow(['imap', 'smtp'])
          for (const username of [CAROL, ALICE, IVAN]) {
            await sandbox.control({ withdraw_consent: { username, resource: 'graph' } })
          }
          const none = { tenant: TENANT, granted: false, resource: 'graph' } as const
          await sandbox.control({ tenant_consent: none, app_consent: none })
          const { state } = await admin.getAccessToken({ username: CAROL }, CAROL)
          signedInAt = Date.now()
          const form = admin.account('smtp', admin.grantIdOf(state), { username: CAROL })
          carol = await admin.save(form)
          const validation = await api.expect(201, 'POST', pathOf(carol, '/validate'))
          const { code } = await switchTo(409, carol, 'graph_send')
          check(code === 'protocol_not_enabled', `the code is ${code}`)
          return `${expectFirstCause(validation, 'smtp-auth-disabled-tenant')}; 409 ${code}`
        },
      ],
    ] as const,
    end: [
      [
        'Once they allow it, one refresh finds that carol has not consented',
        async () => {
          await allow(['imap', 'smtp', 'graph_send'])
          await waitUntil(signedInAt + ASK_PAUSE_MS)
          await sandbox.control({ reset_counts: true })
          const { code } = await switchTo(409, carol, 'graph_send')
          check(code === 'protocol_not_granted', `the code is ${code}`)
          const refreshes = await sandbox.refreshes()
          check(refreshes === 1, `${refreshes} refreshes at Entra instead of one`)
          return `409 ${code}`
        },
      ],
      [
        'carol signs in for sending alone, and her account sends through Graph',
        async () => {
          const { status } = (
            await admin.getAccessToken(
              { mail_account_id: carol, protocols: ['graph_send'], apply: 'at_once' },
              CAROL,
            )
          ).state
          check(status === 'completed', `the sign-in is ${status}`)
          await switchTo(200, carol, 'graph_send')
          const steps = await expectPassed(carol)
          const message = await expectSent(carol)
          await expectSentFrom(CAROL)
          return `${steps}; ${message}`
        },
      ],
      [
        'The switch can be undone, and done once more without a sign-in',
        async () => {
          const { host } = await switchTo(200, carol, 'smtp')
          await switchTo(200, carol, 'graph_send')
          return `${host}, and Graph again`
        },
      ],
      [
        'A new personal mailbox has no SMTP: a worker sends with a token for Graph',
        async () => {
          const { state: smtp } = await admin.getAccessToken({ username: IVAN }, IVAN)
          const form = admin.account('smtp', admin.grantIdOf(smtp), { username: IVAN })
          const refused = await api.expect(201, 'POST', '/v1/validations', form)
          const cause = expectFirstCause(refused, 'smtp-auth-disabled-mailbox')
          const input = { username: IVAN, protocols: ['graph_send' as const] }
          const { state } = await admin.getAccessToken(input, IVAN)
          const grant = admin.grantIdOf(state)
          const id = await admin.save(admin.account('graph_send', grant, { username: IVAN }))
          await expectPassed(id)
          const url = await sendAsWorker(id)
          await expectSentFrom(IVAN)
          return `${cause}; POST ${url}`
        },
      ],
      [
        'A consent that is declined or withdrawn ends sending, and IMAP goes on',
        async () => {
          const one = { username: ALICE, protocols: ['graph_send' as const] }
          const declined = await admin.getAccessToken(one, ALICE, { consent: 'cancel' })
          check(declined.state.status === 'failed', `the sign-in is ${declined.state.status}`)
          await sandbox.control({ token_lifetime: SHORT })
          const both = { username: ALICE, protocols: ['imap' as const, 'graph_send' as const] }
          const { state } = await admin.getAccessToken(both, ALICE)
          await sandbox.control({ token_lifetime: null })
          const expiry = Date.now() + SHORT * 1000
          const grant = admin.grantIdOf(state)
          const imap = await admin.save(admin.account('imap', grant))
          const graph = await admin.save(admin.account('graph_send', grant))
          await sandbox.control({ withdraw_consent: { username: ALICE, resource: 'graph' } })
          await waitUntil(expiry)
          const { code } = await api.expect(409, 'POST', pathOf(graph, '/access-token'), {})
          await admin.issueToken(imap)
          const [{ health }, other] = [
            await api.expect(200, 'GET', pathOf(graph)),
            await api.expect(200, 'GET', pathOf(imap)),
          ]
          check(health === 'reconnect_required', `the health is ${health}`)
          check(other.problem === null, `IMAP has the problem ${JSON.stringify(other.problem)}`)
          return `409 ${code}; the health of IMAP is ${other.health}`
        },
      ],
      [
        'App-only: Graph refuses the app until an admin consents by the link for Graph',
        async () => {
          const authentication = {
            type: 'oauth',
            provider: 'microsoft',
            flow: 'app_only',
            tenant: TENANT,
          } as const
          const form = admin.account('graph_send', '', { username: SHARED, authentication })
          const id = await admin.save(form)
          await sandbox.control({ token_lifetime: SHORT })
          const refused = await api.expect(201, 'POST', pathOf(id, '/test-message'), { to: ALICE })
          const expiry = Date.now() + SHORT * 1000
          const cause = expectFirstCause(refused, 'graph-app-permission-missing')
          const input = { tenant: TENANT, flow: 'app_only' }
          const { links } = await api.expect(201, 'POST', `${MICROSOFT}/admin-consent`, input)
          const link = (links as { resource: string; url: string }[]).find(
            ({ resource }) => resource === 'graph',
          )
          if (!link) return fail('there is no link for Graph')
          await signIn(link.url, 'admin@contoso.test', api)
          await waitUntil(expiry)
          const message = await expectSent(id)
          await expectSentFrom(SHARED)
          await sandbox.control({ token_lifetime: null })
          return `${cause}; then ${message}`
        },
      ],
    ] as const,
  }
}
