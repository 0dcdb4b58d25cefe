/**
 * Shows that write access to the database without an encryption key gives no access. Each test changes or makes a row
 * with SQL, with values that are valid elsewhere.
 */
import { describe, expect, it } from 'vitest'
import { hashSecret } from '../../api/hash.ts'
import type { ApiKey, ApiKeyCreated } from '../../schema/api-key.ts'
import { SESSION_COOKIE } from '../../schema/console-session.ts'
import type { IntegrationSettings } from '../../schema/integration.ts'
import { app, secrets, tenants } from '../sandbox/personas.ts'
import { CONSOLE_CALLBACK, callbackOf, configure, openConsole, visitAs } from './console-sign-in.ts'
import { expiredGrantWorld, integrationProblems } from './expired-grant.ts'
import { activeWorld, createWorld, PUBLIC_URL, type World } from './harness.ts'
import { bearer, createKey } from './keys.ts'
import { savedAccount } from './saved-account.ts'
import {
  authorize,
  browserOf,
  codeRedemptions,
  getWithCookie,
  returnFromMicrosoft,
  startSignIn,
} from './sign-in.ts'
import { rows } from './sql.ts'

const FAR = Date.parse('2099-01-01')

const secretOf = ({ id, key }: ApiKeyCreated) => key?.slice(`mg_${id}_`.length) ?? ''

const statusOf = async ({ world }: { world: World }, key = '', path = '/v1/grants') =>
  (await world.call('GET', path, undefined, bearer(key))).status

/** A world with a key that fetches tokens of one account until tomorrow, and a key of the attacker's. */
async function keyWorld() {
  const world = await createWorld()
  const account = await savedAccount(world)
  const other = await savedAccount(world, { username: 'bob@contoso.test' })
  const key = await createKey(world, {
    scopes: ['read', 'tokens'],
    mail_accounts: [account.id],
    expires_at: '2026-11-25T09:00:00Z',
  })
  const attackers = await createKey(world, { scopes: ['read'] })
  return { world, account, other, key, attackers }
}

