/** Messages about invalid properties, in terms of the request. */
import { describe, expect, it } from 'vitest'
import { document } from '../../../api/openapi/document.ts'
import { createWorld } from '../harness.ts'
import { zodExamples } from '../openapi-reading.ts'

type Errors = { errors: { pointer: string; message: string }[] }

const form = {
  owner: { type: 'department', id: 'dep_7' },
  protocol: 'imap',
  username: 'support@example.com',
  authentication: { type: 'password', password: 'a mailbox password' },
}
const key = { name: 'worker', scopes: ['read'] }

describe('an invalid property', () => {
  it.each([
    ['/v1/mail-accounts', { ...form, name: '' }, '/name', 'must have at least 1 character'],
    ['/v1/mail-accounts', { ...form, name: 7 }, '/name', 'must be a string'],
    [
      '/v1/mail-accounts',
      { ...form, protocol: 'pop' },
      '/protocol',
      'must be one of imap, smtp, graph_send',
    ],
    ['/v1/mail-accounts', { ...form, protocol: undefined }, '/protocol', 'is required'],
    ['/v1/mail-accounts', { ...form, port: 0 }, '/port', 'must be at least 1'],
    ['/v1/mail-accounts', { ...form, port: 1.5 }, '/port', 'must be an integer'],
    [
      '/v1/api-keys',
      { ...key, expiresAt: null },
      '/expiresAt',
      'is not recognised (known: name, scopes, mail_accounts, customer, app_only, expires_at)',
    ],
    [
      '/v1/mail-accounts',
      { ...form, owner: { type: 'team', id: 'a' } },
      '/owner/type',
      'must be one of other, department, brand, global',
    ],
    ['/v1/mail-accounts', { ...form, owner: { id: 'a' } }, '/owner/type', 'is required'],
    ['/v1/mail-accounts', { ...form, owner: 7 }, '/owner', 'must be an object'],
    [
      '/v1/api-keys',
      { ...key, expires_at: '2030-01-01T00:00:00+01:00' },
      '/expires_at',
      'must be a time in UTC such as 2030-01-31T09:30:00Z',
    ],
    ['/v1/api-keys', { ...key, scopes: [] }, '/scopes', 'must have at least 1 item'],
    ['/v1/api-keys', { ...key, scopes: 'read' }, '/scopes', 'must be an array'],
    ['/v1/webhooks', { url: 'x'.repeat(2001) }, '/url', 'must have at most 2000 characters'],
    ['/v1/authorizations', { provider: 'google' }, '/provider', 'must be microsoft'],
  ])('of %s %j is reported: %s %s', async (path, body, pointer, message) => {
    const world = await createWorld()
    const refused = await world.call('POST', path, body)
    expect(refused.status).toBe(422)
    expect((await refused.json<Errors>()).errors).toEqual([{ pointer, message }])
  })

  it('is never described in the default words of zod', async () => {
    const world = await createWorld()
    const messages = new Set<string>()
    const ids = { id: `ma_${'a'.repeat(26)}`, delivery_id: `msg_${'a'.repeat(26)}` }
    const kinds: Record<string, string> = { webhooks: 'wh', grants: 'gr' }
    for (const { where, example } of zodExamples(world.app, document(world.app))) {
      const [method = '', path = '', what] = where.split(' ')
      if (what !== '(request)') continue
      const [, , resource = ''] = path.split('/')
      const id = `${kinds[resource] ?? 'ma'}_${'a'.repeat(26)}`
      const place = path.replace('{id}', id).replace('{delivery_id}', ids.delivery_id)
      const names = [...JSON.stringify(example).matchAll(/"(\w+)":/g)].map(([, name = '']) => name)
      for (const value of [undefined, '', 'x'.repeat(30_000), -1, 1e9, null, true, [], ['x'], {}]) {
        const body = value === undefined ? {} : Object.fromEntries(names.map((n) => [n, value]))
        const refused = await world.call(method, place, body)
        if (refused.status !== 422) continue
        for (const { message } of (await refused.json<Partial<Errors>>()).errors ?? []) {
          messages.add(message)
        }
      }
    }
    expect(messages.size).toBeGreaterThan(10)
    const foreign = [...messages].filter((text) =>
      /Invalid|Too |expected|received|pattern/.test(text),
    )
    expect(foreign).toEqual([])
  })
})
