/** Runs the receivers of the guide about webhooks, with messages signed by the library of Standard Webhooks. */
import { createHmac, randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { freePorts, until } from '../ports.ts'
import { type Program, start } from '../programs.ts'
import { codeOf, createWorkshop, type Workshop } from './programs.ts'

const secret = `whsec_${randomBytes(24).toString('base64')}`
const body = JSON.stringify({
  type: 'grant.blocked',
  timestamp: '2026-11-24T09:30:00.000Z',
  data: { subject: 'gr_1', mail_accounts: ['ma_1'], detail: 'Köln' },
})

describe.each(['js', 'python', 'php'] as const)('the receiver in %s', (language) => {
  let workshop: Workshop
  let receiver: Program
  let url: string
  beforeAll(async () => {
    workshop = await createWorkshop()
    const [port = 0] = await freePorts(1)
    url = `http://127.0.0.1:${port}/hooks/mailgrant`
    const code = (await codeOf('webhooks', language)).replaceAll('8080', String(port))
    const { program, file, env } = await workshop.prepare(language, code)
    const args = language === 'php' ? ['-S', `127.0.0.1:${port}`, file] : [file]
    receiver = start(program, args, { env: { ...env, MAILGRANT_WEBHOOK_SECRET: secret } })
    const responses = () =>
      fetch(url, { method: 'POST', body: '{}' }).then(
        ({ status }) => status === 401,
        () => false,
      )
    await until(responses, () => `the receiver does not respond: ${receiver.output()}`)
  })
  afterAll(async () => {
    await receiver?.stop()
    await workshop?.remove()
  })

  const sign = (id: string, sentAt: Date, by = secret) => ({
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
    'webhook-signature': new Webhook(by).sign(id, sentAt, body),
  })
  const send = async (headers: Record<string, string>, text = body) =>
    (await fetch(url, { method: 'POST', headers, body: text })).status

  it('accepts a genuine message', async () => {
    expect(await send(sign('msg_genuine', new Date()))).toBe(204)
    await until(
      () => receiver.output().includes('msg_genuine'),
      () => `it did not process the message: ${receiver.output()}`,
    )
    expect(receiver.output()).toContain('grant.blocked')
  })

  it('accepts a message while the secret is rotated', async () => {
    const headers = sign('msg_2', new Date())
    const other = `v1,${createHmac('sha256', 'other').update('x').digest('base64')}`
    const signature = `${other} ${headers['webhook-signature']}`
    expect(await send({ ...headers, 'webhook-signature': signature })).toBe(204)
  })

  it('refuses other messages', async () => {
    const now = new Date()
    const genuine = sign('msg_3', now)
    const refused = [
      await send({ ...genuine, 'webhook-id': 'msg_4' }),
      await send(genuine, body.replace('ma_1', 'ma_2')),
      await send(sign('msg_5', new Date(now.getTime() - 400_000))),
      await send(sign('msg_6', new Date(now.getTime() + 400_000))),
      await send(sign('msg_7', now, `whsec_${randomBytes(24).toString('base64')}`)),
      await send({ ...genuine, 'webhook-timestamp': 'soon' }),
      await send({ ...genuine, 'webhook-signature': 'v1,' }),
      await send({}),
    ]
    expect(refused).toEqual(refused.map(() => 401))
    expect(await send(genuine)).toBe(204)
  })
})
