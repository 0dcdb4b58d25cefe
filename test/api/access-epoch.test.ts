/** ACCESS_EPOCH: changing it ends all API keys, sessions, links and open sign-ins at once, and nothing else. */
import { expect, it } from 'vitest'
import { SESSION_COOKIE } from '../../schema/console-session.ts'
import type { AdminConsentLink } from '../../schema/integration.ts'
import { CONSOLE_CALLBACK, callbackOf, configure, openConsole } from './console-sign-in.ts'
import { activeWorld, createWorld, PUBLIC_URL, type World } from './harness.ts'
import { bearer, createKey } from './keys.ts'
import { accountWorld } from './saved-account.ts'
import { authorize, browserOf, getWithCookie, startSignIn } from './sign-in.ts'

/** Returns the same database after a deployment with another epoch. */
const inEpoch = (accessEpoch: string) =>
  createWorld({ keepDatabase: true, settings: { accessEpoch } })

const statusOf = async (world: World, key: string | undefined, path = '/v1/grants') =>
  (await world.call('GET', path, undefined, bearer(key ?? ''))).status

it('ends every API key, which the list shows, and accepts new ones', async () => {
  const { world, path } = await accountWorld()
  const key = await createKey(world, { scopes: ['read', 'tokens'] })
  const revoked = await createKey(world)
  await world.call('DELETE', `/v1/api-keys/${revoked.id}`)
  expect(await statusOf(world, key.key)).toBe(200)

  const later = await inEpoch('2')
  expect(await statusOf(later, key.key)).toBe(401)
  expect((await later.call('POST', path, undefined, bearer(key.key ?? ''))).status).toBe(401)
  const fresh = await createKey(later, { scopes: ['read', 'tokens'] })
  expect(await statusOf(later, fresh.key)).toBe(200)
  expect((await later.call('POST', path, undefined, bearer(fresh.key ?? ''))).status).toBe(200)
  const list = await later.call('GET', '/v1/api-keys')
  const { data } = await list.json<{ data: { id: string; status: string }[] }>()
  expect(Object.fromEntries(data.map(({ id, status }) => [id, status]))).toEqual({
    [key.id]: 'ended',
    [revoked.id]: 'revoked',
    [fresh.id]: 'active',
  })
  const refusals = await later.call('GET', '/v1/events?type=access.refused')
  expect(await refusals.text()).toContain(key.id)
})

it('ends every console session, of keys and of people, and a sign-in to the console', async () => {
  const world = await createWorld()
  await configure(world)
  const alice = await openConsole(world, 'alice@contoso.test')
  const opened = await world.call('POST', '/console/session')
  const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? ''
  const browser = browserOf(world)
  const back = await callbackOf(world, browser, 'alice@contoso.test')
  const started = await browser.jar.getCookieString(CONSOLE_CALLBACK)
  expect((await alice('GET', '/v1/grants')).status).toBe(200)

  const later = await inEpoch('2')
  const headers = { cookie, 'sec-fetch-site': 'same-origin' }
  const read = await later.send(new Request(`${PUBLIC_URL}/v1/grants`, { headers }))
  expect(read.status).toBe(401)
  const sessions = await later.call('GET', '/v1/console-sessions')
  expect(await sessions.json()).toMatchObject({ data: [] })
  const finished = await getWithCookie(later, back, started)
  expect(finished.headers.get('set-cookie') ?? '').not.toContain(`${SESSION_COOKIE}=`)
  expect(finished.status).toBe(400)
})

it('ends sign-in links, status URLs, sign-ins that wait for Microsoft, and links for admins', async () => {
  const world = await activeWorld()
  const link = await authorize(world, { username: 'bob@contoso.test' })
  const waiting = await startSignIn(world)
  const consent = await world.call('POST', '/v1/integrations/microsoft/admin-consent', {
    tenant: 'contoso.test',
  })
  const { url } = await consent.json<AdminConsentLink>()
  const state = new URL(url).searchParams.get('state')
  const admin = `${PUBLIC_URL}/oauth/microsoft/admin-consent?state=${state}&admin_consent=True`

  const later = await inEpoch('2')
  expect((await getWithCookie(later, link.url)).status).toBe(404)
  expect((await getWithCookie(later, link.status_url)).status).toBe(404)
  expect((await getWithCookie(later, waiting.back, waiting.cookie)).status).toBe(400)
  expect((await getWithCookie(later, admin)).status).toBe(404)
  expect(world.entra.counts().token.authorization_code).toBe(0)

  expect((await getWithCookie(world, link.url)).status).toBe(200)
  expect((await getWithCookie(world, waiting.back, waiting.cookie)).status).toBe(200)
  expect((await getWithCookie(world, admin)).status).toBe(200)
})

it('leaves ROOT_API_KEY, email accounts and grants as they are', async () => {
  const { id, grant, path } = await accountWorld()
  const later = await inEpoch('2')
  expect((await later.call('GET', `/v1/mail-accounts/${id}`)).status).toBe(200)
  expect((await later.call('POST', path)).status).toBe(200)
  const read = await later.call('GET', `/v1/grants/${grant}`)
  expect(await read.json()).toMatchObject({ status: 'active' })
})
