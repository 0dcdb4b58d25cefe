import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { validateMailAccount } from '../../../api/domain/checks/validations.ts'
import type { TokenResponse } from '../../../api/entra/token.ts'
import type { Grant } from '../../../schema/grant.ts'
import type { Problem } from '../../../schema/problem.ts'
import { outage, refused } from '../domain/tokens/both-kinds.ts'
import { imapAccountWorld } from '../mail-world.ts'
import { system } from '../system-call.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const POLICY = refused('interaction_required', 53003)
const throttled: TokenResponse = {
  ok: false,
  failure: { kind: 'throttled', retryAfter: 900, aadsts: null },
}
const DISABLED = refused('invalid_grant', 50173)

/** Creates Alice's saved account with an expired access token, and an Entra that refuses while `refusal` is set. */
async function retryWorld() {
  const { world, grant, id } = await imapAccountWorld()
  world.advance(2 * HOUR)
  world.entra.control.resetCounts()
  const script: { refusal: TokenResponse | null; asked: number } = { refusal: null, asked: 0 }
  const { refresh } = world.services.entra
  world.services.entra.refresh = async (request) => {
    script.asked += 1
    return script.refusal ?? refresh(request)
  }
  const issueToken = () => world.call('POST', `/v1/mail-accounts/${id}/access-token`, {})
  const retry = () => world.call('POST', `/v1/grants/${grant}/retry`)
  const grantNow = async () => (await world.call('GET', `/v1/grants/${grant}`)).json<Grant>()
  return { world, grant, id, script, issueToken, retry, grantNow }
}

/** Creates a `retryWorld` whose grant Microsoft has refused. */
async function refusedWorld(refusal = POLICY) {
  const created = await retryWorld()
  created.script.refusal = refusal
  await created.issueToken()
  return created
}

const iso = (world: { clock: { now: Date } }, seconds = 0) =>
  new Date(world.clock.now.getTime() + seconds * 1000).toISOString()

describe('retrying a blocked grant', () => {
  it('asks Microsoft at once and returns the grant, which works after the repair', async () => {
    const { world, id, script, issueToken, retry, grantNow } = await retryWorld()
    script.refusal = POLICY
    expect((await issueToken()).status).toBe(409)
    expect(await grantNow()).toMatchObject({
      status: 'blocked',
      retry_at: iso(world, 5 * MINUTE),
    })
    script.refusal = null
    world.advance(MINUTE)
    const response = await retry()
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      status: 'active',
      problem: null,
      retry_at: null,
    })
    expect((await issueToken()).status).toBe(200)
    expect((await world.read(id)).health).toBe('unverified')
    expect(await world.events()).toContain('grant.recovered')
  })

  it('asks at most once a minute, and says when it may be asked again', async () => {
    const { world, script, retry } = await refusedWorld()
    world.advance(20)
    const response = await retry()
    expect(response.status).toBe(429)
    expect(response.headers.get('retry-after')).toBe('40')
    expect(await response.json<Problem>()).toMatchObject({ code: 'rate_limited' })
    expect(script.asked).toBe(1)
    world.advance(40)
    expect((await retry()).status).toBe(200)
    expect((await retry()).status).toBe(429)
    expect(script.asked).toBe(2)
  })

  it('asks once, however many ask together', async () => {
    const { world, script, retry } = await refusedWorld()
    world.advance(MINUTE)
    const statuses = (await Promise.all([retry(), retry(), retry()])).map(({ status }) => status)
    expect(script.asked).toBe(2)
    expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([])
  })

  it('starts the pauses over when it is still refused, since somebody is repairing it', async () => {
    const { world, issueToken, retry, grantNow } = await refusedWorld()
    for (const minutes of [5, 10, 20]) {
      world.advance(minutes * MINUTE)
      await issueToken()
    }
    expect((await grantNow()).retry_at).toBe(iso(world, 40 * MINUTE))
    world.advance(MINUTE)
    expect(await (await retry()).json()).toMatchObject({
      status: 'blocked',
      retry_at: iso(world, 5 * MINUTE),
    })
  })

  it('leaves it as it was while Microsoft gives no verdict', async () => {
    const { world, script, retry, grantNow } = await refusedWorld()
    const before = await grantNow()
    world.advance(MINUTE)
    script.refusal = outage
    const response = await retry()
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).not.toBeNull()
    expect(await response.json()).toMatchObject({ code: 'provider_unavailable' })
    world.advance(MINUTE)
    script.refusal = refused('invalid_client', 7000215)
    expect(await (await retry()).json()).toMatchObject({ code: 'credential_rejected' })
    const { status, problem } = await grantNow()
    expect({ status, problem }).toEqual({ status: before.status, problem: before.problem })
  })
})

