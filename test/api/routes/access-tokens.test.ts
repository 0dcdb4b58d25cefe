import { describe, expect, it } from 'vitest'
import { secrets } from '../../sandbox/cast.ts'
import { createWorld, type World } from '../harness.ts'

type Account = { protocol?: 'imap' | 'smtp'; username?: string; delegate?: string; signIn?: string }

/** A saved account of someone who signed in; by default alice's IMAP mailbox. */
async function saved(world: World, account: Account = {}) {
  const { protocol = 'imap', username = 'alice@contoso.test', delegate, signIn } = account
  await world.activate()
  const grant = await world.grant(signIn ?? delegate ?? username)
  const response = await world.call('POST', '/v1/mail-accounts', {
    owner: protocol === 'imap' ? { type: 'department', id: 'dep_1' } : { type: 'global' },
    protocol,
    username,
    ...(delegate && { delegate }),
    authentication: { type: 'oauth', provider: 'microsoft', grant_id: grant },
  })
  expect(response.status).toBe(201)
  const { id } = await response.json<{ id: string }>()
  world.entra.control.resetCounts()
  return { id, grant, path: `/v1/mail-accounts/${id}/access-token` }
}

const refreshes = (world: World) => world.entra.counts().token.refresh_token

describe('handing out an access token', () => {
  it('serves the stored token without asking Entra, with all that a login needs', async () => {
    const world = await createWorld()
    const { path } = await saved(world)
    const response = await world.call('POST', path, {})
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const token = await response.json<Record<string, string>>()
    expect(token).toMatchObject({
      token_type: 'Bearer',
      username: 'alice@contoso.test',
      mailbox: 'alice@contoso.test',
      from: 'alice@contoso.test',
      host: 'outlook.office365.com',
      port: 993,
      security: 'tls',
      mechanism: 'XOAUTH2',
    })
    expect(atob(token.xoauth2 ?? '')).toBe(
      `user=alice@contoso.test\x01auth=Bearer ${token.access_token}\x01\x01`,
    )
    expect(refreshes(world)).toBe(0)
  })

  it('works without a body', async () => {
    const world = await createWorld()
    const { path } = await saved(world)
    expect((await world.call('POST', path)).status).toBe(200)
  })

  it('logs in to SMTP as the delegate of a shared mailbox, and to IMAP as the mailbox', async () => {
    const world = await createWorld()
    const shared = { username: 'support@contoso.test', delegate: 'alice@contoso.test' }
    const smtp = await saved(world, { ...shared, protocol: 'smtp' })
    const token = await (await world.call('POST', smtp.path)).json()
    expect(token).toMatchObject({ username: 'alice@contoso.test', mailbox: 'support@contoso.test' })
    const imap = await saved(world, { ...shared, protocol: 'imap' })
    expect(await (await world.call('POST', imap.path)).json()).toMatchObject({
      username: 'support@contoso.test',
    })
  })

  it('refreshes a token that has less than five minutes left', async () => {
    const world = await createWorld()
    world.entra.control.setTokenLifetime(3600)
    const { path } = await saved(world)
    world.advance(3600 - 300)
    expect((await world.call('POST', path)).status).toBe(200)
    expect(refreshes(world)).toBe(0)
    world.advance(1)
    const token = await (await world.call('POST', path)).json<{ expires_at: string }>()
    expect(refreshes(world)).toBe(1)
    expect(Date.parse(token.expires_at)).toBe(world.clock.now.getTime() + 3_600_000)
  })

  it('makes one call to Entra for 50 parallel requests of an expired token', async () => {
    const world = await createWorld()
    const { path } = await saved(world)
    world.advance(86_400)
    const responses = await Promise.all(
      Array.from({ length: 50 }, () => world.call('POST', path, {})),
    )
    expect(responses.map((response) => response.status)).toEqual(Array(50).fill(200))
    const tokens = await Promise.all(
      responses.map(
        async (response) => (await response.json<{ access_token: string }>()).access_token,
      ),
    )
    expect(new Set(tokens).size).toBe(1)
    expect(refreshes(world)).toBe(1)
  })

  it('keeps working with a server that kills a grant when an old refresh token comes back', async () => {
    const world = await createWorld({ entra: { strictRotation: true } })
    const { path } = await saved(world)
    for (let round = 0; round < 5; round += 1) {
      world.advance(86_400)
      const responses = await Promise.all(
        Array.from({ length: 10 }, () => world.call('POST', path)),
      )
      expect(new Set(responses.map((response) => response.status))).toEqual(new Set([200]))
    }
    expect(refreshes(world)).toBe(5)
  })

  it('replaces a token that the mail server refused, at most once a minute', async () => {
    const world = await createWorld()
    const { path } = await saved(world)
    world.advance(61)
    const first = await (await world.call('POST', path)).json<{
      expires_at: string
      access_token: string
    }>()
    const refused = { rejected_expires_at: first.expires_at }
    const second = await (await world.call('POST', path, refused)).json<typeof first>()
    expect(second.access_token).not.toBe(first.access_token)
    expect(refreshes(world)).toBe(1)
    // Late reports of the first token, and a report of the new one within the minute, change nothing.
    await world.call('POST', path, refused)
    await world.call('POST', path, { rejected_expires_at: second.expires_at })
    expect(refreshes(world)).toBe(1)
  })
})

