import { describe, expect, it } from 'vitest'
import { MAX_LINK_LIFETIME_S } from '../../../../schema/authorization.ts'
import { activeWorld, PUBLIC_URL, type World } from '../../harness.ts'
import { callerOf, createKey } from '../../keys.ts'
import {
  authorize,
  browserOf,
  CALLBACK,
  callbackUrl,
  continueToMicrosoft,
  readAuthorization,
  returnFromMicrosoft,
  rowsOf,
  signIn,
} from '../../sign-in.ts'

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

/** Returns a sign-in that a key with this input has requested. */
async function requestedByKey(world: World, input: object) {
  const key = await createKey(world, { scopes: ['write'], ...input })
  const body = { provider: 'microsoft', username: 'alice@contoso.test' }
  const created = await callerOf(world, key.key)('POST', '/v1/authorizations', body)
  return { keyId: key.id, ...(await created.json<{ id: string; url: string }>()) }
}

const sameOrigin = { 'sec-fetch-site': 'same-origin' }

describe('the sign-in link', () => {
  it('shows who requests what, and consumes nothing however often it is opened', async () => {
    const world = await activeWorld()
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
      for (const part of [
        'Your Mailgrant administrator',
        'https://helpdesk.test',
        'support@contoso.test',
        'alice@contoso.test',
        'Read, change and delete mail',
      ]) {
        expect(text).toContain(part)
      }
      expect(text).not.toContain('Send mail as you')
    }
    expect(await rowsOf(world, 'authorizations')).toEqual(before)
    expect(world.entra.counts().authorize).toBe(0)
  })

  it.each([
    [
      'revoked',
      'failed',
      async (world: World, id: string) => world.call('DELETE', `/v1/api-keys/${id}`),
    ],
    ['expired', 'pending', async (world: World) => world.advance(300)],
  ] as const)('leads nowhere once the key that requested it is %s', async (_name, status, end) => {
    const world = await activeWorld()
    const { keyId, id, url } = await requestedByKey(world, { expires_at: '2026-11-24T09:05:00Z' })
    expect(await (await page(world, url)).text()).toContain('Continue to Microsoft')
    await end(world, keyId)
    const responses = [
      await page(world, url),
      await page(world, url, { headers: sameOrigin }),
      await press(world, url, sameOrigin),
    ]
    for (const response of responses) {
      expect(response.status).toBe(410)
      expect(response.headers.getSetCookie()).toEqual([])
      const text = await response.text()
      expect(text).toContain('The sender of this link has withdrawn it')
      expect(text).toContain('ask that person for a new one')
      expect(text).not.toContain('Continue to Microsoft')
    }
    expect(world.entra.counts().authorize).toBe(0)
    expect(await readAuthorization(world, id)).toMatchObject({ status })
  })

  it('shows the name of the requesting API key as text', async () => {
    const world = await activeWorld()
    const { url } = await requestedByKey(world, { name: 'Desk <b>7</b>' })
    const text = await (await page(world, url)).text()
    expect(text).toContain('<dd>“Desk &lt;b&gt;7&lt;/b&gt;”')
  })

  it('shows it also to a person who tries again after a failure of ours', async () => {
    const world = await activeWorld()
    const { url } = await requestedByKey(world, {})
    const { authorizations } = world.services.store
    const { readWithOldGrant } = authorizations
    authorizations.readWithOldGrant = () => Promise.reject(new Error('not readable'))
    const browser = browserOf(world)
    const failed = await browser.visit(url)
    const [again] = failed.links
    expect([failed.status, again?.text]).toEqual([500, 'Try again'])
    authorizations.readWithOldGrant = readWithOldGrant
    const shown = await browser.visit(again?.href ?? '', { from: failed })
    expect(shown.text).toContain('Continue to Microsoft')
  })

  it('redirects immediately from the console, which has shown the details', async () => {
    const world = await activeWorld()
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

  it('continues by its button with a page, not a redirect', async () => {
    const world = await activeWorld()
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
    const world = await activeWorld()
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

  it('can be used again after going back, which invalidates the earlier attempt', async () => {
    const world = await activeWorld()
    const { id, url } = await authorize(world)
    const browser = browserOf(world)
    const early = await callbackUrl(world, browser, url)
    const late = await callbackUrl(world, browser, url)
    const stale = await returnFromMicrosoft(browser, early)
    expect(stale.status).toBe(400)
    expect(world.entra.counts().token.authorization_code).toBe(0)
    const done = await returnFromMicrosoft(browser, late)
    expect(done.title).toBe('Signed in')
    expect(await readAuthorization(world, id)).toMatchObject({ status: 'completed' })
  })

  it('allows at least ten minutes for the sign-in once it has started', async () => {
    const world = await activeWorld()
    const { id, url } = await authorize(world, { expires_in: 3600 })
    world.advance(3000)
    await continueToMicrosoft(browserOf(world), url)
    expect(await readAuthorization(world, id)).toMatchObject({
      expires_at: '2026-11-24T10:00:00.000Z',
    })
  })

  it('cannot be restarted indefinitely', async () => {
    const world = await activeWorld()
    const { id, url } = await authorize(world, { expires_in: MAX_LINK_LIFETIME_S })
    world.advance(MAX_LINK_LIFETIME_S - 60)
    // Starting the sign-in adds ten minutes.
    expect((await press(world, url, sameOrigin)).status).toBe(200)
    world.advance(60)
    expect((await readAuthorization(world, id)).status).toBe('pending')
    const late = await press(world, url, sameOrigin)
    expect(late.status).toBe(410)
    expect(await late.text()).toContain('too old to start another sign-in')
  })

  it.each([
    ['another secret', 404, (url: string) => `${url.slice(0, -1)}${url.endsWith('A') ? 'B' : 'A'}`],
    ['no secret', 400, (url: string) => url.replace(/&secret=.*/, '')],
    ['two secrets', 400, (url: string) => `${url}&secret=x`],
    ['no authorization', 400, (url: string) => url.replace(/authorization=[^&]*&/, '')],
    ['another id', 404, (url: string) => url.replace(/az_.{4}/, 'az_aaaa')],
  ])('is not found with %s', async (_name, pressed, change) => {
    const world = await activeWorld()
    const { url } = await authorize(world)
    const response = await page(world, change(url), { headers: sameOrigin })
    expect(response.status).toBe(404)
    expect(response.headers.getSetCookie()).toEqual([])
    expect((await press(world, change(url), sameOrigin)).status).toBe(pressed)
  })

  it('explains that it has expired, was used or is blocked by a deactivated integration', async () => {
    const world = await activeWorld()
    const late = await authorize(world, { username: 'bob@contoso.test' })
    const done = await authorize(world, { expires_in: 3600 })
    const open = await authorize(world, { username: 'carol@contoso.test', expires_in: 3600 })
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

  it('uses a new state, nonce and challenge each time it is opened', async () => {
    const world = await activeWorld()
    const { url } = await authorize(world)
    const targets: URLSearchParams[] = []
    for (let i = 0; i < 3; i += 1) {
      const response = await page(world, url, { headers: sameOrigin })
      targets.push(new URL(response.headers.get('location') ?? PUBLIC_URL).searchParams)
    }
    for (const name of ['state', 'nonce', 'code_challenge']) {
      const values = targets.map((params) => params.get(name))
      expect(new Set(values).size).toBe(3)
      for (const value of values) expect(value).toMatch(/^[\w-]{43}$/)
    }
  })
})
