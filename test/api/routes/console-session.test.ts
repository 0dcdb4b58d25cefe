import { describe, expect, it } from 'vitest'
import { hashSecret } from '../../../api/hash.ts'
import { headersWith } from '../console-sign-in.ts'
import {
  createWorld,
  PUBLIC_URL,
  problemOf,
  ROOT_KEY,
  type World,
  type WorldOptions,
} from '../harness.ts'
import { bearer, createKey } from '../keys.ts'

const HOUR = 3600
const OTHER_KEY = 'mg_root_another-another-another-another'
const COOKIE = '__Host-mailgrant_session'

/** Returns the headers that a browser sends with a request from our own page. */
const fromPage = (id: string, more: Record<string, string | null> = {}) => {
  const headers = new Headers(headersWith(`${COOKIE}=${id}`))
  for (const [name, value] of Object.entries(more)) {
    if (value === null) headers.delete(name)
    else headers.set(name, value)
  }
  return headers
}

const request = (world: World, method: string, path: string, headers: Headers) =>
  world.send(new Request(`${PUBLIC_URL}${path}`, { method, headers }))

const idOf = (response: Response): string =>
  response.headers.get('set-cookie')?.match(/^__Host-mailgrant_session=([^;]+);/)?.[1] ?? ''

async function storedSessions({ db }: World): Promise<number> {
  const counted = await db.prepare('SELECT count(*) AS count FROM console_sessions').first()
  return Number(counted?.count)
}

async function signIn(options: WorldOptions = {}) {
  const world = await createWorld(options)
  const response = await world.call('POST', '/console/session')
  return { world, id: idOf(response), response }
}

describe('signing in to the console', () => {
  it('returns the key and sets a cookie that only our own pages can send', async () => {
    const { response, id } = await signIn()
    expect(response.status).toBe(201)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual({
      key: { id: 'root', name: 'ROOT_API_KEY', scopes: ['admin'] },
      person: null,
      scopes: ['admin'],
      expires_at: '2026-11-24T17:00:00.000Z',
    })
    expect(id).toMatch(/^[\w-]{43}$/)
    const attributes = response.headers.get('set-cookie')?.split('; ').slice(1).toSorted()
    expect(attributes).toEqual(
      ['HttpOnly', 'Max-Age=28800', 'Path=/', 'SameSite=Strict', 'Secure'].toSorted(),
    )
  })

  it('does not exchange a session for a new one', async () => {
    const { world, id } = await signIn()
    expect((await request(world, 'POST', '/console/session', fromPage(id))).status).toBe(401)
  })
})

describe('a console session', () => {
  it('shows its key and expiry', async () => {
    const { world, id, response } = await signIn()
    const read = await request(world, 'GET', '/console/session', fromPage(id))
    expect(read.status).toBe(200)
    expect(read.headers.get('cache-control')).toBe('no-store')
    expect(await read.json()).toEqual(await response.json())
  })

  it('acts on behalf of its key', async () => {
    const { world, id } = await signIn()
    const path = '/v1/integrations/microsoft/activate'
    expect((await request(world, 'POST', path, fromPage(id))).status).toBe(200)
    const events = await request(world, 'GET', '/v1/events?subject=microsoft', fromPage(id))
    expect(await events.json()).toMatchObject({ data: [{ actor: { type: 'key', id: 'root' } }] })
  })

  it.each([
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a page of another origin', { 'sec-fetch-site': 'same-site' }],
    ['an address typed into the address bar', { 'sec-fetch-site': 'none' }],
    ['a browser that omits Sec-Fetch-Site', { 'sec-fetch-site': null }],
  ])('is rejected when sent by %s', async (_who, headers) => {
    const { world, id } = await signIn()
    for (const path of ['/v1/integrations', '/console/session']) {
      const problem = await problemOf(request(world, 'GET', path, fromPage(id, headers)))
      expect(problem).toMatchObject({ status: 401, code: 'unauthorized' })
    }
    const path = '/v1/integrations/microsoft/activate'
    expect((await request(world, 'POST', path, fromPage(id, headers))).status).toBe(401)
  })

  it.each([
    ['without Origin', { origin: null }],
    ['with a foreign Origin', { origin: 'https://helpdesk.test' }],
    ['with the Origin null', { origin: 'null' }],
    ['without a content type', { 'content-type': null }],
    ['with the content type of a form', { 'content-type': 'text/plain' }],
    ['with a content type that only begins like JSON', { 'content-type': 'application/jsonp' }],
  ])('can read but not write %s', async (_how, headers) => {
    const { world, id } = await signIn()
    const sent = fromPage(id, headers)
    for (const method of ['GET', 'HEAD']) {
      expect((await request(world, method, '/v1/integrations', sent)).status).toBe(200)
    }
    for (const [method, path] of [
      ['POST', '/v1/integrations/microsoft/activate'],
      ['PUT', '/v1/integrations/microsoft/settings'],
      ['DELETE', '/v1/grants/gr_aaaaaaaaaaaaaaaaaaaaaaaaaa'],
      ['DELETE', '/console/session'],
    ] as const) {
      const response = await request(world, method, path, sent)
      expect([method, path, response.status]).toEqual([method, path, 401])
    }
    expect(await world.dump()).not.toContain('integration.activated')
  })

  it('can delete with a content type and no body', async () => {
    const { world, id } = await signIn()
    const path = '/v1/grants/gr_aaaaaaaaaaaaaaaaaaaaaaaaaa'
    expect((await request(world, 'DELETE', path, fromPage(id))).status).toBe(404)
  })

  it('cannot fetch an access token, and the problem explains why', async () => {
    const { world, id } = await signIn()
    const path = '/v1/mail-accounts/ma_aaaaaaaaaaaaaaaaaaaaaaaaaa/access-token'
    const problem = await problemOf(request(world, 'POST', path, fromPage(id)))
    expect(problem).toMatchObject({
      status: 403,
      code: 'insufficient_scope',
      detail: expect.stringContaining('console session'),
    })
  })

  it('is ignored when an Authorization header is present, valid or not', async () => {
    const { world, id } = await signIn()
    const wrong = fromPage(id, { authorization: 'Bearer wrong' })
    for (const path of ['/v1/integrations', '/console/session']) {
      expect((await request(world, 'GET', path, wrong)).status).toBe(401)
    }
    const right = fromPage('unknown', { authorization: `Bearer ${ROOT_KEY}` })
    expect((await request(world, 'GET', '/v1/integrations', right)).status).toBe(200)
  })

  it.each(['', 'x', 'A'.repeat(43), 'A'.repeat(5000)])(
    'is rejected with the cookie %j',
    async (id) => {
      const { world } = await signIn()
      expect((await request(world, 'GET', '/v1/integrations', fromPage(id))).status).toBe(401)
    },
  )
})