describe('an API key', () => {
  it.each<
    [change: string, set: string, value: (w: Awaited<ReturnType<typeof keyWorld>>) => unknown]
  >([
    ['more scopes', 'scopes', () => 'admin'],
    ['one scope more', 'scopes', () => 'read tokens write'],
    ['no limit to email accounts', 'mail_account_ids', () => null],
    ['another email account', 'mail_account_ids', ({ other }) => JSON.stringify([other.id])],
    ['the right to app-only tokens', 'app_only', () => 1],
    ['a later expiry', 'expires_at', () => FAR],
    ['no expiry', 'expires_at', () => null],
    ['responses from before it lost a right', 'reductions', () => 1],
  ])('that was given %s is refused everywhere', async (_change, column, value) => {
    const made = await keyWorld()
    const { world, key, account, other } = made
    expect(await statusOf(made, key.key)).toBe(200)
    await rows(`UPDATE api_keys SET ${column} = ? WHERE id = ?`, value(made), key.id)
    expect(await statusOf(made, key.key)).toBe(401)
    for (const { path } of [account, other]) {
      expect((await world.call('POST', path, undefined, bearer(key.key ?? ''))).status).toBe(401)
    }
    const opened = await world.call('POST', '/console/session', {}, bearer(key.key ?? ''))
    expect(opened.status).toBe(401)
    const shown = await world.call('GET', `/v1/api-keys/${key.id}`)
    expect(await shown.json()).toMatchObject({ status: 'ended' })
    const refusals = await world.call('GET', '/v1/events?type=access.refused')
    expect(await refusals.text()).toContain(key.id)
  })

  it.each<[what: string, sealed: (w: Awaited<ReturnType<typeof keyWorld>>) => Promise<unknown>]>([
    ['the plain hash of a known secret', async ({ attackers }) => hashSecret(secretOf(attackers))],
    [
      'the sealed hash of another key',
      async ({ world, attackers }) => (await keyRow(world, attackers.id)).secret_hash_sealed,
    ],
    [
      'a header that names its own rights',
      async ({ world, key }) => {
        const [header = '', ...rest] = String(
          (await keyRow(world, key.id)).secret_hash_sealed,
        ).split('.')
        const named = {
          ...JSON.parse(atob(header)),
          bnd: hashSecret('["1",["admin"],null,true,null,0]'),
        }
        return [btoa(JSON.stringify(named)).replaceAll('=', ''), ...rest].join('.')
      },
    ],
    ['nothing', async () => ''],
  ])('whose stored secret was replaced by %s is refused', async (_what, sealed) => {
    const made = await keyWorld()
    const { key, attackers } = made
    await rows(
      'UPDATE api_keys SET secret_hash_sealed = ? WHERE id = ?',
      await sealed(made),
      key.id,
    )
    for (const secret of [secretOf(key), secretOf(attackers)]) {
      expect(await statusOf(made, `mg_${key.id}_${secret}`)).toBe(401)
    }
    expect(await statusOf(made, attackers.key)).toBe(200)
  })

  it('that was made with SQL is refused', async () => {
    const made = await keyWorld()
    const { world, attackers } = made
    const id = `key_${'a'.repeat(26)}`
    const { secret_hash_sealed: copied } = await keyRow(world, attackers.id)
    for (const sealed of [copied, hashSecret(secretOf(attackers))]) {
      await rows(
        `INSERT OR REPLACE INTO api_keys (id, name, secret_hash_sealed, scopes, app_only, created_at, created_by)
        VALUES (?, 'Help desk', ?, 'admin', 1, 0, 'root')`,
        id,
        sealed,
      )
      expect(await statusOf(made, `mg_${id}_${secretOf(attackers)}`)).toBe(401)
    }
  })

  it('that changed its id is refused under both', async () => {
    const made = await keyWorld()
    const { attackers, key } = made
    expect(await statusOf(made, attackers.key)).toBe(200)
    await rows('DELETE FROM api_keys WHERE id = ?', key.id)
    await rows('UPDATE api_keys SET id = ? WHERE id = ?', key.id, attackers.id)
    expect(await statusOf(made, `mg_${key.id}_${secretOf(attackers)}`)).toBe(401)
    expect(await statusOf(made, attackers.key)).toBe(401)
  })

  it('gets only the rights of a repeated request, whatever its row said', async () => {
    const world = await createWorld()
    const once = { 'idempotency-key': 'one' }
    const input = { name: 'Help desk', scopes: ['read'] }
    const first = await world.call('POST', '/v1/api-keys', input, once)
    const { id } = await first.json<ApiKey>()
    await rows("UPDATE api_keys SET scopes = 'admin'")
    // Turns the record into one that was reserved, but whose response was never stored.
    await rows(
      'UPDATE idempotency_records SET status = NULL, response_sealed = NULL, created_at = 0',
    )
    const again = await world.call('POST', '/v1/api-keys', input, once)
    const { key, ...shown } = await again.json<ApiKeyCreated>()
    expect(shown).toMatchObject({ id, status: 'active', scopes: ['read'] })
    expect(await statusOf({ world }, key)).toBe(200)
    expect(await statusOf({ world }, key, '/v1/api-keys')).toBe(403)
  })

  it('that was changed gets its former rights back from no repeated request', async () => {
    const world = await createWorld()
    const post = () =>
      world.call(
        'POST',
        '/v1/api-keys',
        { name: 'x', scopes: ['admin'] },
        { 'idempotency-key': 'one' },
      )
    const path = `/v1/api-keys/${(await (await post()).json<ApiKey>()).id}`
    await world.call('PUT', path, { name: 'x', scopes: ['read'] }, { 'if-match': '*' })
    await rows(
      'UPDATE idempotency_records SET status = NULL, response_sealed = NULL, created_at = 0',
    )
    expect(await (await post()).json()).toMatchObject({ code: 'precondition_failed' })
    expect(await world.get(path)).toMatchObject({ status: 'active', scopes: ['read'] })
  })
})