describe('retrying another grant', () => {
  it('asks before the cool-down is over', async () => {
    const { world, script, issueToken, retry } = await retryWorld()
    script.refusal = throttled
    expect((await issueToken()).status).toBe(503)
    world.advance(MINUTE)
    expect(await (await retry()).json()).toMatchObject({ status: 'cooling_down' })
    script.refusal = null
    world.advance(MINUTE)
    expect(await (await retry()).json()).toMatchObject({ status: 'active' })
  })

  it('asks for one that must be reconnected, which works again without a sign-in', async () => {
    const { world, script, retry, grantNow } = await refusedWorld(DISABLED)
    const tokens = 'SELECT refresh_token_sealed AS token FROM grants'
    const before = await env.DB.prepare(tokens).first()
    world.advance(MINUTE)
    expect(await (await retry()).json()).toMatchObject({ status: 'reconnect_required' })
    // An outage is never taken for a change of the verdict, nor is a temporary refusal.
    for (const refusal of [outage, refused('invalid_grant', 70000)]) {
      script.refusal = refusal
      world.advance(MINUTE)
      await retry()
      expect((await grantNow()).status).toBe('reconnect_required')
    }
    expect(await env.DB.prepare(tokens).first()).toEqual(before)
    script.refusal = null
    world.advance(MINUTE)
    expect(await (await retry()).json()).toMatchObject({ status: 'active' })
  })

  it('refreshes one that works', async () => {
    const { world, script, retry } = await retryWorld()
    expect(await (await retry()).json()).toMatchObject({
      status: 'active',
      refreshed_at: iso(world),
    })
    expect(script.asked).toBe(1)
  })

  it('asks nobody for one of another app registration or while the integration is inactive', async () => {
    const { world, script, retry } = await retryWorld()
    await env.DB.prepare("UPDATE grants SET client_id = 'another'").run()
    expect(await (await retry()).json()).toMatchObject({ code: 'reconnect_required' })
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect(await (await retry()).json()).toMatchObject({ code: 'integration_inactive' })
    expect(script.asked).toBe(0)
  })
})

describe('a validation', () => {
  it('asks for a blocked grant at once, and within a minute repeats the verdict', async () => {
    const { world, id, script } = await refusedWorld()
    script.refusal = null
    world.advance(59)
    expect(await world.validateSaved(id)).toMatchObject({ outcome: 'failed' })
    expect(script.asked).toBe(1)
    world.advance(1)
    const validation = await world.validateSaved(id)
    expect(validation).toMatchObject({ outcome: 'passed' })
    expect(await world.get(`/v1/validations/${validation.id}`)).toEqual(validation)
  })

  it('asks during a cool-down at once', async () => {
    const { world, id, script } = await refusedWorld(throttled)
    script.refusal = null
    world.advance(MINUTE)
    expect(await world.validateSaved(id)).toMatchObject({ outcome: 'passed' })
  })

  it('that is scheduled waits for the retry time', async () => {
    const { world, id, script } = await refusedWorld()
    world.advance(2 * MINUTE)
    expect(await validateMailAccount(world.services, system, id)).toMatchObject({
      value: { outcome: 'failed' },
    })
    expect(script.asked).toBe(1)
  })
})
