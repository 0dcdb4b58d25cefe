import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import type { Call } from '../../../../api/services.ts'
import { createAppOnlyWorld } from '../../app-only-world.ts'
import { rejectCredential } from '../../app-problem.ts'
import { tokenOfApp } from '../../fresh-token.ts'

const wish = { tenant: 'contoso.test', protocol: 'imap' } as const
const DAY = 86_400

const people: Call = { actor: { type: 'key', id: 'root' }, defer: () => {} }
const schedule: Call = { actor: { type: 'system', id: null }, defer: () => {} }

/** Creates a world with an app-only token that was just fetched. */
async function withToken() {
  const world = await createAppOnlyWorld()
  const ask = (call: Call) => tokenOfApp(world.services, call, wish)
  expect((await ask(schedule)).ok).toBe(true)
  const row = () => env.DB.prepare('SELECT * FROM app_tokens').first<Record<string, unknown>>()
  const leave = (columns: string) => env.DB.prepare(`UPDATE app_tokens SET ${columns}`).run()
  const code = async (call: Call) => {
    const result = await ask(call)
    return result.ok ? 'a token' : result.error.code
  }
  return { world, row, leave, code, now: () => world.clock.now.getTime() }
}

describe('a token that Microsoft refused', () => {
  it('is requested again at once for people, once a minute, and at its retry time for the schedule', async () => {
    const { world, leave, code, now } = await withToken()
    await leave(`state = 'blocked', retry_at = ${now() + DAY * 1000}`)
    world.advance(59)
    expect(await code(people)).toBe('grant_blocked')
    world.advance(1)
    expect(await code(schedule)).toBe('grant_blocked')
    expect(world.tokenRequests()).toBe(1)
    expect(await code(people)).toBe('a token')
    expect(world.tokenRequests()).toBe(2)
    await leave(`state = 'blocked', retry_at = ${now()}`)
    // The stored one is still fresh, but may no longer open anything.
    expect(await code(schedule)).toBe('a token')
    expect(world.tokenRequests()).toBe(3)
  })
})

describe('Entra', () => {
  it('receives no request while the integration is inactive', async () => {
    const { world, code } = await withToken()
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    world.advance(DAY)
    expect(await code(people)).toBe('integration_inactive')
    expect(world.tokenRequests()).toBe(1)
  })

  it('receives at most one request a minute with a rejected credential', async () => {
    const { world, row, code, now } = await withToken()
    world.advance(DAY)
    await rejectCredential(env.DB, now())
    world.advance(59)
    expect(await code(people)).toBe('credential_rejected')
    expect(await row()).toMatchObject({ state: 'active', lease_owner: null, version: 1 })
    expect(world.tokenRequests()).toBe(1)
    world.advance(1)
    expect(await code(people)).toBe('a token')
  })
})

describe('a caller that waits for another holder', () => {
  const valid = 'access_token_expires_at = access_token_expires_at + 2 * 86400000'

  it.each([
    ['a token', `state = 'active', ${valid}`],
    ['provider_unavailable', "state = 'cooling_down'"],
    ['grant_blocked', `state = 'blocked', retry_at = 9e12, ${valid}`],
  ])('shares its result: %s after %s', async (found, columns) => {
    const { world, leave, code, now } = await withToken()
    world.advance(DAY)
    await leave(`lease_owner = 'other', lease_expires_at = ${now() + 45_000}`)
    let looks = 0
    world.services.pause = async () => {
      looks += 1
      if (looks === 2) await leave(`version = version + 1, ${columns}`)
    }
    expect(await code(people)).toBe(found)
    expect(looks).toBe(2)
    expect(world.tokenRequests()).toBe(1)
  })
})

it('continues and is stored when the caller hangs up', async () => {
  const { world, row } = await withToken()
  world.advance(DAY)
  const deferred: Promise<unknown>[] = []
  void tokenOfApp(world.services, { ...people, defer: (work) => void deferred.push(work) }, wish)
  await expect.poll(() => deferred).toHaveLength(1)
  await deferred[0]
  expect(await row()).toMatchObject({ version: 2, lease_owner: null })
})

it('reports an outage and its end once, and nothing for a token that is simply issued', async () => {
  const { world, code } = await withToken()
  for (let round = 0; round < 2; round += 1) {
    world.advance(DAY)
    world.entra.control.faultNext({ kind: 'outage' })
    expect(await code(people)).toBe('provider_unavailable')
  }
  world.advance(DAY)
  expect(await code(people)).toBe('a token')
  world.advance(DAY)
  expect(await code(people)).toBe('a token')
  expect((await world.events()).filter((type) => type.startsWith('grant.'))).toEqual([
    'grant.cooling_down',
    'grant.recovered',
  ])
})
