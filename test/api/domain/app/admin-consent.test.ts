import { describe, expect, it } from 'vitest'
import type { AdminConsentLink } from '../../../../schema/integration.ts'
import { app } from '../../../sandbox/personas.ts'
import { enableGraph } from '../../graph-world.ts'
import { activeWorld, createWorld, PUBLIC_URL, type World } from '../../harness.ts'
import {
  authorize,
  browserOf,
  callbackUrl,
  readAuthorization,
  rowsOf,
  signIn,
} from '../../sign-in.ts'

const LANDING = `${PUBLIC_URL}/oauth/microsoft/admin-consent`
const DAY = 86_400

const requestLink = (world: World, body: Record<string, unknown> = {}) =>
  world.call('POST', '/v1/integrations/microsoft/admin-consent', body)

async function createLink(world: World, body: Record<string, unknown> = {}): Promise<URL> {
  const response = await requestLink(world, body)
  expect(response.status).toBe(201)
  expect(response.headers.get('cache-control')).toBe('no-store')
  return new URL((await response.json<{ url: string }>()).url)
}

const visitLanding = async (world: World, params: Record<string, string>) => {
  const response = await world.send(new Request(`${LANDING}?${new URLSearchParams(params)}`))
  return { status: response.status, text: await response.text() }
}

const stateOf = (url: URL) => url.searchParams.get('state') ?? ''

/** Events of admin consent, oldest first, with their data. */
async function consentEvents(world: World) {
  const rows = await rowsOf(world, 'events')
  return rows
    .filter((row) => String(row.type).startsWith('admin_consent.'))
    .map((row) => [row.type, JSON.parse(String(row.data))])
}

describe('an admin-consent link', () => {
  it("leads to Entra's consent page with the mail scopes, for 14 days", async () => {
    const world = await activeWorld()
    const response = await requestLink(world)
    expect(await response.json()).toMatchObject({ expires_at: '2026-12-08T09:00:00.000Z' })
    const url = await createLink(world)
    expect(url.origin + url.pathname).toBe(
      'https://login.microsoftonline.com/organizations/v2.0/adminconsent',
    )
    expect(Object.fromEntries(url.searchParams)).toEqual({
      client_id: app.clientId,
      redirect_uri: LANDING,
      scope:
        'https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access openid profile',
      state: expect.stringMatching(/^[\w-]{43}$/),
    })
    expect(await world.dump()).not.toContain(stateOf(url))
    expect(world.lines.join()).not.toContain(stateOf(url))
  })

  it('of a sign-in is for the app in the settings only', async () => {
    const world = await activeWorld()
    const created = await authorize(world)
    await callbackUrl(world, browserOf(world), created.url)
    await world.db
      .prepare("UPDATE authorizations SET sign_in = json_set(sign_in, '$.clientId', 'another')")
      .run()
    world.advance(60)
    const { status, hint } = await readAuthorization(world, created.id)
    expect([status, JSON.stringify(hint).includes('adminconsent')]).toEqual(['pending', false])
  })

  it('uses the requested tenant', async () => {
    const world = await activeWorld()
    expect((await createLink(world, { tenant: 'contoso.test' })).pathname).toBe(
      '/contoso.test/v2.0/adminconsent',
    )
    expect((await createLink(world, { tenant: 'common' })).pathname).toBe(
      '/organizations/v2.0/adminconsent',
    )
  })

  it('requests the permissions of the app registration for the app-only flow', async () => {
    const world = await activeWorld()
    const url = await createLink(world, { tenant: 'contoso.test', flow: 'app_only' })
    expect(url.pathname).toBe('/contoso.test/v2.0/adminconsent')
    expect(url.searchParams.get('scope')).toBe('https://outlook.office365.com/.default')
    const { id } = await authorize(world)
    const response = await requestLink(world, { authorization_id: id, flow: 'app_only' })
    expect(await response.json()).toMatchObject({ errors: [{ pointer: '/flow' }] })
  })

  it('requests the scopes for the protocols of an authorization', async () => {
    const world = await activeWorld()
    const { id } = await authorize(world, { protocols: ['smtp'] })
    const url = await createLink(world, { authorization_id: id })
    expect(url.searchParams.get('scope')).toBe(
      'https://outlook.office.com/SMTP.Send offline_access openid profile',
    )
  })

  it("requests the permission for someone else's mailbox if the sign-in will", async () => {
    const world = await activeWorld()
    await enableGraph(world)
    const { id } = await authorize(world, {
      username: 'support@contoso.test',
      delegate: 'alice@contoso.test',
      protocols: ['graph_send'],
    })
    expect((await createLink(world, { authorization_id: id })).searchParams.get('scope')).toBe(
      'https://graph.microsoft.com/Mail.Send https://graph.microsoft.com/Mail.Send.Shared offline_access openid profile',
    )
  })

  it.each([
    [
      { flow: 'delegated' },
      'https://outlook.office.com/IMAP.AccessAsUser.All https://outlook.office.com/SMTP.Send offline_access openid profile',
      'https://graph.microsoft.com/Mail.Send offline_access openid profile',
    ],
    [
      { flow: 'app_only' },
      'https://outlook.office365.com/.default',
      'https://graph.microsoft.com/.default',
    ],
  ])('is one of two if the settings list Graph, one for each API: %j', async (body, ...scopes) => {
    const world = await activeWorld()
    await enableGraph(world)
    const response = await requestLink(world, { tenant: 'contoso.test', ...body })
    const { url, links } = await response.json<AdminConsentLink>()
    expect(links.map(({ resource }) => resource)).toEqual(['outlook', 'graph'])
    expect(links.map((link) => new URL(link.url).searchParams.get('scope'))).toEqual(scopes)
    expect(url).toBe(links[0]?.url)
    const { id } = await authorize(world, { protocols: ['graph_send'] })
    const ofSignIn = await requestLink(world, { authorization_id: id })
    expect((await ofSignIn.json<AdminConsentLink>()).links).toMatchObject([{ resource: 'graph' }])
  })

  it.each([
    [{ tenant: 'consumers' }, '/tenant'],
    [{ tenant: '9188040d-6c67-4c5b-b112-36a304b66dad' }, '/tenant'],
    [{ tenant: 'no tenant' }, '/tenant'],
    [{ authorization_id: `az_${'a'.repeat(26)}` }, '/authorization_id'],
    [{ surprise: true }, '/surprise'],
  ])('reports the invalid field of %j', async (body, pointer) => {
    const world = await activeWorld()
    const response = await requestLink(world, body)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({ errors: [{ pointer }] })
  })

  it('requires a tenant when only personal accounts may sign in', async () => {
    const world = await activeWorld()
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: 'f0cacc1a-0000-4000-8000-0000c1e47a99',
      tenant: 'consumers',
    })
    expect((await requestLink(world)).status).toBe(422)
    await createLink(world, { tenant: 'contoso.test' })
  })

  it('requires an app registration, but not an active integration', async () => {
    const world = await createWorld()
    const bare = await requestLink(world)
    expect(bare.status).toBe(409)
    expect(await bare.json()).toMatchObject({ code: 'integration_not_configured' })
    await world.activate()
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    await createLink(world)
  })
})

