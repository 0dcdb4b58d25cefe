/**
 * Creates, uses and breaks every secret of API keys, sessions, webhooks, sign-ins, credentials, idempotent responses
 * and app-only access, then searches responses, logs, database and outgoing requests for leaks.
 */
import { Buffer } from 'node:buffer'
import { hkdfSync } from 'node:crypto'
import { expect, it } from 'vitest'
import { deliverWebhooks } from '../../api/domain/webhooks/deliver.ts'
import { hashSecret } from '../../api/hash.ts'
import type { ApiKeyCreated } from '../../schema/api-key.ts'
import type { AuthorizationCreated } from '../../schema/authorization.ts'
import { encodeBase64Url } from '../../schema/base64.ts'
import type { AccessToken } from '../../schema/mail-account.ts'
import type { SignedWebhook } from '../../schema/webhook.ts'
import { isGraph } from '../sandbox/entra/scopes.ts'
import { secrets } from '../sandbox/personas.ts'
import { appOnlyForm } from './app-only-world.ts'
import { CONSOLE_CALLBACK, callbackOf, configure } from './console-sign-in.ts'
import { encodingsOf } from './encodings.ts'
import { flakyDatabase } from './flaky-database.ts'
import { enableGraph, graphForm } from './graph-world.ts'
import { createWorld, PUBLIC_URL, ROOT_KEY, settings, type World } from './harness.ts'
import { imapForm, passwordForm, smtpForm } from './mail-world.ts'
import { browserOf, returnFromMicrosoft, startSignIn } from './sign-in.ts'

const PASSWORD = 'canary-of-the-mailbox-password'
const SETTINGS = '/v1/integrations/microsoft/settings'
const NEXT = `${SETTINGS}/next-credential`
const ONCE = { 'idempotency-key': 'canary-run' }

async function recordedWorld() {
  const sent = { urls: [] as string[], messages: [] as string[] }
  const { db, faults } = flakyDatabase()
  const world: World = await createWorld({
    db,
    outside: {
      fetch: async (input, init) => {
        const request = new Request(input, init)
        sent.urls.push(request.url)
        const { hostname, origin } = new URL(request.url)
        if (hostname.startsWith('login.')) return world.entra.fetch(request)
        if (isGraph(origin)) return world.graph.fetch(request)
        sent.messages.push(JSON.stringify([...request.headers]), await request.text())
        return new Response('no', { status: 500 })
      },
    },
  })
  await world.activate()
  const responses: string[] = []
  /** Calls the API and records the whole response. */
  async function call<Body>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; headers: Headers; body: Body }> {
    const response = await world.call(method, path, body, headers)
    const text = await response.text()
    responses.push(text + JSON.stringify([...response.headers]))
    return {
      status: response.status,
      headers: response.headers,
      body: (text === '' ? null : JSON.parse(text)) as Body,
    }
  }
  return { world, faults, sent, responses, call }
}

/** Returns a line of the private exponent in a PEM. Earlier lines hold the modulus, which is public. */
const innerLine = (pem: string | undefined) => pem?.split('\n')[12] ?? 'the PEM is too short'

const [{ key: ringKey }] = settings.encryptionKeys

const hmacKey = (use: string): string =>
  Buffer.from(
    hkdfSync('sha256', ringKey, new Uint8Array(), `mailgrant ${use}, access epoch 1`, 32),
  ).toString('base64url')

const secretIn = (url: string) => new URL(url).searchParams.get('secret') ?? 'no secret'