async function keyRow({ db }: World, id: string): Promise<Record<string, unknown>> {
  const row = await db.prepare('SELECT * FROM api_keys WHERE id = ?').bind(id).first()
  return row ?? {}
}

/** A world with two console sessions: Bob's, who may only read, and Alice's, who may write. */
async function consoleWorld() {
  const world = await createWorld()
  await configure(world)
  const bob = await openConsole(world, 'bob@contoso.test')
  const alice = await openConsole(world, 'alice@contoso.test')
  const results = await rows<Record<string, unknown>>(
    "SELECT id_hash, person ->> 'role' AS role FROM console_sessions ORDER BY role",
  )
  const [bobs = {}, alices = {}] = results
  expect([bobs.role, alices.role]).toEqual(['read', 'write'])
  return { world, bob, alice, bobs, alices }
}

describe('a console session', () => {
  const inPerson = (member: string) => `person = json_set(person, '$.${member}', ?)`

  it.each<[change: string, value: unknown]>([
    [inPerson('role'), 'admin'],
    [inPerson('role'), null],
    [inPerson('roleSource'), 'setting'],
    [inPerson('id'), 'ad310000-0000-4000-8000-00000000000b'],
    [inPerson('id'), null],
    [inPerson('name'), 'Ada Admin'],
    [inPerson('clientId'), 'another'],
    [inPerson('cloud'), 'china'],
    [inPerson('tenantId'), 'another'],
    ['person = ?', null],
    ['key_id = ?', 'root'],
    ['expires_at = ?', FAR],
    ['created_at = ?', 0],
  ])('changed by %s to %j is refused, and not listed', async (column, value) => {
    const { world, bob, bobs } = await consoleWorld()
    expect((await bob('GET', '/v1/grants')).status).toBe(200)
    const change = `UPDATE console_sessions SET ${column} WHERE id_hash = ?`
    await rows(change, value, bobs.id_hash)
    expect((await bob('GET', '/v1/grants')).status).toBe(401)
    const listed = await world.call('GET', '/v1/console-sessions')
    expect((await listed.json<{ data: unknown[] }>()).data).toHaveLength(1)
  })

  it('of a person cannot become one of ROOT_API_KEY', async () => {
    const { bob, bobs } = await consoleWorld()
    await rows(
      "UPDATE console_sessions SET key_id = 'root', person = NULL WHERE id_hash = ?",
      bobs.id_hash,
    )
    expect((await bob('GET', '/v1/grants')).status).toBe(401)
  })

  it("does not open another session when its hash is written into that session's row", async () => {
    const { bob, bobs, alices } = await consoleWorld()
    await rows('DELETE FROM console_sessions WHERE id_hash = ?', bobs.id_hash)
    const move = 'UPDATE console_sessions SET id_hash = ? WHERE id_hash = ?'
    await rows(move, bobs.id_hash, alices.id_hash)
    expect((await bob('GET', '/v1/grants')).status).toBe(401)
  })

  it('that was made with SQL is refused', async () => {
    const world = await createWorld()
    const id = 'A'.repeat(43)
    for (const [idHash, sealed] of [
      [hashSecret(id), hashSecret(id)],
      [id, ''],
    ]) {
      await rows(
        'INSERT INTO console_sessions (id_hash, key_id, binding_sealed, created_at, expires_at) VALUES (?, ?, ?, 0, ?)',
        idHash,
        'root',
        sealed,
        FAR,
      )
    }
    const headers = { cookie: `${SESSION_COOKIE}=${id}`, 'sec-fetch-site': 'same-origin' }
    const opened = await world.send(new Request(`${PUBLIC_URL}/console/session`, { headers }))
    expect(opened.status).toBe(401)
  })

  it('ends when the rights of its key are changed', async () => {
    const world = await createWorld()
    const key = await createKey(world, { scopes: ['read'] })
    const opened = await world.call('POST', '/console/session', {}, bearer(key.key ?? ''))
    const cookie = opened.headers.get('set-cookie')?.split(';')[0] ?? ''
    const headers = { cookie, 'sec-fetch-site': 'same-origin' }
    const read = () => world.send(new Request(`${PUBLIC_URL}/v1/grants`, { headers }))
    expect((await read()).status).toBe(200)
    await rows("UPDATE api_keys SET scopes = 'admin'")
    expect((await read()).status).toBe(401)
  })
})

