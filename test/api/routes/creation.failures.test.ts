/** Creations without an Idempotency-Key while D1 fails: callers repeat what was answered with 503. */
import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { D1_MESSAGES, faultyD1 } from '../../faults/d1-faults.ts'
import { appOnlyForm } from '../app-only-world.ts'
import { createMailWorld, imapForm, type MailWorld, passwordForm, refuses } from '../mail-world.ts'

const creations = [
  {
    path: '/v1/mail-accounts',
    table: 'mail_accounts',
    body: async (world: MailWorld) => imapForm(await world.grant('alice@contoso.test')),
  },
  { path: '/v1/mail-accounts', table: 'mail_accounts', body: async () => appOnlyForm() },
  {
    path: '/v1/api-keys',
    table: 'api_keys',
    body: async () => ({ name: 'Worker', scopes: ['read'] }),
  },
  {
    path: '/v1/webhooks',
    table: 'webhooks',
    body: async () => ({ url: 'https://hooks.example.com/in' }),
  },
  {
    path: '/v1/authorizations',
    table: 'authorizations',
    body: async () => ({ provider: 'microsoft', username: 'alice@contoso.test' }),
  },
]

describe.each(creations)('POST $path', ({ path, table, body }) => {
  it.each(['before', 'after'] as const)(
    'creates one row when any call of D1 fails %s it was applied',
    async (moment) => {
      for (let call = 1; ; call += 1) {
        const d1 = faultyD1(env.DB)
        const world = await createMailWorld({ db: d1.db, outside: { pause: async () => {} } })
        await world.activate()
        const form = await body(world)
        d1.set({ call, moment, message: D1_MESSAGES.bare })
        let response = await world.call('POST', path, form)
        if (response.status === 503) response = await world.call('POST', path, form)
        expect(response.status).toBe(201)
        if (d1.failed() === 0) return
        const row = await env.DB.prepare(`SELECT COUNT(*) AS n FROM ${table}`).first()
        expect(row, d1.calls[call - 1]).toEqual({ n: 1 })
      }
    },
  )
})

describe('the answer to a new account', () => {
  it.each<[string, (world: MailWorld) => Promise<object>]>([
    ['with a grant', async (world) => imapForm(await world.grant('alice@contoso.test'))],
    [
      'with an unsaved grant',
      async (world) => imapForm(await world.grant('alice@contoso.test', { saved: false })),
    ],
    ['of the app', async () => appOnlyForm()],
    ['with a password', async () => passwordForm()],
  ])('%s is what a later read answers, also after a failed validation', async (_, body) => {
    const world = await createMailWorld()
    await world.activate()
    const form = await body(world)
    const created = await world.save(form)
    expect(await world.read(created.id)).toEqual(created)
    world.login.probe = refuses
    await world.validate(form)
    const failing = await world.save(form)
    expect(failing.last_validation).toMatchObject({ outcome: 'failed' })
    expect(failing.problem).toMatchObject({ diagnosis: expect.anything() })
    expect(await world.read(failing.id)).toEqual(failing)
  })
})
