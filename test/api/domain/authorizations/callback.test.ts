import { createExecutionContext } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { createApp } from '../../../../api/app.ts'
import { createServices } from '../../../../api/services.ts'
import type { KeyRing } from '../../../../schema/settings.ts'
import { secrets } from '../../../sandbox/cast.ts'
import { createWorld, PUBLIC_URL, type World } from '../../harness.ts'
import {
  authorize,
  browserOf,
  CALLBACK,
  callbackUrl,
  comeBack,
  eventTypes,
  readBack,
  rowsOf,
  signIn,
} from '../../sign-in.ts'

const active = async () => {
  const world = await createWorld()
  await world.activate()
  return world
}

/** Started by a browser and back from Microsoft, one step before the callback. */
async function underway(world: World, as?: string, body: Record<string, unknown> = {}) {
  const created = await authorize(world, body)
  const browser = browserOf(world)
  const back = await callbackUrl(world, browser, created.url, as)
  const cookie = await browser.jar.getCookieString(CALLBACK)
  return { ...created, browser, back, cookie }
}

const hit = (world: World, url: URL | string, cookie = '') =>
  world.send(new Request(url, { headers: { cookie } }))

const exchanges = (world: World) => world.entra.counts().token.authorization_code

describe('a callback that is not the answer of this browser', () => {
  it.each([
    ['without a cookie', () => ''],
    ['with a cookie of another value', (cookie: string) => cookie.replace(/=.*/, '=x')],
    ['with an empty cookie', (cookie: string) => cookie.replace(/=.*/, '=')],
    ['with the cookie under another name', (cookie: string) => cookie.replace('az_', 'az_a')],
  ])('%s is a page, calls nobody and changes nothing', async (_name, change) => {
    const world = await active()
    const { back, cookie } = await underway(world)
    const before = [await rowsOf(world, 'authorizations'), await rowsOf(world, 'events')]
    const response = await hit(world, back, change(cookie))
    expect(response.status).toBe(400)
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(await response.text()).toContain('The sign-in was started in another browser')
    expect(exchanges(world)).toBe(0)
    expect([await rowsOf(world, 'authorizations'), await rowsOf(world, 'events')]).toEqual(before)
    // The right browser can still finish.
    expect((await hit(world, back, cookie)).status).toBe(200)
  })

  it("with another sign-in's cookie, or its state, is refused", async () => {
    const world = await active()
    const [mine, theirs] = [await underway(world), await underway(world)]
    expect((await hit(world, mine.back, theirs.cookie)).status).toBe(400)
    const swapped = new URL(mine.back)
    swapped.searchParams.set('state', theirs.back.searchParams.get('state') ?? '')
    expect((await hit(world, swapped, mine.cookie)).status).toBe(400)
    expect(exchanges(world)).toBe(0)
    expect(await rowsOf(world, 'grants')).toEqual([])
  })

  it("cannot put an attacker's code into a victim's sign-in", async () => {
    const world = await active()
    const attacker = await underway(world, 'bob@contoso.test', { username: 'bob@contoso.test' })
    const victim = await underway(world)
    const forged = new URL(victim.back)
    forged.searchParams.set('code', attacker.back.searchParams.get('code') ?? '')
    const response = await hit(world, forged, victim.cookie)
    expect(response.status).toBe(400)
    expect(await readBack(world, victim.id)).toMatchObject({ status: 'failed' })
    expect(await rowsOf(world, 'grants')).toEqual([])
  })

  it.each([
    ['no parameter', ''],
    ['no state', 'code=abc'],
    ['an unknown state', 'code=abc&state=abc'],
    ['an error without a state', 'error=access_denied'],
    ['an empty state', 'code=abc&state='],
    ['a huge state', `code=abc&state=${'x'.repeat(5000)}`],
    ['control characters', 'code=abc&state=%00%0d%0a'],
  ])('with %s is a page and changes nothing', async (_name, query) => {
    const world = await active()
    const { cookie } = await underway(world)
    const before = await rowsOf(world, 'authorizations')
    expect((await hit(world, `${CALLBACK}?${query}`, cookie)).status).toBe(400)
    expect(await rowsOf(world, 'authorizations')).toEqual(before)
    expect(exchanges(world)).toBe(0)
  })

  it.each(['state', 'code', 'error', 'iss'])('with two of %s is refused', async (name) => {
    const world = await active()
    const { back, cookie } = await underway(world)
    const value = back.searchParams.get(name) ?? 'x'
    const twice = new URL(back)
    twice.searchParams.set(name, value)
    twice.searchParams.append(name, value)
    expect((await hit(world, twice, cookie)).status).toBe(400)
    expect(exchanges(world)).toBe(0)
    expect((await hit(world, back, cookie)).status).toBe(200)
  })

  it('with a code that none can be is refused before it is used up', async () => {
    const world = await active()
    const { back, cookie } = await underway(world)
    for (const code of ['', 'a b', 'x'.repeat(9000)]) {
      const odd = new URL(back)
      odd.searchParams.set('code', code)
      expect((await hit(world, odd, cookie)).status).toBe(400)
    }
    expect((await hit(world, back, cookie)).status).toBe(200)
  })
})

