/**
 * Webhooks to a help desk: a test message, then a consent that is really revoked. The receiver is a
 * server in this process, so the deployment must allow webhooks to loopback, as the demo does.
 */
import { serveHttp } from '../sandbox/http-server.ts'
import type { Admin, Sandbox } from './admin.ts'
import type { Api } from './api.ts'
import { check, waitUntil } from './steps.ts'
import { type Receiver, startReceiver } from './webhook-receiver.ts'

/** No other step signs in as her, so the revocation affects only this step. */
const GRACE = 'grace@outlook.test'
const RECONNECT = 'grant.reconnect_required'
export const SLACK_TOKEN = 'canary0of0the0slack0url'

type Delivery = { id: string; status: string; attempts: number }

export function webhookJourney(api: Api, admin: Admin, sandbox: Sandbox) {
  let receiver: Receiver
  let slack: Awaited<ReturnType<typeof serveHttp>>
  let slackPath = ''
  const alerts: string[] = []
  let path = ''
  let secret = ''

  /** Waits until the delivery log shows the message as delivered, which happens after its response. */
  async function waitUntilDelivered(id: string): Promise<Delivery> {
    const deadline = Date.now() + 10_000
    for (;;) {
      const { data } = await api.expect(200, 'GET', `${path}/deliveries`)
      const delivery = (data as Delivery[]).find((entry) => entry.id === id)
      if (delivery?.status === 'delivered') return delivery
      check(
        Date.now() < deadline,
        `the delivery log shows ${delivery?.status ?? 'no entry'} for ${id}`,
      )
      await waitUntil(Date.now() + 100)
    }
  }

  return [
    [
      'Register a webhook and send it a test message',
      async () => {
        receiver = await startReceiver()
        const created = await api.expect(201, 'POST', '/v1/webhooks', {
          url: receiver.url,
          description: 'Smoke test',
          events: [RECONNECT],
        })
        path = `/v1/webhooks/${created.id}`
        secret = String(created.secret)
        const read = await api.expect(200, 'GET', path)
        check(!JSON.stringify(read).includes(secret), 'the secret is shown a second time')
        await api.expect(202, 'POST', `${path}/test`)
        const { id } = await receiver.next('webhook.test', secret)
        await waitUntilDelivered(id)
        return `${id} delivered; the reference verifier accepts its signature`
      },
    ],
    [
      'Add an alert in Slack: its URL, which is a password, is not shown again',
      async () => {
        slack = await serveHttp(async (request) => {
          alerts.push(await request.text())
          return new Response('ok')
        })
        const url = `${slack.url}/services/T0000/B0000/${SLACK_TOKEN}`
        const input = { type: 'slack', url, events: [RECONNECT] }
        const created = await api.expect(201, 'POST', '/v1/webhooks', input)
        slackPath = `/v1/webhooks/${created.id}`
        const read = await api.expect(200, 'GET', slackPath)
        check(!JSON.stringify([created, read]).includes(SLACK_TOKEN), 'the URL is shown')
        return String(read.url)
      },
    ],
    [
      "Grace's consent is revoked at Microsoft: the webhook is notified once",
      async () => {
        const { id, grant, expired } = await admin.saveShortLived(GRACE)
        await sandbox.control({ revoke: GRACE })
        await expired()
        const tokenPath = `/v1/mail-accounts/${id}/access-token`
        await api.expect(409, 'POST', tokenPath, {})
        const message = await receiver.next(RECONNECT, secret)
        const { subject, mail_accounts: accounts } = message.data
        check(subject === grant, `the message is about ${subject}, not ${grant}`)
        check(accounts.includes(id), `the message does not list the mail account ${id}`)
        const { attempts } = await waitUntilDelivered(message.id)
        // A second refusal does not change the state again.
        const { code } = await api.expect(409, 'POST', tokenPath, {})
        const after = await api.expect(202, 'POST', `${path}/test`)
        await waitUntilDelivered(String(after.id))
        check(receiver.count(RECONNECT) === 1, `${receiver.count(RECONNECT)} messages were sent`)
        return `${code}; ${message.id} delivered at attempt ${attempts}, signature valid`
      },
    ],
    [
      'Slack names her mailbox, who acts, and its page in the console: no sign-in link',
      async () => {
        for (const deadline = Date.now() + 10_000; alerts.length === 0; ) {
          check(Date.now() < deadline, 'no alert has arrived')
          await waitUntil(Date.now() + 100)
        }
        const [alert = ''] = alerts
        check(alert.includes(GRACE), `the alert does not name ${GRACE}: ${alert}`)
        check(/console\/#\/mailboxes\/ma_\w+\|Open/.test(alert), `no link: ${alert}`)
        check(!/authorize|\/oauth\//.test(alert), `the alert has a sign-in link: ${alert}`)
        const { blocks } = JSON.parse(alert) as { blocks: { text: { text: string } }[] }
        return (blocks[1]?.text.text ?? '').replace(/ <.*/, '')
      },
    ],
    [
      'Delete both webhooks',
      async () => {
        await api.expect(204, 'DELETE', slackPath)
        await slack.stop()
        await api.expect(204, 'DELETE', path)
        await api.expect(404, 'GET', path)
        await receiver.stop()
        return '404 from now on'
      },
    ],
  ] as const
}
