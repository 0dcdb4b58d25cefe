import { describe, expect, it } from 'vitest'
import { createWorld, PUBLIC_URL, type World } from '../harness.ts'
import {
  authorize,
  browserOf,
  CALLBACK,
  callbackUrl,
  comeBack,
  eventTypes,
  goOn,
  readBack,
  rowsOf,
  signIn,
} from '../sign-in.ts'

const active = async () => {
  const world = await createWorld()
  await world.activate()
  return world
}

const page = (world: World, url: string, init: RequestInit = {}) =>
  world.send(new Request(url, { redirect: 'manual', ...init }))

const press = (
  world: World,
  url: string,
  headers: Record<string, string>,
  path = '/oauth/microsoft/authorize',
) =>
  page(world, `${PUBLIC_URL}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URL(url).search.slice(1),
  })

const sameOrigin = { 'sec-fetch-site': 'same-origin' }

describe('getting an access token', () => {
  it('leads alice from the link over Microsoft to a page that is done, and leaves a grant', async () => {
    const world = await active()
    const created = await authorize(world, { origin: 'https://helpdesk.test' })
    const done = await signIn(world, browserOf(world), created.url)
    expect(done.status).toBe(200)
    expect(done.title).toBe('Signed in')
    expect(done.text).toContain('alice@contoso.test')
    expect(await readBack(world, created.id)).toMatchObject({
      status: 'completed',
      grant: {
        status: 'unsaved',
        signed_in_as: 'alice@contoso.test',
        account_type: 'work',
        protocols: ['imap', 'smtp'],
        warnings: [],
        expires_at: '2026-11-24T10:00:00.000Z',
      },
    })
    expect(await eventTypes(world, created.id)).toEqual([
      'authorization.created',
      'authorization.completed',
    ])
    expect(world.entra.tokenCalls()).toMatchObject([
      { grantType: 'authorization_code', tenant: 'common', status: 200 },
    ])
  })

  it('works for a personal account', async () => {
    const world = await active()
    const created = await authorize(world, { username: 'grace@outlook.test' })
    const done = await signIn(world, browserOf(world), created.url, 'grace@outlook.test')
    expect(done.title).toBe('Signed in')
    expect(await readBack(world, created.id)).toMatchObject({
      grant: { account_type: 'personal', signed_in_as: 'grace@outlook.test' },
    })
  })

  it('works for a shared mailbox whose delegate signs in, in whatever case it was written', async () => {
    const world = await active()
    const created = await authorize(world, {
      username: 'support@contoso.test',
      delegate: 'Alice@Contoso.test',
    })
    const picker = await goOn(browserOf(world), created.url)
    expect(new URL(picker.url).searchParams.get('login_hint')).toBe('Alice@Contoso.test')
    const done = await signIn(world, browserOf(world), created.url)
    expect(done.title).toBe('Signed in')
    expect(await readBack(world, created.id)).toMatchObject({ grant: { warnings: [] } })
  })

  it('asks for the protocols of the form only', async () => {
    const world = await active()
    const { url } = await authorize(world, { protocols: ['smtp'] })
    const picker = await goOn(browserOf(world), url)
    expect(new URL(picker.url).searchParams.get('scope')).toBe(
      'https://outlook.office.com/SMTP.Send offline_access openid profile',
    )
  })

  it('forgets an unsaved grant after its hour', async () => {
    const world = await active()
    const created = await authorize(world)
    await signIn(world, browserOf(world), created.url)
    world.advance(3600)
    const authorization = await readBack(world, created.id)
    expect(authorization.status).toBe('completed')
    expect(authorization).not.toHaveProperty('grant')
  })

  it('tells the opener at its origin only, and goes on to the return URL with the outcome only', async () => {
    const world = await active()
    const created = await authorize(world, {
      origin: 'https://helpdesk.test',
      return_url: 'https://helpdesk.test/mail?tab=2',
    })
    const done = await signIn(world, browserOf(world), created.url)
    const next = `https://helpdesk.test/mail?tab=2&authorization=${created.id}&status=completed`
    expect(done.body).toContain('data-origin="https://helpdesk.test"')
    expect(done.body).toContain(`data-next="${next.replaceAll('&', '&amp;')}"`)
    expect(done.links.map(({ href }) => href)).toEqual([next])
    const script = await page(world, `${PUBLIC_URL}/oauth/page.js`)
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8')
    expect(await script.text()).not.toMatch(/postMessage\([^)]*['"]\*['"]/)
  })
})

