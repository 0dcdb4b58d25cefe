import { describe, expect, it } from 'vitest'
import type { Page } from '../../sandbox/browser.ts'
import { admin, alice, app, bob, carol, secrets, tenants } from '../../sandbox/personas.ts'
import {
  CONSOLE_CALLBACK,
  callbackOf,
  configure,
  openConsole,
  openKeySession,
  pageHeaders,
  type Send,
  visitAs,
} from '../console-sign-in.ts'
import { createWorld, PUBLIC_URL, type World, type WorldOptions } from '../harness.ts'
import { bearer, createKey } from '../keys.ts'
import { browserOf, codeRedemptions, getWithCookie, returnFromMicrosoft } from '../sign-in.ts'

async function consoleWorld(options: WorldOptions = {}, changes: object = {}) {
  const world = await createWorld(options)
  await configure(world, changes)
  return world
}

function expectPage({ status, body }: Page, expected: number, words: string): void {
  expect(status).toBe(expected)
  expect(body).toContain(words)
}

/** A world in which an administrator has signed in at Microsoft and has not come back yet. */
async function returningWorld() {
  const world = await consoleWorld()
  const browser = browserOf(world)
  const back = await callbackOf(world, browser, admin.username)
  const cookie = await browser.jar.getCookieString(CONSOLE_CALLBACK)
  return { world, browser, back, cookie }
}

/** A world in which an administrator has opened the console. */
async function openedWorld() {
  const world = await consoleWorld()
  return { world, send: await openConsole(world, admin.username) }
}

const sessionOf = async (send: Send) => {
  const response = await send('GET', '/console/session')
  return { status: response.status, body: await response.json<Record<string, unknown>>() }
}

const statusOf = async (send: Send, path = '/v1/integrations') => (await send('GET', path)).status

type Listed = {
  id: string
  person: { id: string; name: string } | null
  key: { id: string } | null
  scopes: string[]
  current: boolean
  opened_at: string
  last_used_at: string | null
}

async function listSessions(send: Send): Promise<Listed[]> {
  const response = await send('GET', '/v1/console-sessions')
  expect(response.status).toBe(200)
  return (await response.json<{ data: Listed[] }>()).data
}

const methodsOf = async (world: World) =>
  (await world.send(new Request(`${PUBLIC_URL}/console/sign-in-methods`))).json()

describe('a person who signs in with Microsoft', () => {
  it('is asked at the home tenant for nothing but who they are, and the browser is bound', async () => {
    const world = await consoleWorld()
    const response = await getWithCookie(world, `${PUBLIC_URL}/console/sign-in`)
    expect(response.status).toBe(302)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const url = new URL(response.headers.get('location') ?? '')
    expect(url.origin + url.pathname).toBe(
      `https://login.microsoftonline.com/${tenants.contoso.id}/oauth2/v2.0/authorize`,
    )
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: app.clientId,
      response_type: 'code',
      response_mode: 'query',
      redirect_uri: CONSOLE_CALLBACK,
      scope: 'openid profile',
      state: expect.stringMatching(/^[\w-]{43}$/),
      nonce: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      prompt: 'select_account',
    })
    const [value, ...attributes] = response.headers.get('set-cookie')?.split('; ') ?? []
    expect(value).toMatch(/^__Host-mailgrant_sign_in=[\w.-]{100,}$/)
    expect(value).not.toContain(url.searchParams.get('state'))
    expect(attributes.toSorted()).toEqual([
      'HttpOnly',
      'Max-Age=600',
      'Path=/',
      'SameSite=Lax',
      'Secure',
    ])
  })

  it.each([
    [admin, 'admin'],
    [alice, 'write'],
    [bob, 'read'],
  ])('has the rights of the app role: $0.name $1', async (person, scope) => {
    const world = await consoleWorld()
    const send = await openConsole(world, person.username)
    expect(await sessionOf(send)).toEqual({
      status: 200,
      body: {
        key: null,
        person: { id: person.oid, name: person.name },
        scopes: [scope],
        expires_at: '2026-11-24T17:00:00.000Z',
      },
    })
    expect(await statusOf(send)).toBe(200)
    expect(await statusOf(send, '/v1/events')).toBe(scope === 'admin' ? 200 : 403)
  })

  it('lands in the console with a cookie that only its own pages send', async () => {
    const { world, back, cookie } = await returningWorld()
    const response = await getWithCookie(world, back, cookie)
    expect([response.status, response.headers.get('location')]).toEqual([302, '/console/'])
    expect(response.headers.getSetCookie().toSorted()).toEqual([
      expect.stringMatching(
        /^__Host-mailgrant_session=[\w-]{43}; Max-Age=28800; Path=\/; HttpOnly; Secure; SameSite=Strict$/,
      ),
      expect.stringMatching(/^__Host-mailgrant_sign_in=; Max-Age=0;/),
    ])
  })

  it('has the strongest of several roles, and those that Mailgrant does not know count nothing', async () => {
    const world = await consoleWorld()
    world.entra.control.setRoles(carol.username, [
      'Mailgrant.Viewer',
      'Mailgrant.Operator',
      'mailgrant.admin',
      'constructor',
    ])
    const send = await openConsole(world, carol.username)
    expect((await sessionOf(send)).body).toMatchObject({ scopes: ['write'] })
  })

  it('is an administrator if CONSOLE_ADMINS contains the object ID', async () => {
    const world = await consoleWorld({ settings: { consoleAdmins: [carol.oid] } })
    const send = await openConsole(world, carol.username)
    expect((await sessionOf(send)).body).toMatchObject({ scopes: ['admin'] })
  })
})

