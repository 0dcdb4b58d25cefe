/**
 * Webhooks to a help desk: a test message, then a consent that is really revoked. The receiver is a
 * server in this process, so the deployment must allow webhooks to loopback, as the demo does.
 */
import type { Admin, Sandbox } from './admin.ts'
import type { Api } from './api.ts'
import { check, waitUntil } from './steps.ts'
import { type Receiver, startReceiver } from './webhook-receiver.ts'

/** No other step signs in as her, so the revocation affects only this step. */
const GRACE = 'grace@outlook.test'
const RECONNECT = 'grant.reconnect_required'

type Delivery = { id: string; status: string; attempts: number }

export function webhookJourney(api: Api, admin: Admin, sandbox: Sandbox) {
  let receiver: Receiver
  let path = ''
  let secret = ''

  /** Waits until the delivery log shows the message as delivered, which happens after its answer. */
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
      'Delete the webhook',
      async () => {
        await api.expect(204, 'DELETE', path)
        await api.expect(404, 'GET', path)
        await receiver.stop()
        return '404 from now on'
      },
    ],
  ] as const
}
