import { describe, expect, it } from 'vitest'
import { hashSecret } from '../../../api/domain/secrets.ts'
import { run } from '../domain/maintenance/run.ts'
import { createWorld, PUBLIC_URL, ROOT_KEY, type World, type WorldOptions } from '../harness.ts'
import { bearer, createKey } from '../keys.ts'

const HOUR = 3600
const OTHER_KEY = 'mg_root_another-another-another-another'
const COOKIE = '__Host-mailgrant_session'

/** What the browser sends with a request of our own page. */
const fromPage = (id: string, more: Record<string, string | null> = {}) => {
  const headers = new Headers({
    cookie: `${COOKIE}=${id}`,
    'sec-fetch-site': 'same-origin',
    origin: PUBLIC_URL,
    'content-type': 'application/json',
  })
  for (const [name, value] of Object.entries(more)) {
    if (value === null) headers.delete(name)
    else headers.set(name, value)
  }
  return headers
}

const ask = (world: World, method: string, path: string, headers: Headers) =>
  world.send(new Request(`${PUBLIC_URL}${path}`, { method, headers }))

const idOf = (response: Response): string =>
  response.headers.get('set-cookie')?.match(/^__Host-mailgrant_session=([^;]+);/)?.[1] ?? ''

async function signedIn(options: WorldOptions = {}) {
  const world = await createWorld(options)
  const response = await world.call('POST', '/console/session')
  return { world, id: idOf(response), response }
}

describe('signing in to the console', () => {
  it('answers with the key and sets a cookie that only our own pages send', async () => {
    const { response, id } = await signedIn()
    expect(response.status).toBe(201)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.json()).toEqual({
      key: { id: 'root', name: 'ROOT_API_KEY', scopes: ['admin'] },
      expires_at: '2026-11-24T17:00:00.000Z',
    })
    expect(id).toMatch(/^[\w-]{43}$/)
    const attributes = response.headers.get('set-cookie')?.split('; ').slice(1).toSorted()
    expect(attributes).toEqual(
      ['HttpOnly', 'Max-Age=28800', 'Path=/', 'SameSite=Strict', 'Secure'].toSorted(),
    )
  })

  it('takes an empty JSON body too', async () => {
    const world = await createWorld()
    expect((await world.call('POST', '/console/session', {})).status).toBe(201)
  })

  it('needs a good key', async () => {
    const world = await createWorld()
    for (const authorization of ['', 'Bearer wrong']) {
      const response = await world.call('POST', '/console/session', {}, { authorization })
      expect(response.status).toBe(401)
      expect(response.headers.get('set-cookie')).toBeNull()
    }
  })

  it('gives no new session for an old one', async () => {
    const { world, id } = await signedIn()
    expect((await ask(world, 'POST', '/console/session', fromPage(id))).status).toBe(401)
  })

  it('stores neither the id nor anything by which the key could be searched for', async () => {
    const { world, id } = await signedIn()
    const dump = await world.dump()
    for (const secret of [id, ROOT_KEY, await hashSecret(ROOT_KEY)]) {
      expect(dump).not.toContain(secret)
    }
    expect(dump).toContain(await hashSecret(id))
  })
})

describe('a console session', () => {
  it('says whose it is', async () => {
    const { world, id, response } = await signedIn()
    const read = await ask(world, 'GET', '/console/session', fromPage(id))
    expect(read.status).toBe(200)
    expect(read.headers.get('cache-control')).toBe('no-store')
    expect(await read.json()).toEqual(await response.json())
  })

  it('acts as its key', async () => {
    const { world, id } = await signedIn()
    const path = '/v1/integrations/microsoft/activate'
    expect((await ask(world, 'POST', path, fromPage(id))).status).toBe(200)
    const events = await ask(world, 'GET', '/v1/events?subject=microsoft', fromPage(id))
    expect(await events.json()).toMatchObject({ data: [{ actor: { type: 'key', id: 'root' } }] })
  })

  it.each([
    ['a page of another site', { 'sec-fetch-site': 'cross-site' }],
    ['a page of another origin', { 'sec-fetch-site': 'same-site' }],
    ['an address typed by hand', { 'sec-fetch-site': 'none' }],
    ['a browser that does not say', { 'sec-fetch-site': null }],
  ])('does not count when it is sent by %s', async (_who, headers) => {
    const { world, id } = await signedIn()
    for (const path of ['/v1/integrations', '/console/session']) {
      const response = await ask(world, 'GET', path, fromPage(id, headers))
      expect(response.status).toBe(401)
      expect(await response.json()).toMatchObject({ code: 'unauthorized' })
    }
    const path = '/v1/integrations/microsoft/activate'
    expect((await ask(world, 'POST', path, fromPage(id, headers))).status).toBe(401)
  })

  it.each([
    ['without Origin', { origin: null }],
    ['with the Origin of another', { origin: 'https://helpdesk.test' }],
    ['with the Origin of nobody', { origin: 'null' }],
    ['without a content type', { 'content-type': null }],
    ['with the content type of a form', { 'content-type': 'text/plain' }],
    ['with one that only begins like JSON', { 'content-type': 'application/jsonp' }],
  ])('reads but does not write %s', async (_how, headers) => {
    const { world, id } = await signedIn()
    const sent = fromPage(id, headers)
    expect((await ask(world, 'GET', '/v1/integrations', sent)).status).toBe(200)
    for (const [method, path] of [
      ['POST', '/v1/integrations/microsoft/activate'],
      ['PUT', '/v1/integrations/microsoft/settings'],
      ['DELETE', '/v1/grants/gr_aaaaaaaaaaaaaaaaaaaaaaaaaa'],
      ['DELETE', '/console/session'],
    ] as const) {
      const response = await ask(world, method, path, sent)
      expect([method, path, response.status]).toEqual([method, path, 401])
    }
    expect(await world.dump()).not.toContain('integration.activated')
  })

  it('deletes with a content type and no body', async () => {
    const { world, id } = await signedIn()
    const path = '/v1/grants/gr_aaaaaaaaaaaaaaaaaaaaaaaaaa'
    expect((await ask(world, 'DELETE', path, fromPage(id))).status).toBe(404)
  })

  it('is never handed an access token, and is told why', async () => {
    const { world, id } = await signedIn()
    const path = '/v1/mail-accounts/ma_aaaaaaaaaaaaaaaaaaaaaaaaaa/access-token'
    const response = await ask(world, 'POST', path, fromPage(id))
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({
      code: 'insufficient_scope',
      detail: expect.stringContaining('console session'),
    })
  })

  it('loses against an Authorization header, good or bad', async () => {
    const { world, id } = await signedIn()
    const wrong = fromPage(id, { authorization: 'Bearer wrong' })
    for (const path of ['/v1/integrations', '/console/session']) {
      expect((await ask(world, 'GET', path, wrong)).status).toBe(401)
    }
    const right = fromPage('unknown', { authorization: `Bearer ${ROOT_KEY}` })
    expect((await ask(world, 'GET', '/v1/integrations', right)).status).toBe(200)
  })

  it.each(['', 'x', 'A'.repeat(43), 'A'.repeat(5000)])('is not opened by %j', async (id) => {
    const { world } = await signedIn()
    expect((await ask(world, 'GET', '/v1/integrations', fromPage(id))).status).toBe(401)
  })
})