const SETTINGS = '/v1/integrations/microsoft/settings'

/** The app registration, in a world in which Alice may sign in to the console and her access token has expired. */
async function settingsWorld(federated: boolean) {
  const publicUrl = 'https://mail.example.com'
  const expired = await expiredGrantWorld(federated ? { settings: { publicUrl } } : {})
  const { world } = expired
  await world.call('POST', `${SETTINGS.replace('settings', 'deactivate')}`)
  await configure(world, { home_tenant: 'contoso.test' })
  if (federated) {
    await world.call('PUT', `${SETTINGS}/next-credential`, { type: 'federated' })
    expect((await world.call('POST', `${SETTINGS}/promote`)).status).toBe(200)
  }
  await world.call('POST', `${SETTINGS.replace('settings', 'activate')}`)
  // Starting a sign-in resolves the home tenant's domain to its ID, and stores the ID.
  const browser = browserOf(world)
  const back = await callbackOf(world, browser, 'alice@contoso.test')
  world.entra.control.resetCounts()
  return { ...expired, browser, back }
}

const inCredential = (member: string, column = 'credential') =>
  `${column} = json_set(${column}, '$.${member}', ?)`

describe.each([
  ['a client secret', false],
  ['a federated credential', true],
])('the Microsoft settings with %s', (_what, federated) => {
  it.each<[change: string, value: unknown]>([
    ['client_id = ?', 'ad310000-0000-4000-8000-0000000000aa'],
    ['cloud = ?', 'china'],
    ['tenant = ?', 'adatum.test'],
    ['home_tenant = ?', tenants.adatum.id],
    ['home_tenant_id = ?', tenants.adatum.id],
    [inCredential('type'), federated ? 'client_secret' : 'federated'],
    [inCredential('hint'), 'https://evil.test'],
    [inCredential('certificate'), 'another'],
    ['credential_sealed = ?', ''],
  ])('are not used once something else has set %s to %j', async (change, value) => {
    const { world, browser, back, refresh, row } = await settingsWorld(federated)
    await rows(`UPDATE integrations SET ${change}`, value)

    const [counts, grant] = [world.entra.counts(), await row()]
    const started = await browser.visit(`${PUBLIC_URL}/console/sign-in`)
    expect(started).toMatchObject({ status: 409, url: `${PUBLIC_URL}/console/sign-in` })
    expect(started.body).toContain('Sign in with the root key')
    expect((await returnFromMicrosoft(browser, back)).url).toContain(CONSOLE_CALLBACK)
    const sessions = await world.call('GET', '/v1/console-sessions')
    expect(await sessions.json()).toMatchObject({ data: [] })
    expect(await refresh()).toMatchObject({ error: { code: 'credential_rejected' } })
    expect(await row()).toEqual(grant)
    expect(world.entra.counts()).toEqual(counts)
    const authorization = { provider: 'microsoft', username: 'alice@contoso.test' }
    for (const [path, body] of [
      ['/v1/authorizations', authorization],
      [SETTINGS.replace('settings', 'admin-consent'), { tenant: 'contoso.test' }],
    ] as const) {
      const refused = await world.call('POST', path, body)
      expect(await refused.json()).toMatchObject({
        code: 'integration_not_configured',
        detail: DAMAGED,
      })
    }
    const problem = { code: 'settings_damaged', detail: DAMAGED }
    expect(await integrationProblems(world)).toContainEqual(problem)
    const saved = await world.call('PUT', SETTINGS, {
      client_id: app.clientId,
      home_tenant: 'contoso.test',
      credential: federated
        ? { type: 'federated' }
        : { type: 'client_secret', client_secret: secrets.current },
    })
    expect(saved.status).toBe(200)
    expect(await integrationProblems(world)).not.toContainEqual(problem)
  })
})