describe('the return from the consent page', () => {
  it('logs one unverified event, and lets people sign in', async () => {
    const world = await activeWorld()
    const url = await createLink(world)
    const back = await world.entra.signIn(url, { as: 'admin@contoso.test' })
    expect(back.origin + back.pathname).toBe(LANDING)
    const done = await visitLanding(world, Object.fromEntries(back.searchParams))
    expect(done).toMatchObject({ status: 200, text: expect.stringContaining('Consent received') })
    const again = await visitLanding(world, Object.fromEntries(back.searchParams))
    expect(again).toMatchObject({ status: 200, text: expect.stringContaining('Already done') })
    const tenant = 'c0a70500-7e57-4a11-9d3c-5b1f2c64e801'
    expect(await consentEvents(world)).toEqual([
      ['admin_consent.created', { tenant: 'common', resource: 'outlook' }],
      ['admin_consent.completed', { unverified: true, resource: 'outlook', tenant }],
    ])
    const dave = await authorize(world, { username: 'dave@contoso.test' })
    const page = await signIn(world, browserOf(world), dave.url, 'dave@contoso.test')
    expect(page.title).toBe('Signed in')
  })

  it('from one of two links leaves the other one open', async () => {
    const world = await activeWorld()
    await enableGraph(world)
    const response = await requestLink(world, { tenant: 'contoso.test' })
    const { links } = await response.json<AdminConsentLink>()
    for (const { url } of links) {
      const back = await world.entra.signIn(new URL(url), { as: 'admin@contoso.test' })
      const done = await visitLanding(world, Object.fromEntries(back.searchParams))
      expect(done.text).toContain('Consent received')
    }
    const events = (await consentEvents(world)).map(([type, { resource }]) => [type, resource])
    expect(events).toEqual([
      ['admin_consent.created', 'outlook'],
      ['admin_consent.created', 'graph'],
      ['admin_consent.completed', 'outlook'],
      ['admin_consent.completed', 'graph'],
    ])
  })

  it('is a refusal with an error, even beside admin_consent=True, and the link still works', async () => {
    const world = await activeWorld()
    const url = await createLink(world)
    const cancelled = await world.entra.signIn(url, { as: 'admin@contoso.test', consent: 'cancel' })
    expect(cancelled.searchParams.get('admin_consent')).toBe('True')
    const refused = await visitLanding(world, Object.fromEntries(cancelled.searchParams))
    expect(refused).toMatchObject({
      status: 200,
      text: expect.stringContaining('Consent not given'),
    })
    const accepted = await world.entra.signIn(url, { as: 'admin@contoso.test' })
    const done = await visitLanding(world, Object.fromEntries(accepted.searchParams))
    expect(done.text).toContain('Consent received')
    expect((await consentEvents(world)).map(([type]) => type)).toEqual([
      'admin_consent.created',
      'admin_consent.completed',
    ])
  })

  it('ignores an error after a success', async () => {
    const world = await activeWorld()
    const state = stateOf(await createLink(world))
    await visitLanding(world, { state, admin_consent: 'True', tenant: 'x' })
    const before = await world.dump()
    const late = await visitLanding(world, { state, error: 'access_denied' })
    expect(late.text).toContain('Already done')
    expect(await world.dump()).toEqual(before)
  })

  it('logs one event even when it arrives many times at once', async () => {
    const world = await activeWorld()
    const state = stateOf(await createLink(world))
    await Promise.all(
      Array.from({ length: 20 }, () => visitLanding(world, { state, admin_consent: 'True' })),
    )
    expect(await consentEvents(world)).toHaveLength(2)
  })

  it.each(['not-a-guid', '<script>alert(1)</script>', '', 'common'])(
    'does not repeat the forged tenant %j and changes no other state',
    async (tenant) => {
      const world = await activeWorld()
      const settings = async () =>
        (await world.call('GET', '/v1/integrations/microsoft/settings')).json()
      const before = await settings()
      const page = await visitLanding(world, {
        state: stateOf(await createLink(world)),
        admin_consent: 'True',
        tenant,
      })
      expect(page.text).not.toContain('alert(1)')
      expect((await consentEvents(world)).at(-1)).toEqual([
        'admin_consent.completed',
        { unverified: true, resource: 'outlook' },
      ])
      expect(await settings()).toEqual(before)
      expect(await rowsOf(world, 'grants')).toEqual([])
    },
  )

  it.each([
    [{ admin_consent: 'True' }, 'Consent received'],
    [{ error: 'access_denied' }, 'Consent not given'],
  ])('to the link of a fix is shown and not recorded: %j', async (params, title) => {
    const world = await activeWorld()
    const { status, text } = await visitLanding(world, { state: 'unrecorded', ...params })
    expect(status).toBe(200)
    expect(text).toContain(title)
    expect(await consentEvents(world)).toEqual([])
  })

  it.each([
    ['an unknown state', 404, () => 'admin_consent=True&state=x'],
    ['no result', 400, (state: string) => `state=${state}`],
    ['no consent', 400, (state: string) => `state=${state}&admin_consent=False`],
    ['no state', 400, () => 'admin_consent=True'],
    [
      'a repeated parameter',
      400,
      (s: string) => `state=${s}&admin_consent=True&admin_consent=True`,
    ],
    ['two tenants', 400, (s: string) => `state=${s}&admin_consent=True&tenant=a&tenant=b`],
  ])('shows a page and changes nothing with %s', async (_name, status, query) => {
    const world = await activeWorld()
    const state = stateOf(await createLink(world))
    const before = await world.dump()
    expect((await world.send(new Request(`${LANDING}?${query(state)}`))).status).toBe(status)
    expect(await world.dump()).toEqual(before)
  })

  it('has expired after 14 days', async () => {
    const world = await activeWorld()
    const state = stateOf(await createLink(world))
    world.advance(14 * DAY - 1)
    const refused = await visitLanding(world, { state, error: 'access_denied' })
    expect(refused.status).toBe(200)
    world.advance(1)
    const late = await visitLanding(world, { state, admin_consent: 'True' })
    expect(late.status).toBe(410)
    expect((await consentEvents(world)).map(([type]) => type)).toEqual(['admin_consent.created'])
  })
})