describe('sign-in with Microsoft is off, with a page that says why', () => {
  it.each<[string, () => Promise<World>, boolean, string]>([
    ['until an app is configured', () => createWorld(), false, 'not configured'],
    [
      'until the home tenant is known, although one tenant alone may sign in',
      () => consoleWorld({}, { home_tenant: null, tenant: tenants.contoso.id }),
      false,
      'home tenant',
    ],
    [
      'while Microsoft knows no tenant with the domain',
      () => consoleWorld({}, { home_tenant: 'unknown.test' }),
      true,
      'saved as the home tenant',
    ],
  ])('%s', async (_when, create, microsoft, words) => {
    const world = await create()
    expect(await methodsOf(world)).toEqual({ microsoft, keys: 'all', root_key: 'setting' })
    const response = await getWithCookie(world, `${PUBLIC_URL}/console/sign-in`)
    expect(response.status).toBe(409)
    expect(response.headers.get('set-cookie')).toBeNull()
    const text = await response.text()
    expect(text).toContain(words)
    expect(text).toContain('root key')
  })
})

describe('the domain of the home tenant', () => {
  it('is resolved once, and the sign-in goes to the GUID', async () => {
    const world = await consoleWorld({}, { home_tenant: 'contoso.test' })
    expect(await methodsOf(world)).toMatchObject({ microsoft: true })
    for (let times = 0; times < 3; times += 1) {
      const response = await getWithCookie(world, `${PUBLIC_URL}/console/sign-in`)
      expect(response.headers.get('location')).toContain(`/${tenants.contoso.id}/oauth2/`)
    }
    expect(world.entra.counts().metadata).toBe(1)
    expect(await statusOf(await openConsole(world, admin.username))).toBe(200)
  })

  it('is resolved again after it was changed', async () => {
    const world = await consoleWorld({}, { home_tenant: 'contoso.test' })
    await getWithCookie(world, `${PUBLIC_URL}/console/sign-in`)
    await configure(world, { home_tenant: 'adatum.test' })
    const response = await getWithCookie(world, `${PUBLIC_URL}/console/sign-in`)
    expect(response.headers.get('location')).toContain(`/${tenants.adatum.id}/oauth2/`)
  })
})

