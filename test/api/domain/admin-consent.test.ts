import { describe, expect, it } from 'vitest'
import { createWorld, PUBLIC_URL, type World } from '../harness.ts'
import { authorize, browserOf, rowsOf, signIn } from '../sign-in.ts'

const LANDING = `${PUBLIC_URL}/oauth/microsoft/admin-consent`
const DAY = 86_400

const active = async () => {
  const world = await createWorld()
  await world.activate()
  return world
}

const ask = (world: World, body: Record<string, unknown> = {}) =>
  world.call('POST', '/v1/integrations/microsoft/admin-consent', body)

async function link(world: World, body: Record<string, unknown> = {}): Promise<URL> {
  const response = await ask(world, body)
  expect(response.status).toBe(201)
  expect(response.headers.get('cache-control')).toBe('no-store')
  return new URL((await response.json<{ url: string }>()).url)
}

const land = async (world: World, params: Record<string, string>) => {
  const response = await world.send(new Request(`${LANDING}?${new URLSearchParams(params)}`))
  return { status: response.status, text: await response.text() }
}

const stateOf = (url: URL) => url.searchParams.get('state') ?? ''

/** Events of admin consent, oldest first, with their data. */
async function told(world: World) {
  const rows = await rowsOf(world, 'events')
  return rows
    .filter((row) => String(row.type).startsWith('admin_consent.'))
    .map((row) => [row.type, JSON.parse(String(row.data))])
}

describe('making a link for an admin', () => {
  it("leads to Entra's consent page with the mail scopes, for 14 days", async () => {
    const world = await active()
    const response = await ask(world)
    expect(await response.json()).toMatchObject({ expires_at: '2026-12-08T09:00:00.000Z' })
    const url = await link(world)
    expect(url.origin + url.pathname).toBe(
      'https://login.microsoftonline.com/organizations/v2.0/adminconsent',
    )
    expect(url.searchParams.get('redirect_uri')).toBe(LANDING)
    expect(url.searchParams.get('scope')).toBe(
      'https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access openid profile',
    )
    expect(stateOf(url)).toMatch(/^[\w-]{43}$/)
    expect(await world.dump()).not.toContain(stateOf(url))
    expect(world.lines.join()).not.toContain(stateOf(url))
  })

  it('takes the tenant that it is given', async () => {
    const world = await active()
    expect((await link(world, { tenant: 'contoso.test' })).pathname).toBe(
      '/contoso.test/v2.0/adminconsent',
    )
    expect((await link(world, { tenant: 'common' })).pathname).toBe(
      '/organizations/v2.0/adminconsent',
    )
  })

  it('asks for what the app declares where no person is to sign in', async () => {
    const world = await active()
    const url = await link(world, { tenant: 'contoso.test', flow: 'app_only' })
    expect(url.pathname).toBe('/contoso.test/v2.0/adminconsent')
    expect(url.searchParams.get('scope')).toBe('https://outlook.office365.com/.default')
    const { id } = await authorize(world)
    const response = await ask(world, { authorization_id: id, flow: 'app_only' })
    expect(await response.json()).toMatchObject({ errors: [{ pointer: '/flow' }] })
  })

  it('takes the protocols of an authorization', async () => {
    const world = await active()
    const { id } = await authorize(world, { protocols: ['smtp'] })
    const url = await link(world, { authorization_id: id })
    expect(url.searchParams.get('scope')).toBe(
      'https://outlook.office.com/SMTP.Send offline_access openid profile',
    )
  })

  it.each([
    [{ tenant: 'consumers' }, '/tenant'],
    [{ tenant: '9188040d-6c67-4c5b-b112-36a304b66dad' }, '/tenant'],
    [{ tenant: 'no tenant' }, '/tenant'],
    [{ authorization_id: `az_${'a'.repeat(26)}` }, '/authorization_id'],
    [{ surprise: true }, '/surprise'],
  ])('names what is wrong with %j', async (body, pointer) => {
    const world = await active()
    const response = await ask(world, body)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ pointer }] })
  })

  it('needs a tenant where only personal accounts sign in', async () => {
    const world = await active()
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: 'f0cacc1a-0000-4000-8000-0000c1e47a99',
      tenant: 'consumers',
    })
    expect((await ask(world)).status).toBe(422)
    await link(world, { tenant: 'contoso.test' })
  })

  it('needs an app registration, but not that sign-in is switched on', async () => {
    const world = await createWorld()
    const bare = await ask(world)
    expect(bare.status).toBe(409)
    expect(await bare.json()).toMatchObject({ code: 'integration_not_configured' })
    await world.activate()
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    await link(world)
  })
})