describe('the link', () => {
  it('shows who asks for what, and consumes nothing however often it is opened', async () => {
    const world = await active()
    const { url } = await authorize(world, {
      username: 'support@contoso.test',
      delegate: 'alice@contoso.test',
      origin: 'https://helpdesk.test',
      protocols: ['imap'],
    })
    const before = await rowsOf(world, 'authorizations')
    for (const site of ['none', 'cross-site', 'same-site', undefined]) {
      const headers = site === undefined ? {} : { 'sec-fetch-site': site }
      const response = await page(world, url, { headers })
      expect(response.status).toBe(200)
      expect(response.headers.getSetCookie()).toEqual([])
      const text = await response.text()
      for (const told of [
        'The administrator of this service',
        'https://helpdesk.test',
        'support@contoso.test',
        'alice@contoso.test',
        'Read, change and delete mail',
      ]) {
        expect(text).toContain(told)
      }
      expect(text).not.toContain('Send mail in your name')
    }
    expect(await rowsOf(world, 'authorizations')).toEqual(before)
    expect(world.entra.counts().authorize).toBe(0)
  })

  it('goes straight on from the console, which has shown it all', async () => {
    const world = await active()
    const { id, url } = await authorize(world)
    const response = await page(world, url, { headers: sameOrigin })
    expect(response.status).toBe(302)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const target = new URL(response.headers.get('location') ?? '')
    expect(target.origin + target.pathname).toBe(
      'https://login.microsoftonline.com/common/oauth2/v2.0/authorize',
    )
    expect(Object.fromEntries(target.searchParams)).toMatchObject({
      response_type: 'code',
      response_mode: 'query',
      redirect_uri: CALLBACK,
      code_challenge_method: 'S256',
      login_hint: 'alice@contoso.test',
    })
    expect(target.searchParams.get('prompt')).toBeNull()
    expect(response.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        new RegExp(
          `^__Host-mg_${id}=[\\w-]{43}; Max-Age=1200; Path=/; HttpOnly; Secure; SameSite=Lax$`,
        ),
      ),
    ])
  })

  it('goes on by its button with a page, not a redirect', async () => {
    const world = await active()
    const { url } = await authorize(world)
    for (const headers of [sameOrigin, { origin: PUBLIC_URL }]) {
      const response = await press(world, url, headers)
      expect(response.status).toBe(200)
      expect(response.headers.getSetCookie()).toHaveLength(1)
      expect(await response.text()).toContain(
        '<meta http-equiv="refresh" content="0;url=https://login.microsoftonline.com/common/',
      )
    }
  })

  it('does not let another site press the button', async () => {
    const world = await active()
    const { url } = await authorize(world)
    const before = await rowsOf(world, 'authorizations')
    for (const headers of [
      {},
      { 'sec-fetch-site': 'cross-site' },
      { 'sec-fetch-site': 'same-site' },
      { 'sec-fetch-site': 'none' },
      { 'sec-fetch-site': 'cross-site', origin: PUBLIC_URL },
      { origin: 'https://helpdesk.test' },
      { origin: 'null' },
    ] as Record<string, string>[]) {
      const response = await press(world, url, headers)
      expect(response.status).toBe(400)
      expect(response.headers.getSetCookie()).toEqual([])
    }
    expect(await rowsOf(world, 'authorizations')).toEqual(before)
  })

  it('can be taken again after going back; the earlier try is worth nothing then', async () => {
    const world = await active()
    const { id, url } = await authorize(world)
    const browser = browserOf(world)
    const early = await callbackUrl(world, browser, url)
    const late = await callbackUrl(world, browser, url)
    const stale = await comeBack(browser, early)
    expect(stale.status).toBe(400)
    expect(world.entra.counts().token.authorization_code).toBe(0)
    const done = await comeBack(browser, late)
    expect(done.title).toBe('Signed in')
    expect(await readBack(world, id)).toMatchObject({ status: 'completed' })
  })

  it('gives ten minutes to sign in from the start', async () => {
    const world = await active()
    const { id, url } = await authorize(world, { expires_in: 3600 })
    world.advance(3000)
    await goOn(browserOf(world), url)
    expect(await readBack(world, id)).toMatchObject({ expires_at: '2026-11-24T10:00:00.000Z' })
  })

  it.each([
    ['another secret', (url: string) => `${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`],
    ['no secret', (url: string) => url.replace(/&secret=.*/, '')],
    ['two secrets', (url: string) => `${url}&secret=x`],
    ['no authorization', (url: string) => url.replace(/authorization=[^&]*&/, '')],
    ['another id', (url: string) => url.replace(/az_.{4}/, 'az_aaaa')],
  ])('is not known with %s', async (_name, change) => {
    const world = await active()
    const { url } = await authorize(world)
    const response = await page(world, change(url), { headers: sameOrigin })
    expect(response.status).toBe(404)
    expect(response.headers.getSetCookie()).toEqual([])
    expect((await press(world, change(url), sameOrigin)).status).toBe(404)
  })

  it('says so when its time is over, when it was used, when sign-in is switched off', async () => {
    const world = await active()
    const late = await authorize(world)
    const done = await authorize(world, { expires_in: 3600 })
    const open = await authorize(world, { expires_in: 3600 })
    await signIn(world, browserOf(world), done.url)
    world.advance(601)
    const status = async (url: string) => [
      (await page(world, url)).status,
      (await page(world, url, { headers: sameOrigin })).status,
      (await press(world, url, sameOrigin)).status,
    ]
    expect(await status(late.url)).toEqual([410, 410, 410])
    expect(await status(done.url)).toEqual([410, 410, 410])
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect(await status(open.url)).toEqual([409, 409, 409])
    await world.call('POST', '/v1/integrations/microsoft/activate')
    expect((await page(world, open.url)).status).toBe(200)
  })
})