describe('a sign-in opens no session', () => {
  it('for a person without a role, who reads whom to ask and what to send', async () => {
    const world = await consoleWorld()
    const browser = browserOf(world)
    const page = await visitAs(world, browser, carol.username)
    expectPage(page, 403, carol.oid)
    expect(page.body).toContain('your Microsoft 365 admin')
    expect(await browser.jar.getCookieString(`${PUBLIC_URL}/`)).toBe('')
    const events = await world.get('/v1/events?type=access.refused')
    expect(events).toMatchObject({
      data: [{ actor: { type: 'person', id: carol.oid, name: carol.name } }],
    })
  })

  it('for an id_token of another tenant, although it has the role of an administrator', async () => {
    const { adatum } = tenants
    const world = await consoleWorld({ settings: { consoleAdmins: [carol.oid] } })
    world.entra.control.faultNext({
      kind: 'id_token_claims',
      claims: {
        tid: adatum.id,
        iss: `https://login.microsoftonline.com/${adatum.id}/v2.0`,
        roles: ['Mailgrant.Admin'],
      },
    })
    const browser = browserOf(world)
    const page = await visitAs(world, browser, carol.username)
    expectPage(page, 403, 'another organisation')
    expect(await browser.jar.getCookieString(`${PUBLIC_URL}/`)).toBe('')
    expect(await world.dump()).not.toContain('console_session.opened')
  })

  it('for an id_token with another nonce', async () => {
    const world = await consoleWorld()
    const claims = { nonce: 'of another sign-in' }
    world.entra.control.faultNext({ kind: 'id_token_claims', claims })
    const page = await visitAs(world, browserOf(world), admin.username)
    expectPage(page, 400, 'does not prove who signed in')
  })

  it('for a callback in another browser, and asks Microsoft nothing', async () => {
    const world = await consoleWorld()
    const back = await callbackOf(world, browserOf(world), admin.username)
    const thief = browserOf(world)
    const alone = await returnFromMicrosoft(thief, back)
    await callbackOf(world, thief, bob.username)
    const withOwnStart = await returnFromMicrosoft(thief, back)
    for (const page of [alone, withOwnStart]) {
      expectPage(page, 400, 'another browser')
    }
    expect(codeRedemptions(world)).toBe(0)
  })

  it('and leaves the one under way alone when a foreign response arrives', async () => {
    const { browser, back } = await returningWorld()
    await browser.visit(`${CONSOLE_CALLBACK}?code=of-a-stranger&state=of-a-stranger`)
    const page = await returnFromMicrosoft(browser, back)
    expect(page.url).toBe(`${PUBLIC_URL}/console/`)
  })

  it('for a callback that is visited again', async () => {
    const { world, browser, back } = await returningWorld()
    await returnFromMicrosoft(browser, back)
    const page = await returnFromMicrosoft(browser, back)
    expectPage(page, 400, 'already been used')
    expect(codeRedemptions(world)).toBe(1)
  })

  it('for a code that was redeemed already, even with the cookie of its sign-in', async () => {
    const { world, back, cookie } = await returningWorld()
    expect((await getWithCookie(world, back, cookie)).status).toBe(302)
    const again = await getWithCookie(world, back, cookie)
    expect(again.status).toBe(400)
    expect(again.headers.getSetCookie().join()).not.toContain('mailgrant_session')
    expect(await again.text()).toContain('The sign-in was already used')
  })

  it.each<[when: string, act: (world: World) => unknown, words: string]>([
    ['ten minutes', (world) => world.advance(600), 'longer than 10 minutes'],
    [
      'the app registration was changed',
      (world) => configure(world, { home_tenant: tenants.adatum.id }),
      'was changed during the sign-in',
    ],
  ])('after %s', async (_when, act, words) => {
    const { world, browser, back } = await returningWorld()
    await act(world)
    expectPage(await returnFromMicrosoft(browser, back), 400, words)
    expect(codeRedemptions(world)).toBe(0)
  })

  it('for a cookie that was not made here', async () => {
    const world = await consoleWorld()
    const cookie = '__Host-mailgrant_sign_in=eyJraWQiOiJrOSJ9.a.b.c.d'
    const response = await getWithCookie(world, `${CONSOLE_CALLBACK}?code=a&state=b`, cookie)
    expect(response.status).toBe(400)
  })

  it('when the person cancels, or the page is reloaded', async () => {
    const { browser, back } = await returningWorld()
    const state = back.searchParams.get('state') ?? ''
    const cancelled = `${CONSOLE_CALLBACK}?${new URLSearchParams({
      error: 'access_denied',
      error_description: 'The person <b>cancelled</b>.',
      state,
    })}`
    const page = await returnFromMicrosoft(browser, cancelled)
    expect(page.status).toBe(400)
    expect(page.body).not.toContain('cancelled</b>')
    const reloaded = await browser.visit(CONSOLE_CALLBACK)
    expectPage(reloaded, 400, 'Sign in again')
  })

  it('beyond a few a minute from one address, and asks Microsoft nothing', async () => {
    const counted: string[] = []
    const withinRate = async (name: string, key: string) => {
      counted.push(`${name} ${key}`)
      return name !== 'failed_authentication'
    }
    const world = await consoleWorld({ outside: { withinRate } })
    const browser = browserOf(world)
    // Any page can send these requests, for example as images.
    await browser.visit(`${CONSOLE_CALLBACK}?code=of-a-stranger&state=of-a-stranger`)
    const back = await callbackOf(world, browser, admin.username)
    expect(counted).toEqual([])
    const page = await returnFromMicrosoft(browser, back)
    expect(page.status).toBe(429)
    expect(page.body).toContain('too many sign-ins from your address')
    expect(codeRedemptions(world)).toBe(0)
    expect(counted).toEqual(['failed_authentication console 192.0.2.1'])
  })

  it('during an outage of Microsoft, and says that the root key works', async () => {
    const world = await consoleWorld()
    world.entra.control.faultNext({ kind: 'outage' })
    const page = await visitAs(world, browserOf(world), admin.username)
    expectPage(page, 503, 'root key')
  })
})