describe('a refresh that Microsoft fails', () => {
  const faults = [
    { kind: 'outage' },
    { kind: 'server_error' },
    { kind: 'html' },
    { kind: 'truncated' },
    { kind: 'rate_limit', retry_after: 120 },
  ] as const

  it.each(faults)('is an outage and never "revoked": $kind', async (fault) => {
    const world = await createWorld()
    const { path, grant } = await saved(world)
    world.advance(86_400)
    world.entra.control.faultNext({ ...fault, times: 1 })
    const response = await world.call('POST', path)
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThanOrEqual(30)
    expect(await response.json()).toMatchObject({ code: 'provider_unavailable' })
    const state = await (await world.call('GET', `/v1/grants/${grant}`)).json()
    expect(state).toMatchObject({ status: 'cooling_down' })
    // Within the pause nobody asks Entra again; after it the grant recovers by itself.
    await world.call('POST', path)
    expect(refreshes(world)).toBe(1)
    world.advance(121)
    expect((await world.call('POST', path)).status).toBe(200)
    const healed = await (await world.call('GET', `/v1/grants/${grant}`)).json()
    expect(healed).toMatchObject({ status: 'active', problem: null })
    const events = await (await world.call('GET', `/v1/events?subject=${grant}`)).json<{
      data: { type: string }[]
    }>()
    expect(events.data.map(({ type }) => type)).toEqual(['grant.recovered', 'grant.cooling_down'])
  })

  it('bridges an outage with the stored token while that is valid', async () => {
    const world = await createWorld()
    world.entra.control.setTokenLifetime(3600)
    const { path } = await saved(world)
    world.advance(3600 - 120)
    world.entra.control.faultNext({ kind: 'outage', times: 5 })
    expect((await world.call('POST', path)).status).toBe(200)
    world.advance(121)
    expect((await world.call('POST', path)).status).toBe(503)
  })

  it('backs off further with every failure in a row', async () => {
    const world = await createWorld()
    const { path } = await saved(world)
    world.advance(86_400)
    world.entra.control.faultNext({ kind: 'outage', times: 3 })
    const waits: number[] = []
    for (let round = 0; round < 3; round += 1) {
      const response = await world.call('POST', path)
      const wait = Number(response.headers.get('retry-after'))
      waits.push(wait)
      world.advance(wait)
    }
    expect(waits).toEqual([30, 60, 120])
  })

  it('asks the person to sign in again when the refresh token has ended', async () => {
    const world = await createWorld()
    const { path, grant } = await saved(world, { username: 'frank@contoso.test' })
    world.advance(86_400)
    const response = await world.call('POST', path)
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({
      code: 'reconnect_required',
      detail: expect.stringContaining('AADSTS700082'),
    })
    await world.call('POST', path)
    expect(refreshes(world)).toBe(1)
    const dump = await world.dump()
    const state = await (await world.call('GET', `/v1/grants/${grant}`)).json()
    expect(state).toMatchObject({ status: 'reconnect_required' })
    // The ciphertext is still there: nothing is deleted because of an answer.
    expect(dump).toMatch(/"refresh_token_sealed":"eyJ/)
  })

  it('takes a refused client secret for a fault of the integration, not of the grant', async () => {
    const world = await createWorld()
    const { path, grant } = await saved(world)
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: 'f0cacc1a-0000-4000-8000-0000c1e47a99',
      credential: { type: 'client_secret', client_secret: secrets.expired },
    })
    world.advance(86_400)
    const response = await world.call('POST', path)
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ code: 'credential_rejected' })
    expect(await (await world.call('GET', `/v1/grants/${grant}`)).json()).toMatchObject({
      status: 'active',
      problem: null,
    })
    expect(await (await world.call('GET', '/v1/integrations/microsoft')).json()).toMatchObject({
      problems: [{ code: 'credential_rejected' }],
    })
    await world.call('PUT', '/v1/integrations/microsoft/settings', {
      client_id: 'f0cacc1a-0000-4000-8000-0000c1e47a99',
      credential: { type: 'client_secret', client_secret: secrets.next },
    })
    expect((await world.call('POST', path)).status).toBe(200)
  })
})