describe('a callback that comes more than once', () => {
  it('is taken once, however many come at the same time', async () => {
    const world = await active()
    const { id, back, cookie } = await underway(world)
    const answers = await Promise.all(Array.from({ length: 50 }, () => hit(world, back, cookie)))
    expect(exchanges(world)).toBe(1)
    const statuses = answers.map((answer) => answer.status)
    expect(statuses.filter((status) => status === 200)).toHaveLength(1)
    expect(statuses.filter((status) => status === 410)).toHaveLength(49)
    expect(await rowsOf(world, 'grants')).toHaveLength(1)
    expect(await eventTypes(world, id)).toEqual([
      'authorization.created',
      'authorization.completed',
    ])
  })

  it.each([
    ['success', 'alice@contoso.test', 410],
    ['a refusal', 'dave@contoso.test', 410],
  ])('is a page after %s and writes nothing', async (_name, as, status) => {
    const world = await active()
    const { back, cookie } = await underway(world, as, { username: as })
    await hit(world, back, cookie)
    const before = await world.dump()
    expect((await hit(world, back, cookie)).status).toBe(status)
    expect(await world.dump()).toEqual(before)
    expect(exchanges(world)).toBeLessThan(2)
  })

  it('is a page after the time is over and writes nothing', async () => {
    const world = await active()
    const { id, back, cookie } = await underway(world)
    world.advance(600)
    const before = await world.dump()
    const response = await hit(world, back, cookie)
    expect(response.status).toBe(410)
    expect(await response.text()).toContain('The link has expired')
    expect(await world.dump()).toEqual(before)
    expect(exchanges(world)).toBe(0)
    expect(await readBack(world, id)).toMatchObject({
      status: 'expired',
      problem: {
        code: 'authorization_expired',
        detail: expect.stringContaining('Nobody came back'),
      },
    })
  })
})