describe('an expired credential with the console closed to keys', () => {
  it('does not lock the operator out: the root key gets in and replaces it', async () => {
    const options = { settings: { consoleKeys: 'root' as const } }
    const world = await consoleWorld(options, {
      credential: { type: 'client_secret', client_secret: secrets.expired },
    })
    const refused = await visitAs(world, browserOf(world), admin.username)
    expectPage(refused, 503, 'refuses the credential')
    expect(refused.body).toContain('root key')
    expect(await world.get('/v1/integrations/microsoft')).toMatchObject({
      problems: expect.arrayContaining([expect.objectContaining({ code: 'credential_rejected' })]),
    })
    const saved = await world.send(
      new Request(`${PUBLIC_URL}/v1/integrations/microsoft/settings`, {
        method: 'PUT',
        headers: await openKeySession(world),
        body: JSON.stringify({
          client_id: app.clientId,
          credential: { type: 'client_secret', client_secret: secrets.current },
          home_tenant: tenants.contoso.id,
        }),
      }),
    )
    expect(saved.status).toBe(200)
    expect(await statusOf(await openConsole(world, admin.username))).toBe(200)
  })
})

describe('CONSOLE_KEYS=off', () => {
  it('refuses every key but the root key, ends their open sessions, and leaves their calls alone', async () => {
    const world = await consoleWorld()
    const { id, key } = await createKey(world, { scopes: ['admin'] })
    const headers = await openKeySession(world, key)
    const closed = await createWorld({ keepDatabase: true, settings: { consoleKeys: 'root' } })
    expect(await methodsOf(closed)).toMatchObject({ microsoft: true, keys: 'root' })
    const read = (each: World) => each.send(new Request(`${PUBLIC_URL}/v1/events`, { headers }))
    expect((await read(world)).status).toBe(200)
    expect((await read(closed)).status).toBe(401)
    const refused = await closed.call('POST', '/console/session', {}, bearer(key))
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ code: 'console_key_refused' })
    expect(refused.headers.get('set-cookie')).toBeNull()
    expect((await closed.call('GET', '/v1/events', undefined, bearer(key))).status).toBe(200)
    expect((await closed.call('POST', '/console/session')).status).toBe(201)
    const events = await (await closed.call('GET', `/v1/events?subject=${id}`)).json()
    expect(events).toMatchObject({
      data: expect.arrayContaining([expect.objectContaining({ type: 'access.refused' })]),
    })
  })
})