describe('coming back from the consent page', () => {
  it('is told as an unverified event once, and opens the way for people', async () => {
    const world = await active()
    const url = await link(world)
    const back = await world.entra.signIn(url, { as: 'admin@contoso.test' })
    expect(back.origin + back.pathname).toBe(LANDING)
    const done = await land(world, Object.fromEntries(back.searchParams))
    expect(done).toMatchObject({ status: 200, text: expect.stringContaining('Consent received') })
    const again = await land(world, Object.fromEntries(back.searchParams))
    expect(again).toMatchObject({ status: 200, text: expect.stringContaining('Already done') })
    const tenant = 'c0a70500-7e57-4a11-9d3c-5b1f2c64e801'
    expect(await told(world)).toEqual([
      ['admin_consent.created', { tenant: 'common' }],
      ['admin_consent.completed', { unverified: true, tenant }],
    ])
    const dave = await authorize(world, { username: 'dave@contoso.test' })
    const page = await signIn(world, browserOf(world), dave.url, 'dave@contoso.test')
    expect(page.title).toBe('Signed in')
  })

  it('with an error is a refusal, even beside admin_consent=True, and the link still works', async () => {
    const world = await active()
    const url = await link(world)
    const no = await world.entra.signIn(url, { as: 'admin@contoso.test', consent: 'cancel' })
    expect(no.searchParams.get('admin_consent')).toBe('True')
    const refused = await land(world, Object.fromEntries(no.searchParams))
    expect(refused).toMatchObject({ status: 200, text: expect.stringContaining('Not consented') })
    const yes = await world.entra.signIn(url, { as: 'admin@contoso.test' })
    const done = await land(world, Object.fromEntries(yes.searchParams))
    expect(done.text).toContain('Consent received')
    expect((await told(world)).map(([type]) => type)).toEqual([
      'admin_consent.created',
      'admin_consent.refused',
      'admin_consent.completed',
    ])
    expect((await told(world))[1]).toEqual([
      'admin_consent.refused',
      { unverified: true, aadsts: 65004 },
    ])
  })

  it('after success no error undoes it', async () => {
    const world = await active()
    const state = stateOf(await link(world))
    await land(world, { state, admin_consent: 'True', tenant: 'x' })
    const before = await world.dump()
    const late = await land(world, { state, error: 'access_denied' })
    expect(late.text).toContain('Already done')
    expect(await world.dump()).toEqual(before)
  })

  it('is told once, however many come at the same time', async () => {
    const world = await active()
    const state = stateOf(await link(world))
    await Promise.all(
      Array.from({ length: 20 }, () => land(world, { state, admin_consent: 'True' })),
    )
    expect(await told(world)).toHaveLength(2)
  })

  it.each(['not-a-guid', '<script>alert(1)</script>', '', 'common'])(
    'does not repeat the tenant %j, and a forged one changes no other state',
    async (tenant) => {
      const world = await active()
      const settings = async () =>
        (await world.call('GET', '/v1/integrations/microsoft/settings')).json()
      const before = await settings()
      const page = await land(world, {
        state: stateOf(await link(world)),
        admin_consent: 'True',
        tenant,
      })
      expect(page.text).not.toContain('alert(1)')
      expect((await told(world)).at(-1)).toEqual(['admin_consent.completed', { unverified: true }])
      expect(await settings()).toEqual(before)
      expect(await rowsOf(world, 'grants')).toEqual([])
    },
  )

  it.each<[string, (state: string) => Record<string, string>]>([
    ['no state', () => ({ admin_consent: 'True' })],
    ['an unknown state', () => ({ admin_consent: 'True', state: 'x' })],
    ['no result', (state) => ({ state })],
    ['admin_consent=False', (state) => ({ state, admin_consent: 'False' })],
  ])('with %s is a page and changes nothing', async (_name, params) => {
    const world = await active()
    const state = stateOf(await link(world))
    const before = await world.dump()
    expect((await land(world, params(state))).status).toBe(400)
    expect(await world.dump()).toEqual(before)
  })

  it('with a parameter twice is a page and changes nothing', async () => {
    const world = await active()
    const state = stateOf(await link(world))
    const before = await world.dump()
    const query = `state=${state}&admin_consent=True&admin_consent=True`
    expect((await world.send(new Request(`${LANDING}?${query}`))).status).toBe(400)
    expect(await world.dump()).toEqual(before)
  })

  it('is too late after 14 days', async () => {
    const world = await active()
    const state = stateOf(await link(world))
    world.advance(14 * DAY - 1)
    const refused = await land(world, { state, error: 'access_denied' })
    expect(refused.status).toBe(200)
    world.advance(1)
    const late = await land(world, { state, admin_consent: 'True' })
    expect(late.status).toBe(410)
    expect((await told(world)).map(([type]) => type)).toEqual([
      'admin_consent.created',
      'admin_consent.refused',
    ])
  })
})