describe('a refusal of Microsoft', () => {
  it.each([
    ['access_denied', 'AADSTS65004: User declined', /declined.*AADSTS65004/],
    ['access_denied', 'no number', /cancelled or declined/],
    ['consent_required', 'AADSTS90094: Admin', /Only an admin may consent.*AADSTS90094/],
    ['invalid_scope', 'AADSTS70011: what', /AADSTS70011/],
    ['server_error', 'AADSTS90033: busy', /start again.*AADSTS90033/],
    ['unauthorized_client', 'AADSTS700016: who', /AADSTS700016/],
    ['"><script>', 'x', /start again/i],
  ])('%s (%s) is kept as a result that can be read', async (error, description, told) => {
    const world = await active()
    const { id, back, cookie } = await underway(world)
    const state = back.searchParams.get('state') ?? ''
    const refused = new URL(CALLBACK)
    refused.search = new URLSearchParams({
      error,
      error_description: description,
      state,
    }).toString()
    const response = await hit(world, refused, cookie)
    expect(response.status).toBe(400)
    expect(await readBack(world, id)).toMatchObject({
      status: 'failed',
      problem: { code: 'sign_in_refused', detail: expect.stringMatching(told) },
    })
    expect(exchanges(world)).toBe(0)
    expect(await eventTypes(world, id)).toContain('authorization.failed')
    // A browser can write this answer, so it says nothing about our credential.
    const integration = await world.call('GET', '/v1/integrations/microsoft')
    expect(await integration.json()).toMatchObject({ problems: [] })
  })

  it('that an admin can lift comes with a link for the admin', async () => {
    const world = await active()
    const created = await authorize(world, { username: 'dave@contoso.test' })
    const page = await signIn(world, browserOf(world), created.url, 'dave@contoso.test')
    const link = page.body.match(/<textarea[^>]*>([^<]+)</)?.[1]?.replaceAll('&amp;', '&') ?? ''
    expect(link).toMatch(
      /^https:\/\/login\.microsoftonline\.com\/organizations\/v2\.0\/adminconsent\?/,
    )
    const back = await world.entra.signIn(link, { as: 'admin@contoso.test' })
    expect((await hit(world, back)).status).toBe(200)
    const again = await authorize(world, { username: 'dave@contoso.test' })
    const done = await signIn(world, browserOf(world), again.url, 'dave@contoso.test')
    expect(done.title).toBe('Signed in')
  })

  it('that no admin can lift comes without one', async () => {
    const world = await active()
    const { back, cookie } = await underway(world)
    const state = back.searchParams.get('state') ?? ''
    const url = `${CALLBACK}?error=access_denied&error_description=AADSTS50105&state=${state}`
    expect(await (await hit(world, url, cookie)).text()).not.toContain('adminconsent')
  })
})

describe('an answer in the name of another issuer (RFC 9207)', () => {
  it.each([
    'https://evil.test/common/v2.0',
    'https://login.microsoftonline.com',
    'https://login.microsoftonline.com/common/v2.0',
    'https://login.partner.microsoftonline.cn/c0a70500-7e57-4a11-9d3c-5b1f2c64e801/v2.0',
  ])('%s ends the sign-in before the code is sent anywhere', async (iss) => {
    const world = await active()
    const { id, back, cookie } = await underway(world)
    const mixed = new URL(back)
    mixed.searchParams.set('iss', iss)
    expect((await hit(world, mixed, cookie)).status).toBe(400)
    expect(exchanges(world)).toBe(0)
    expect(await readBack(world, id)).toMatchObject({
      status: 'failed',
      problem: { code: 'sign_in_refused' },
    })
  })

  it("must be the account's own once the account is known", async () => {
    const world = await active()
    const of = (tenant: string) => `https://login.microsoftonline.com/${tenant}/v2.0`
    const right = await underway(world)
    right.back.searchParams.set('iss', of('c0a70500-7e57-4a11-9d3c-5b1f2c64e801'))
    expect((await hit(world, right.back, right.cookie)).status).toBe(200)
    const wrong = await underway(world)
    wrong.back.searchParams.set('iss', of('9188040d-6c67-4c5b-b112-36a304b66dad'))
    expect((await hit(world, wrong.back, wrong.cookie)).status).toBe(400)
    expect(await readBack(world, wrong.id)).toMatchObject({ status: 'failed' })
    expect(await rowsOf(world, 'grants')).toHaveLength(1)
  })
})

