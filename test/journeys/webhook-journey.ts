/**
 * The help desk is told: a test message, then a consent that has really ended. The receiver is a
 * server of this process, so the deployment must let webhooks go to its own machine, as the demo does.
 */
import type { Admin, Sandbox } from './admin.ts'
import type { Api } from './api.ts'
import { check, until } from './steps.ts'
import { type Receiver, startReceiver } from './webhook-receiver.ts'

/** Nobody else of the journey signs in as her: what is revoked is hers alone. */
const GRACE = 'grace@outlook.test'
const RECONNECT = 'grant.reconnect_required'

type Delivery = { id: string; status: string; attempts: number }

export function webhookJourney(api: Api, admin: Admin, sandbox: Sandbox) {
  let receiver: Receiver
  let path = ''
  let secret = ''

  /** What the log of deliveries says of a message, which is written after its answer. */
  async function delivered(id: string): Promise<Delivery> {
    const deadline = Date.now() + 10_000
    for (;;) {
      const { data } = await api.expect(200, 'GET', `${path}/deliveries`)
      const found = (data as Delivery[]).find((each) => each.id === id)
      if (found?.status === 'delivered') return found
      check(Date.now() < deadline, `the log says ${found?.status ?? 'nothing'} of ${id}`)
      await until(Date.now() + 100)
    }
  }

  return [
    [
      'Register a webhook, and send it a test message',
      async () => {
        receiver = await startReceiver()
        const made = await api.expect(201, 'POST', '/v1/webhooks', {
          url: receiver.url,
          description: 'Smoke test',
          events: [RECONNECT],
        })
        path = `/v1/webhooks/${made.id}`
        secret = String(made.secret)
        const read = await api.expect(200, 'GET', path)
        check(!JSON.stringify(read).includes(secret), 'the secret is shown a second time')
        await api.expect(202, 'POST', `${path}/test`)
        const { id } = await receiver.next('webhook.test', secret)
        await delivered(id)
        return `${id} delivered, the reference verifier takes its signature`
      },
    ],
    [
      "Grace's consent is revoked at Microsoft: the webhook is told, once",
      async () => {
        const { id, grant, ended } = await admin.saveShortLived(GRACE)
        await sandbox.control({ revoke: GRACE })
        await ended()
        const ask = `/v1/mail-accounts/${id}/access-token`
        await api.expect(409, 'POST', ask, {})
        const told = await receiver.next(RECONNECT, secret)
        const { subject, mail_accounts: accounts } = told.data
        check(subject === grant, `it tells of ${subject}, not of ${grant}`)
        check(accounts.includes(id), `it does not name the mail account ${id}`)
        const { attempts } = await delivered(told.id)
        // A second refusal is no second change of state.
        const { code } = await api.expect(409, 'POST', ask, {})
        const after = await api.expect(202, 'POST', `${path}/test`)
        await delivered(String(after.id))
        check(receiver.count(RECONNECT) === 1, `it was told ${receiver.count(RECONNECT)} times`)
        return `${code}; ${told.id} delivered at attempt ${attempts}, its signature is good`
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