describe("a person's session ends", () => {
  it.each([
    ['client_id', { client_id: 'aaaaaaaa-0000-4000-8000-000000000001' }],
    ['cloud', { cloud: 'us_gov_high' }],
    ['home tenant', { home_tenant: tenants.adatum.id }],
  ])('for good when the %s changes', async (_what, changes) => {
    const { world, send } = await openedWorld()
    expect(await statusOf(send)).toBe(200)
    await configure(world, changes)
    expect(await statusOf(send)).toBe(401)
    await configure(world)
    expect(await statusOf(send)).toBe(401)
  })

  it('when CONSOLE_ADMINS no longer contains the person, unless a role does', async () => {
    const consoleAdmins = [carol.oid, admin.oid]
    const world = await consoleWorld({ settings: { consoleAdmins } })
    const byRole = await openConsole(world, admin.username)
    const browser = browserOf(world)
    await visitAs(world, browser, carol.username)
    const headers = await pageHeaders(browser)
    const later = await createWorld({ keepDatabase: true })
    const read = (each: World, with_: Record<string, string>) =>
      each.send(new Request(`${PUBLIC_URL}/v1/integrations`, { headers: with_ }))
    expect((await read(world, headers)).status).toBe(200)
    expect((await read(later, headers)).status).toBe(401)
    expect(await statusOf(byRole)).toBe(200)
  })

  it('at once when an administrator ends it; a role that was taken away counts at the next sign-in', async () => {
    const world = await consoleWorld()
    world.entra.control.setRoles(carol.username, ['Mailgrant.Admin'])
    const leaver = await openConsole(world, carol.username)
    const made = await leaver('POST', '/v1/api-keys', { name: 'Left behind', scopes: ['admin'] })
    expect(made.status).toBe(201)
    world.entra.control.setRoles(carol.username, [])
    // Mailgrant does not learn of the changed role, so the open session continues.
    expect(await statusOf(leaver)).toBe(200)
    const other = await openConsole(world, admin.username)
    const sessions = await listSessions(other)
    const [theirs] = sessions.filter(({ person }) => person?.id === carol.oid)
    expect((await other('DELETE', `/v1/console-sessions/${theirs?.id}`)).status).toBe(204)
    expect(await statusOf(leaver)).toBe(401)
    expect((await other('DELETE', `/v1/console-sessions/${theirs?.id}`)).status).toBe(404)
    expect((await visitAs(world, browserOf(world), carol.username)).status).toBe(403)
    const keys = await (await other('GET', '/v1/api-keys')).json<{ data: object[] }>()
    expect(keys.data).toMatchObject([
      { name: 'Left behind', created_by: carol.oid, created_by_name: carol.name, status: 'active' },
    ])
    const events = await (await other('GET', `/v1/events?subject=${carol.oid}`)).json()
    expect(events).toMatchObject({
      data: expect.arrayContaining([
        expect.objectContaining({
          type: 'console_session.closed',
          actor: { type: 'person', id: admin.oid, name: admin.name },
        }),
      ]),
    })
  })
})