describe('a console session ends', () => {
  it('after eight hours', async () => {
    const { world, id } = await signIn()
    world.advance(8 * HOUR - 1)
    expect((await request(world, 'GET', '/console/session', fromPage(id))).status).toBe(200)
    world.advance(1)
    expect((await request(world, 'GET', '/console/session', fromPage(id))).status).toBe(401)
    expect((await request(world, 'GET', '/v1/integrations', fromPage(id))).status).toBe(401)
  })

  it('by signing out, which affects only this session and can be repeated', async () => {
    const { world, id } = await signIn()
    const other = idOf(await world.call('POST', '/console/session'))
    for (let times = 0; times < 2; times += 1) {
      const response = await request(world, 'DELETE', '/console/session', fromPage(id))
      expect(response.status).toBe(204)
      expect(response.headers.get('set-cookie')).toMatch(
        /^__Host-mailgrant_session=; Max-Age=0; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      )
    }
    expect((await request(world, 'GET', '/v1/integrations', fromPage(id))).status).toBe(401)
    expect((await request(world, 'GET', '/v1/integrations', fromPage(other))).status).toBe(200)
  })

  it('when its API key is revoked or expires', async () => {
    const world = await createWorld()
    const later = '2026-11-24T11:00:00.000Z'
    const expiring = await createKey(world, { scopes: ['write'], expires_at: later })
    const revoked = await createKey(world, { scopes: ['write'] })
    const open = (key: string) => world.call('POST', '/console/session', {}, bearer(key))
    const opened = await open(expiring.key)
    expect(await opened.clone().json()).toEqual({
      key: { id: expiring.id, name: 'Help desk', scopes: ['write'] },
      person: null,
      scopes: ['write'],
      expires_at: later,
    })
    const ids = [idOf(opened), idOf(await open(revoked.key))] as const
    const statuses = () =>
      Promise.all(
        ids.map(async (id) => (await request(world, 'GET', '/v1/grants', fromPage(id))).status),
      )
    expect(await statuses()).toEqual([200, 200])
    await world.call('DELETE', `/v1/api-keys/${revoked.id}`)
    expect(await statuses()).toEqual([200, 401])
    expect(await storedSessions(world)).toBe(1)
    world.advance(2 * HOUR)
    expect(await statuses()).toEqual([401, 401])
  })

  it('when the root key is replaced', async () => {
    const { id } = await signIn()
    const same = await createWorld({ keepDatabase: true })
    expect((await request(same, 'GET', '/v1/integrations', fromPage(id))).status).toBe(200)
    const later = await createWorld({
      keepDatabase: true,
      settings: { rootKeyHash: hashSecret(OTHER_KEY) },
    })
    expect((await request(later, 'GET', '/v1/integrations', fromPage(id))).status).toBe(401)
    const again = idOf(
      await later.call('POST', '/console/session', {}, { authorization: `Bearer ${OTHER_KEY}` }),
    )
    expect((await request(later, 'GET', '/v1/integrations', fromPage(again))).status).toBe(200)
  })
})