describe('what stands in the way of a hand-out', () => {
  it('is a switched-off integration, and nothing is lost by it', async () => {
    const world = await createWorld()
    const { path } = await saved(world)
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    const response = await world.call('POST', path)
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ code: 'integration_inactive' })
    await world.call('POST', '/v1/integrations/microsoft/activate')
    expect((await world.call('POST', path)).status).toBe(200)
  })

  it('is a password account', async () => {
    const world = await createWorld()
    const response = await world.call('POST', '/v1/mail-accounts', {
      owner: { type: 'global' },
      protocol: 'smtp',
      host: 'mail.example.com',
      port: 587,
      security: 'starttls',
      username: 'printer@example.com',
      authentication: { type: 'password', password: 'canary-password' },
    })
    const { id } = await response.json<{ id: string }>()
    const answer = await world.call('POST', `/v1/mail-accounts/${id}/access-token`)
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ code: 'not_oauth' })
  })

  it('is a grant that was detached', async () => {
    const world = await createWorld()
    const { path, grant } = await saved(world)
    await world.call('DELETE', `/v1/grants/${grant}?detach=true`)
    const response = await world.call('POST', path)
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ code: 'reconnect_required' })
  })

  it('is an encryption key that is missing, and the row is left alone', async () => {
    const world = await createWorld()
    const { path } = await saved(world)
    const before = await world.dump()
    const { createApp } = await import('../../../api/app.ts')
    const { createServices } = await import('../../../api/services.ts')
    const otherKey = [{ kid: 'k2', key: new Uint8Array(32).fill(9) }] as const
    const services = createServices(world.db, {
      ...world.services.settings,
      encryptionKeys: otherKey,
    })
    const request = new Request(`http://localhost:8787${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${services.settings.rootApiKey}` },
    })
    const response = await createApp({ ...services, now: world.services.now }).fetch(request, {}, {
      waitUntil: () => {},
      passThroughOnException: () => {},
      props: {},
    } as unknown as ExecutionContext)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({
      code: 'key_missing',
      detail: expect.stringContaining('k1'),
    })
    expect(await world.dump()).toBe(before)
  })

  it.each(['ma_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'ma_x', 'nonsense'])(
    'is an unknown id: %s',
    async (id) => {
      const world = await createWorld()
      const response = await world.call('POST', `/v1/mail-accounts/${id}/access-token`)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ code: 'not_found' })
    },
  )
})

it('counts one round trip to D1 for a hand-out from cache', async () => {
  const { env } = await import('cloudflare:workers')
  let trips = 0
  const counted = new Proxy(env.DB, {
    get(db, name) {
      const value = Reflect.get(db, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        const result = value.apply(db, args)
        if (name === 'batch' || name === 'exec') trips += 1
        return name === 'prepare' ? countRuns(result, () => (trips += 1)) : result
      }
    },
  })
  const world = await createWorld({ db: counted })
  const { path } = await saved(world)
  await world.call('POST', path)
  trips = 0
  expect((await world.call('POST', path)).status).toBe(200)
  expect(trips).toBe(1)
})

function countRuns(statement: object, count: () => void): object {
  return new Proxy(statement, {
    get(target, name) {
      const value = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        const result = value.apply(target, args)
        if (name === 'bind') return countRuns(result, count)
        if (['all', 'run', 'raw', 'first'].includes(String(name))) count()
        return result
      }
    },
  })
}