describe('the end of a console session', () => {
  it('comes after eight hours', async () => {
    const { world, id } = await signedIn()
    world.advance(8 * HOUR - 1)
    expect((await ask(world, 'GET', '/console/session', fromPage(id))).status).toBe(200)
    world.advance(1)
    expect((await ask(world, 'GET', '/console/session', fromPage(id))).status).toBe(401)
    expect((await ask(world, 'GET', '/v1/integrations', fromPage(id))).status).toBe(401)
  })

  it('comes by signing out, in this browser alone, and signing out can be repeated', async () => {
    const { world, id } = await signedIn()
    const other = idOf(await world.call('POST', '/console/session'))
    for (let times = 0; times < 2; times += 1) {
      const response = await ask(world, 'DELETE', '/console/session', fromPage(id))
      expect(response.status).toBe(204)
      expect(response.headers.get('set-cookie')).toMatch(
        /^__Host-mailgrant_session=; Max-Age=0; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      )
    }
    expect((await ask(world, 'GET', '/v1/integrations', fromPage(id))).status).toBe(401)
    expect((await ask(world, 'GET', '/v1/integrations', fromPage(other))).status).toBe(200)
  })

  it('comes with the end of its API key, revoked or expired', async () => {
    const world = await createWorld()
    const later = '2026-11-24T11:00:00.000Z'
    const expiring = await createKey(world, { scopes: ['write'], expires_at: later })
    const revoked = await createKey(world, { scopes: ['write'] })
    const open = (key: string) => world.call('POST', '/console/session', {}, bearer(key))
    const opened = await open(expiring.key)
    expect(await opened.clone().json()).toEqual({
      key: { id: expiring.id, name: 'Help desk', scopes: ['write'] },
      expires_at: later,
    })
    const ids = [idOf(opened), idOf(await open(revoked.key))] as const
    const statuses = () =>
      Promise.all(
        ids.map(async (id) => (await ask(world, 'GET', '/v1/grants', fromPage(id))).status),
      )
    expect(await statuses()).toEqual([200, 200])
    await world.call('DELETE', `/v1/api-keys/${revoked.id}`)
    expect(await statuses()).toEqual([200, 401])
    expect(await world.dump()).not.toContain(await hashSecret(ids[1]))
    world.advance(2 * HOUR)
    expect(await statuses()).toEqual([401, 401])
  })

  it('comes with another root key', async () => {
    const { id, world } = await signedIn()
    const rows = await world.db.prepare('SELECT * FROM console_sessions').all()
    const later = await createWorld({ settings: { rootApiKey: OTHER_KEY } })
    for (const row of rows.results) {
      const values = Object.values(row)
      const marks = values.map(() => '?').join()
      await later.db
        .prepare(`INSERT INTO console_sessions VALUES (${marks})`)
        .bind(...values)
        .run()
    }
    expect((await ask(later, 'GET', '/v1/integrations', fromPage(id))).status).toBe(401)
    const again = idOf(
      await later.call('POST', '/console/session', {}, { authorization: `Bearer ${OTHER_KEY}` }),
    )
    expect((await ask(later, 'GET', '/v1/integrations', fromPage(again))).status).toBe(200)
  })

  it('is followed by its removal from the database', async () => {
    const { world, id } = await signedIn()
    world.advance(8 * HOUR)
    const fresh = idOf(await world.call('POST', '/console/session'))
    world.advance(1)
    await run(world)
    const dump = await world.dump()
    expect(dump).not.toContain(await hashSecret(id))
    expect(dump).toContain(await hashSecret(fresh))
  })
})