const DAMAGED = expect.stringMatching(/damaged, or something other.* save them with a credential:/)

describe('Microsoft settings that were changed with SQL', () => {
  const ownTenant = ['UPDATE integrations SET home_tenant_id = ?', tenants.adatum.id] as const

  it('become trusted again neither by a promotion nor by a save without the credential', async () => {
    const { world } = await settingsWorld(false)
    const next = { type: 'client_secret', client_secret: secrets.next }
    await world.call('PUT', `${SETTINGS}/next-credential`, next)
    await rows(...ownTenant)
    expect((await world.call('POST', `${SETTINGS}/promote`)).status).toBe(409)
    const settings = { client_id: app.clientId, home_tenant: 'contoso.test' }
    const kept = await world.call('PUT', SETTINGS, settings)
    expect(await kept.json()).toMatchObject({ code: 'credential_required', detail: DAMAGED })
  })

  it('work again once they are saved with the credential, without what was written into them', async () => {
    const { world, refresh } = await settingsWorld(false)
    await rows(...ownTenant)
    await configure(world, { home_tenant: 'contoso.test' })
    expect(await integrationProblems(world)).toEqual([])
    const browser = browserOf(world)
    expect((await visitAs(world, browser, 'alice@contoso.test')).url).toBe(`${PUBLIC_URL}/console/`)
    expect(await refresh()).toMatchObject({ ok: true })
  })

  it('are shown to be saved again even if their values are impossible', async () => {
    const { world } = await settingsWorld(false)
    await rows(`UPDATE integrations SET cloud = 'x', ${inCredential('expiresAt')}`, 9e15)
    expect((await world.call('GET', SETTINGS)).status).toBe(200)
    await configure(world, { home_tenant: 'contoso.test' })
    expect(await integrationProblems(world)).toEqual([])
  })

  it('show no certificate to upload, and no app to set up', async () => {
    const world = await createWorld()
    await configure(world, { credential: { type: 'certificate' } })
    await world.call('PUT', `${SETTINGS}/next-credential`, { type: 'certificate' })
    const shown = async () => (await world.call('GET', SETTINGS)).json<IntegrationSettings>()
    const { credential, next_credential: next } = await shown()
    expect([credential, next]).toMatchObject(
      Array(2).fill({ certificate: expect.stringContaining('BEGIN'), upload: {} }),
    )
    await rows(`UPDATE integrations SET ${inCredential('certificate')}`, 'mine')
    await rows(`UPDATE integrations SET ${inCredential('certificate', 'next_credential')}`, 'mine')
    expect(await shown()).toMatchObject({
      credential: { certificate: '', upload: null },
      next_credential: { certificate: '', upload: null },
    })
    await rows("UPDATE integrations SET client_id = 'evil-app'")
    const guide = await world.call('GET', '/v1/integrations/microsoft/setup-guide')
    expect(await guide.text()).not.toContain('evil-app')
  })
})

/** Two sign-ins for Alice's mailbox: one of the victim's, and one whose secrets the attacker knows. */
async function signInWorld() {
  const world = await activeWorld()
  const theirs = await startSignIn(world)
  const known = await startSignIn(world)
  return { world, theirs, known }
}