describe('what changed while the person was away', () => {
  it('the integration was switched off: nothing is exchanged', async () => {
    const world = await active()
    const { id, back, cookie } = await underway(world)
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect((await hit(world, back, cookie)).status).toBe(409)
    expect(exchanges(world)).toBe(0)
    expect(await readBack(world, id)).toMatchObject({ problem: { code: 'integration_inactive' } })
  })

  it('the app registration was changed: its secret does not go out for the old client', async () => {
    const world = await active()
    const { id, back, cookie } = await underway(world)
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
      credential: { type: 'client_secret', client_secret: 'Zz~another.value-of-a-secret' },
    })
    expect((await hit(world, back, cookie)).status).toBe(400)
    expect(exchanges(world)).toBe(0)
    expect(await readBack(world, id)).toMatchObject({ problem: { code: 'sign_in_refused' } })
  })

  it('the tenant was changed: the code goes where it came from', async () => {
    const world = await active()
    const { back, cookie } = await underway(world)
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: 'f0cacc1a-0000-4000-8000-0000c1e47a99',
      tenant: 'contoso.test',
    })
    expect((await hit(world, back, cookie)).status).toBe(200)
    expect(world.entra.tokenCalls()).toMatchObject([{ tenant: 'common' }])
  })

  it('the key is missing: nothing is used up, and the page can be loaded again', async () => {
    const world = await active()
    const { back, cookie } = await underway(world)
    const response = await withoutKey(world)(new Request(back, { headers: { cookie } }))
    expect(response.status).toBe(503)
    expect(response.headers.get('content-type')).toContain('text/html')
    expect(exchanges(world)).toBe(0)
    expect((await hit(world, back, cookie)).status).toBe(200)
  })
})

/** The same database under a key ring that lacks the key. */
function withoutKey(world: World) {
  const encryptionKeys: KeyRing = [{ kid: 'k9', key: new Uint8Array(32).fill(9) }]
  const services = createServices(
    world.db,
    { ...world.services.settings, encryptionKeys },
    { now: () => world.clock.now, log: () => undefined, fetch: world.services.fetch },
  )
  const app = createApp(services)
  return async (request: Request) => app.fetch(request, {}, createExecutionContext())
}

describe('what nobody may read', () => {
  it('secrets, codes, verifiers and tokens are in no page, event, log line or row', async () => {
    const world = await active()
    const { url, status_url, back, cookie, browser } = await underway(world)
    const row = (await rowsOf(world, 'authorizations'))[0]
    expect(row?.verifier_sealed).toMatch(/^ey/)
    const done = await comeBack(browser, back)
    const failed = await underway(world, 'dave@contoso.test', { username: 'dave@contoso.test' })
    const refused = await comeBack(failed.browser, failed.back)
    const events = await (await world.call('GET', '/v1/events')).text()
    const seen = [
      done.body,
      refused.body,
      events,
      world.lines.join('\n'),
      await world.dump(),
    ].join()
    const canaries = [
      ...world.entra.issuedSecrets(),
      secrets.current,
      new URL(url).searchParams.get('secret') ?? '',
      new URL(status_url).searchParams.get('secret') ?? '',
      back.searchParams.get('state') ?? '',
      cookie.split('=')[1] ?? '',
    ]
    expect(canaries.length).toBeGreaterThan(7)
    for (const canary of canaries) {
      expect(canary.length).toBeGreaterThan(15)
      for (const spelled of [canary, encodeURIComponent(canary), btoa(canary).replace(/=+$/, '')]) {
        expect(seen).not.toContain(spelled)
      }
    }
  })

  it('every sign-in has a state, nonce and challenge of its own', async () => {
    const world = await active()
    const { url } = await authorize(world)
    const targets: URLSearchParams[] = []
    for (let i = 0; i < 3; i += 1) {
      const response = await world.send(
        new Request(url, { headers: { 'sec-fetch-site': 'same-origin' }, redirect: 'manual' }),
      )
      targets.push(new URL(response.headers.get('location') ?? PUBLIC_URL).searchParams)
    }
    for (const name of ['state', 'nonce', 'code_challenge']) {
      const values = targets.map((params) => params.get(name))
      expect(new Set(values).size).toBe(3)
      for (const value of values) expect(value).toMatch(/^[\w-]{43}$/)
    }
  })
})