describe('a role that was taken away', () => {
  it.each([
    [['Mailgrant.Viewer'], { before: 401, equal: 200 }],
    [[], { before: 401, equal: 401 }],
    [['Mailgrant.Admin'], { before: 200, equal: 200 }],
  ])(
    'ends the sessions with more rights as soon as a sign-in in another browser shows it: %j',
    async (left, { before, equal }) => {
      const world = await consoleWorld()
      world.entra.control.setRoles(carol.username, ['Mailgrant.Viewer'])
      const viewer = await openConsole(world, carol.username)
      world.entra.control.setRoles(carol.username, ['Mailgrant.Admin'])
      const administrator = await openConsole(world, carol.username)
      const colleague = await openConsole(world, admin.username)
      expect(await statusOf(administrator)).toBe(200)
      world.entra.control.setRoles(carol.username, left)
      await visitAs(world, browserOf(world), carol.username)
      expect(await statusOf(administrator)).toBe(before)
      expect(await statusOf(viewer)).toBe(equal)
      expect(await statusOf(colleague)).toBe(200)
      const closed = await colleague(
        'GET',
        `/v1/events?type=console_session.closed&subject=${carol.oid}`,
      )
      expect((await closed.json<{ data: object[] }>()).data).toHaveLength(before === 401 ? 1 : 0)
    },
  )
})

describe('the list of console sessions', () => {
  it('shows people and keys, marks the own one, and gives ids that open nothing', async () => {
    const world = await consoleWorld()
    await world.call('POST', '/console/session')
    world.advance(60)
    const send = await openConsole(world, admin.username)
    const [own, root, ...others] = await listSessions(send)
    expect(others).toEqual([])
    expect(own).toMatchObject({
      person: { id: admin.oid, name: admin.name },
      key: null,
      scopes: ['admin'],
      current: true,
      opened_at: '2026-11-24T09:01:00.000Z',
    })
    expect(root).toMatchObject({ key: { id: 'root' }, person: null, current: false })
    expect((await listSessions(send))[0]?.last_used_at).toBe('2026-11-24T09:01:00.000Z')
    const headers = {
      cookie: `__Host-mailgrant_session=${own?.id.slice(3)}`,
      'sec-fetch-site': 'same-origin',
    }
    const forged = await world.send(new Request(`${PUBLIC_URL}/v1/integrations`, { headers }))
    expect(forged.status).toBe(401)
  })

  it('leaves out sessions that no request can use any more', async () => {
    const world = await consoleWorld()
    await openConsole(world, bob.username)
    const { id, key } = await createKey(world, { scopes: ['read'] })
    await world.call('POST', '/console/session', {}, bearer(key))
    const root = (method: string, path: string) => world.call(method, path)
    expect(await listSessions(root)).toHaveLength(2)
    await configure(world, { home_tenant: tenants.adatum.id })
    expect((await listSessions(root)).map((session) => session.key?.id)).toEqual([id])
    await world.call('DELETE', `/v1/api-keys/${id}`)
    expect(await listSessions(root)).toEqual([])
  })
})

describe('what a person does', () => {
  it('is recorded when it changes who may sign in: the home tenant before and after', async () => {
    const world = await consoleWorld()
    world.advance(1)
    await configure(world, { home_tenant: tenants.adatum.id })
    const path = '/v1/events?type=integration.settings_changed'
    const { data } = await world.get<{ data: { data: object }[] }>(path)
    expect(data.map((event) => event.data)).toMatchObject([
      { home_tenant: tenants.adatum.id },
      { home_tenant: tenants.contoso.id },
    ])
  })

  it('counts per person for Idempotency-Key, across sessions', async () => {
    const world = await consoleWorld()
    const create = async (as: string) => {
      const browser = browserOf(world)
      await visitAs(world, browser, as)
      const response = await world.send(
        new Request(`${PUBLIC_URL}/v1/authorizations`, {
          method: 'POST',
          headers: { ...(await pageHeaders(browser)), 'idempotency-key': 'once' },
          body: JSON.stringify({ provider: 'microsoft', username: 'alice@contoso.test' }),
        }),
      )
      expect(response.status).toBe(201)
      return (await response.json<{ id: string }>()).id
    }
    await world.call('POST', '/v1/integrations/microsoft/activate')
    const [first, again, other] = [
      await create(admin.username),
      await create(admin.username),
      await create(alice.username),
    ]
    expect(again).toBe(first)
    expect(other).not.toBe(first)
  })
})