/** Returns the URL of one sign-in with the secret of another. */
function withSecretOf(url: string, other: string): URL {
  const mixed = new URL(url)
  mixed.searchParams.set('secret', new URL(other).searchParams.get('secret') ?? '')
  return mixed
}

const copyHash = (column: string, from: string, to: string) =>
  rows(
    `UPDATE authorizations SET ${column} = (SELECT ${column} FROM authorizations WHERE id = ?) WHERE id = ?`,
    from,
    to,
  )

describe('a sign-in', () => {
  it('opens with no link whose hash was copied or made with SQL', async () => {
    const world = await activeWorld()
    const theirs = await authorize(world)
    const known = await authorize(world)
    const mixed = withSecretOf(theirs.url, known.url)
    await copyHash('link_hash', known.id, theirs.id)
    expect((await getWithCookie(world, mixed)).status).toBe(404)
    const secret = new URL(known.url).searchParams.get('secret') ?? ''
    await rows('UPDATE authorizations SET link_hash = ?', hashSecret(secret))
    expect((await getWithCookie(world, mixed)).status).toBe(404)
  })

  it('shows its status to no URL whose hash was copied, not even from its own link', async () => {
    const world = await activeWorld()
    const theirs = await authorize(world)
    const known = await authorize(world)
    await copyHash('status_hash', known.id, theirs.id)
    const mixed = withSecretOf(theirs.status_url, known.status_url)
    expect((await getWithCookie(world, mixed)).status).toBe(404)
    await rows('UPDATE authorizations SET status_hash = link_hash')
    const linked = withSecretOf(theirs.status_url, theirs.url)
    expect((await getWithCookie(world, linked)).status).toBe(404)
  })

  it('redeems no code in a browser that did not start it, wherever state and browser hash were copied', async () => {
    const { world, theirs, known } = await signInWorld()
    const cookie = known.cookie.replaceAll(known.id, theirs.id)
    const { state_hash: state } = (await world.db
      .prepare('SELECT state_hash FROM authorizations WHERE id = ?')
      .bind(known.id)
      .first<{ state_hash: string }>()) ?? { state_hash: '' }
    await rows('UPDATE authorizations SET state_hash = NULL WHERE id = ?', known.id)
    const take = 'UPDATE authorizations SET state_hash = ? WHERE id = ?'
    await rows(take, state, theirs.id)
    await copyHash('browser_hash', known.id, theirs.id)
    expect((await getWithCookie(world, known.back, cookie)).status).toBe(400)
    expect(codeRedemptions(world)).toBe(0)
  })

  it.each<[column: string, value: unknown]>([
    ['username', 'bob@contoso.test'],
    ['delegate', 'bob@contoso.test'],
    ['protocols', 'imap'],
    ['origin', 'https://evil.test'],
    ['return_url', 'https://evil.test/'],
    ['mail_account_id', 'ma_aaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['apply', 'at_once'],
    ['requested_by', 'key_aaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['requested_by_person', '{"id":"1","name":"Ada Admin","role":"admin"}'],
    ['sent', 1],
    ['created_at', FAR],
  ])('does not go on once its %s was changed', async (column, value) => {
    const { world, theirs } = await signInWorld()
    const waiting = await authorize(world)
    await rows(`UPDATE authorizations SET ${column} = ?`, value)
    expect((await getWithCookie(world, waiting.url)).status).toBe(404)
    expect((await getWithCookie(world, theirs.back, theirs.cookie)).status).toBe(400)
    expect(codeRedemptions(world)).toBe(0)
  })
})

it('a link for an admin is not found by a plain hash of its state', async () => {
  const world = await activeWorld()
  await world.call('POST', '/v1/integrations/microsoft/admin-consent', { tenant: 'contoso.test' })
  await rows('UPDATE admin_consents SET state_hash = ?', hashSecret('known'))
  const callback = `${PUBLIC_URL}/oauth/microsoft/admin-consent?state=known&admin_consent=True`
  expect((await getWithCookie(world, callback)).status).toBe(404)
})