it('shows each secret once, to its owner only', async () => {
  const { world, faults, sent, responses, call } = await recordedWorld()
  const { integrations } = world.services.store

  // Keys and sessions.
  const input = { name: 'Worker', scopes: ['admin'] }
  const key = (await call<ApiKeyCreated>('POST', '/v1/api-keys', input, ONCE)).body
  const replayed = await call('POST', '/v1/api-keys', input, ONCE)
  expect(replayed.headers.get('idempotency-replayed')).toBe('true')
  expect(replayed.body).toMatchObject({ id: key.id })
  const auth = { authorization: `Bearer ${key.key}` }
  const session = await call('POST', '/console/session', {}, auth)
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? ''

  // Webhooks.
  const hook = { url: 'https://hooks.example.com/canary' }
  const made = await call<SignedWebhook>('POST', '/v1/webhooks', hook, {
    ...auth,
    ...ONCE,
  })
  await call('POST', '/v1/webhooks', hook, { ...auth, ...ONCE })
  const webhook = `/v1/webhooks/${made.body.id}`
  const rotated = await call<SignedWebhook>('POST', `${webhook}/rotate-secret`)
  await call('POST', `${webhook}/test`)

  // Sign-in links, and their stored responses.
  const links = { provider: 'microsoft', username: 'alice@contoso.test' }
  const link = (await call<AuthorizationCreated>('POST', '/v1/authorizations', links, ONCE)).body
  await call('POST', '/v1/authorizations', links, ONCE)

  // Sign-ins: completed, refused by Microsoft, and at the console. Their tokens are fetched by no caller.
  const ofSignIns: string[] = []
  for (const username of ['alice@contoso.test', 'dave@contoso.test']) {
    const started = await startSignIn(world, username, { username })
    const { url, status_url, back, cookie: bound } = started
    responses.push((await returnFromMicrosoft(started.browser, back)).body)
    const state = back.searchParams.get('state') ?? ''
    ofSignIns.push(secretIn(url), secretIn(status_url), state, bound.split('=')[1] ?? '')
  }
  await configure(world)
  const browser = browserOf(world)
  const back = await callbackOf(world, browser, 'admin@contoso.test')
  const bound = await browser.jar.getCookieString(CONSOLE_CALLBACK)
  await returnFromMicrosoft(browser, back)
  const opened = await browser.jar.getCookieString(`${PUBLIC_URL}/`)
  const ofConsole = [bound, opened].map((text) => text.split('=')[1] ?? '')
  ofSignIns.push(...ofConsole, back.searchParams.get('state') ?? '')
  const grants = await call<{ data: { id: string }[] }>('GET', '/v1/grants')
  const grant = grants.body.data[0]?.id ?? ''
  await call('POST', '/v1/validations', imapForm(grant))
  const sender = (await call<{ id: string }>('POST', '/v1/mail-accounts', smtpForm(grant))).body
  await call('POST', `/v1/mail-accounts/${sender.id}/test-message`, { to: 'bob@contoso.test' })

  await enableGraph(world)
  const graphGrant = await world.grant('alice@contoso.test', { protocols: ['graph_send'] })
  const graph = (await call<{ id: string }>('POST', '/v1/mail-accounts', graphForm(graphGrant)))
    .body
  for (const fault of ['TokenIssuedBeforeRevocationTimestamp', 'proxy', null] as const) {
    world.entra.control.setGraphFault('alice@contoso.test', fault)
    await call('POST', `/v1/mail-accounts/${graph.id}/validate`)
    await call('POST', `/v1/mail-accounts/${graph.id}/test-message`, { to: 'bob@contoso.test' })
  }
  expect(world.graph.messages).toHaveLength(1)

  // App-only access, and a password.
  const account = (await call<{ id: string }>('POST', '/v1/mail-accounts', appOnlyForm())).body
  const path = `/v1/mail-accounts/${account.id}/access-token`
  const token = (await call<AccessToken>('POST', path, {}, auth)).body.access_token
  const password = passwordForm({ authentication: { type: 'password', password: PASSWORD } })
  faults.rejectBatches = 1
  expect((await call('POST', '/v1/mail-accounts', password, ONCE)).status).toBe(503)
  const locked = await call<{ id: string }>('POST', '/v1/mail-accounts', password, ONCE)
  expect(locked.status).toBe(201)
  await call('POST', '/v1/mail-accounts', password, ONCE)
  await call('POST', '/v1/validations', password)
  await call('PUT', `/v1/mail-accounts/${locked.body.id}`, { ...password, port: 143 })
  await call('POST', '/v1/mail-accounts', { ...password, port: 22 }, ONCE)

  // Credentials: generated here, invalid, and rejected by Entra.
  await call('PUT', NEXT, { type: 'client_secret', client_secret: secrets.next, expires_at: 'no' })
  await call('PUT', NEXT, { type: 'client_secret', client_secret: secrets.next })
  await call('PUT', NEXT, { type: 'certificate' })
  const generated = await (await integrations.readWithCredentials()).openCredential('next')
  await call('PUT', NEXT, { type: 'certificate', private_key: generated?.secret })
  await call('POST', `${SETTINGS}/verify`, { credential: 'next', tenant: 'contoso.test' })
  await call('POST', `${SETTINGS}/promote`, {})
  world.advance(2 * 3600)
  expect((await call('POST', path, {}, auth)).body).toMatchObject({ code: 'credential_rejected' })

  // Secrets in the wrong place, and after revocation.
  const headers = { cookie, origin: PUBLIC_URL, 'sec-fetch-site': 'same-origin', authorization: '' }
  await call('GET', `/v1/grants?cursor=${key.key}&key=${key.key}`, undefined, headers)
  await call('POST', '/console/session', { key: key.key }, { authorization: `Basic ${key.key}` })
  await call('DELETE', `/v1/api-keys/${key.id}`)
  expect((await call('GET', '/v1/events', undefined, auth)).status).toBe(401)
  for (const column of ['scopes', 'secret_hash_sealed']) {
    await world.db.prepare(`UPDATE api_keys SET ${column} = 'tokens'`).run()
    expect((await call('GET', '/v1/events', undefined, auth)).status).toBe(401)
  }
  world.advance(60)
  await deliverWebhooks(world.services)
  for (const seen of ['api-keys', 'webhooks', `webhooks/${made.body.id}/deliveries`, 'key-ring']) {
    await call('GET', `/v1/${seen}`)
  }
  await call('GET', SETTINGS)
  await call('GET', '/v1/mail-accounts')
  const events = await call<{ data: { type: string }[] }>('GET', '/v1/events?limit=200')
  const types = new Set(events.body.data.map(({ type }) => type))
  expect([...types]).toEqual(expect.arrayContaining(['access.refused', 'webhook.secret_rotated']))
  expect(sent.messages.length).toBeGreaterThan(4)

  const unseen = world.entra.issuedSecrets().filter((secret) => secret !== token)
  /** Pairs each secret with the number of responses that may contain it. */
  const canaries: [secret: string, times: number][] = [
    ...[...unseen, ...ofSignIns].map((secret): [string, number] => [secret, 0]),
    [key.key.slice(-43), 1],
    [cookie.split('=')[1] ?? '', 1],
    [made.body.secret.slice('whsec_'.length), 1],
    [rotated.body.secret.slice('whsec_'.length), 1],
    [secretIn(link.url), 2],
    [secretIn(link.status_url), 2],
    [token, 1],
    [PASSWORD, 0],
    [secrets.current, 0],
    [secrets.next, 0],
    [innerLine(generated?.secret ?? undefined), 0],
    [ROOT_KEY, 0],
    // Values that are derived from them and from the key ring must not leak, either.
    [hashSecret(key.key.slice(-43)), 0],
    [hashSecret(cookie.split('=')[1] ?? ''), 0],
    [hashSecret(secretIn(link.url)), 0],
    [hashSecret(secretIn(link.status_url)), 0],
    [hashSecret(ROOT_KEY), 0],
    [encodeBase64Url(ringKey), 0],
    [hmacKey('console session'), 0],
    [hmacKey('sign-in link'), 0],
  ]
  const searched = {
    lines: world.lines.join(),
    rows: await world.dump(),
    urls: sent.urls.join(),
    messages: sent.messages.join(),
  }
  for (const [secret, times] of canaries) {
    expect(secret.length).toBeGreaterThan(20)
    expect([secret, responses.filter((text) => text.includes(secret)).length]).toEqual([
      secret,
      times,
    ])
    for (const leak of encodingsOf(secret)) {
      for (const [place, text] of Object.entries(searched)) {
        expect(text.includes(leak), `${place} contains ${leak}`).toBe(false)
      }
    }
  }
})
