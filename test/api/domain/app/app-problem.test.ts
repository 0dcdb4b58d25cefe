/** Verdicts on the app: one problem of the integration instead of many blocked mailboxes. */
import { describe, expect, it } from 'vitest'
import type { TokenResponse } from '../../../../api/entra/token.ts'
import { app, tenants } from '../../../sandbox/personas.ts'
import { integrationProblems } from '../../expired-grant.ts'
import { tokenOfGrant } from '../../fresh-token.ts'
import type { World, WorldOptions } from '../../harness.ts'
import { createWorld } from '../../harness.ts'
import { eventsOf, rows } from '../../sql.ts'
import { system } from '../../system-call.ts'
import { idleWorld, run, runAfter, stateOf } from '../operations/maintenance/run.ts'
import { refused } from '../tokens/both-kinds.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const UNKNOWN_APP = refused('unauthorized_client', 700016)
const DISABLED_APP = refused('unauthorized_client', 7000112)
const DISABLED_RESOURCE = refused('invalid_grant', 500014)

/** Scripts Entra's responses to a refresh, by default those of the sandbox. */
function script(world: World) {
  const entra = { refusal: null as TokenResponse | null, asked: 0 }
  const { refresh } = world.services.entra
  world.services.entra.refresh = async (request) => {
    entra.asked += 1
    return entra.refusal ?? refresh(request)
  }
  return entra
}

/** Creates saved grants whose access tokens have expired, at an app for many tenants. */
async function refusedWorld(count = 5, options: WorldOptions = {}) {
  const { world, ids } = await idleWorld(count, options)
  world.advance(2 * HOUR)
  const entra = script(world)
  const ask = async (id: string) => {
    const result = await tokenOfGrant(world.services, system, id)
    return result.ok ? 'a token' : result.error.code
  }
  const [first = '', second = ''] = ids
  return { world, ids, first, second, entra, ask }
}

const saveSettings = (world: World, changes: object = {}) =>
  world.call('PUT', '/v1/integrations/microsoft/settings', {
    client_id: app.clientId,
    ...changes,
  })

const ofIntegration = async () =>
  (await eventsOf('microsoft')).filter((type) => type.includes('.app_'))

describe('one moment in which Microsoft does not know the app', () => {
  it('blocks one mailbox at most, and is one problem with one event', async () => {
    const { world, ids, first, second, entra, ask } = await refusedWorld()
    entra.refusal = UNKNOWN_APP
    const codes = await Promise.all(ids.map(ask))
    expect(codes.sort()).toEqual(['grant_blocked', ...Array(4).fill('provider_unavailable')])
    const states = await Promise.all(ids.map(stateOf))
    expect(states.sort()).toEqual(['blocked', ...Array(4).fill('cooling_down')])
    const [problem, ...others] = (await integrationProblems(world)) as {
      code: string
      detail: string
    }[]
    expect(problem).toMatchObject({ code: 'app_refused' })
    expect(problem?.detail).toMatch(/AADSTS700016.*several mailboxes/)
    expect(others).toEqual([])
    expect(await ofIntegration()).toEqual(['integration.app_refused'])

    entra.refusal = null
    world.advance(5 * MINUTE)
    for (const id of [first, second, ...ids]) expect(await ask(id)).toBe('a token')
    expect(await integrationProblems(world)).toEqual([])
    expect(await ofIntegration()).toEqual(['integration.app_refused', 'integration.app_accepted'])
  })

  it('is the same for two isolates, whichever sees which mailbox', async () => {
    const { world, first, second, entra, ask } = await refusedWorld()
    entra.refusal = UNKNOWN_APP
    await ask(first)
    const other = await createWorld({ keepDatabase: true })
    other.advance(2 * HOUR + MINUTE)
    const elsewhere = script(other)
    elsewhere.refusal = UNKNOWN_APP
    expect(await tokenOfGrant(other.services, system, second)).toMatchObject({
      error: { code: 'provider_unavailable' },
    })
    expect(await integrationProblems(world)).toMatchObject([{ code: 'app_refused' }])
  })

  it('reports the cause with each mailbox, and that it is retried', async () => {
    const { world, first, second, entra, ask } = await refusedWorld()
    entra.refusal = DISABLED_APP
    await ask(second)
    await ask(first)
    expect(await (await world.call('GET', `/v1/grants/${first}`)).json()).toMatchObject({
      status: 'cooling_down',
      problem: {
        code: 'provider_unavailable',
        detail: expect.stringMatching(/AADSTS7000112.*retried automatically/),
        diagnosis: { candidates: [{ cause: 'app-disabled' }] },
      },
    })
  })
})

describe('a refusal of the app for a single mailbox', () => {
  it.each([
    ['alone', [UNKNOWN_APP]],
    ['besides one for another cause', [UNKNOWN_APP, DISABLED_RESOURCE]],
    ['besides one of the account', [UNKNOWN_APP, refused('invalid_grant', 53003)]],
  ])('%s blocks it and is no problem of the integration', async (_, refusals) => {
    const { world, ids, entra, ask } = await refusedWorld()
    for (const [index, refusal] of refusals.entries()) {
      entra.refusal = refusal
      expect(await ask(ids[index] ?? '')).toBe('grant_blocked')
    }
    expect(await integrationProblems(world)).toEqual([])
  })

  it('that works again and is refused once more blocks it again', async () => {
    const { world, first, entra, ask } = await refusedWorld()
    entra.refusal = UNKNOWN_APP
    expect(await ask(first)).toBe('grant_blocked')
    entra.refusal = null
    await world.call('POST', `/v1/grants/${first}/retry`)
    world.advance(MINUTE)
    await world.call('POST', `/v1/grants/${first}/retry`)
    await rows('UPDATE grant_tokens SET access_token_expires_at = 0')
    entra.refusal = UNKNOWN_APP
    expect(await ask(first)).toBe('grant_blocked')
    expect(await integrationProblems(world)).toEqual([])
  })
})

describe('a tenant that refuses an app for many tenants', () => {
  it('blocks its own mailboxes while one of another tenant works', async () => {
    const { world, ids, entra, ask } = await refusedWorld(3)
    await world.grant('grace@outlook.test')
    entra.refusal = UNKNOWN_APP
    for (const id of ids) expect(await ask(id)).toBe('grant_blocked')
    expect(await integrationProblems(world)).toEqual([])
    expect(await ofIntegration()).toEqual([])
  })

  it('is a problem of the integration together with a second tenant', async () => {
    const { world, first, entra, ask } = await refusedWorld(1)
    const personal = await world.grant('grace@outlook.test')
    world.advance(2 * HOUR)
    entra.refusal = UNKNOWN_APP
    expect(await ask(first)).toBe('grant_blocked')
    expect(await ask(personal)).toBe('provider_unavailable')
    expect(await integrationProblems(world)).toMatchObject([{ code: 'app_refused' }])
  })

  it('speaks for an app that only it may use', async () => {
    const { world, first, second, entra, ask } = await refusedWorld()
    await world.grant('grace@outlook.test')
    await saveSettings(world, { tenant: 'contoso.test' })
    entra.refusal = DISABLED_RESOURCE
    expect(await ask(first)).toBe('grant_blocked')
    expect(await ask(second)).toBe('provider_unavailable')
    expect(await integrationProblems(world)).toMatchObject([{ code: 'app_refused' }])
  })

  it('is no news long after that of another mailbox, nor when it repeats itself', async () => {
    const { world, first, second, entra, ask } = await refusedWorld()
    entra.refusal = UNKNOWN_APP
    await ask(first)
    world.advance(11 * MINUTE)
    expect(await ask(second)).toBe('grant_blocked')
    for (let round = 0; round < 3; round += 1) {
      world.advance(HOUR)
      expect(await ask(first)).toBe('grant_blocked')
      expect(await ask(second)).toBe('grant_blocked')
    }
    expect(await integrationProblems(world)).toEqual([])
  })
})

describe('while Microsoft refuses the app', () => {
  async function openProblem(count = 5) {
    const created = await refusedWorld(count)
    created.entra.refusal = UNKNOWN_APP
    for (const id of created.ids) await created.ask(id)
    created.entra.asked = 0
    return created
  }

  it('the refused mailboxes ask once a minute together, and soon all of them', async () => {
    const { world, ids, entra, ask } = await openProblem()
    for (let minute = 1; minute <= 30; minute += 1) {
      world.advance(MINUTE)
      for (const id of ids) await ask(id)
      expect(entra.asked).toBeLessThanOrEqual(minute)
    }
    expect(entra.asked).toBeGreaterThan(10)
    entra.refusal = null
    world.advance(5 * MINUTE)
    for (const id of ids) await ask(id)
    for (const id of ids) expect(await ask(id)).toBe('a token')
    expect(await ofIntegration()).toEqual(['integration.app_refused', 'integration.app_accepted'])
  })

  it('a request of a person asks at once', async () => {
    const { world, ids, first, entra, ask } = await openProblem()
    world.advance(MINUTE)
    for (const id of ids.slice(1)) await ask(id)
    expect(entra.asked).toBe(1)
    const retried = await world.call('POST', `/v1/grants/${first}/retry`)
    expect(await retried.json()).toMatchObject({ status: 'blocked' })
    expect(entra.asked).toBe(2)
  })

  it('a mailbox that was not refused asks as usual', async () => {
    const { world, entra } = await openProblem()
    const other = await world.grant('grace@outlook.test')
    world.advance(2 * HOUR)
    entra.refusal = null
    expect((await tokenOfGrant(world.services, system, other)).ok).toBe(true)
    // This grant can be at another tenant, so its success says nothing about the refused ones.
    expect(await integrationProblems(world)).toMatchObject([{ code: 'app_refused' }])
  })

  it('maintenance tries one of them, and all once that one works', async () => {
    const { world, ids, entra } = await openProblem(12)
    for (let round = 1; round <= 3; round += 1) {
      await runAfter(world, HOUR)
      expect(entra.asked).toBe(round)
    }
    entra.refusal = null
    world.advance(HOUR)
    expect((await run(world)).refresh).toMatchObject({ more: false })
    expect(new Set(await Promise.all(ids.map(stateOf)))).toEqual(new Set(['active']))
    expect(await integrationProblems(world)).toEqual([])
  })

  it('maintenance closes the problem when none of the refused mailboxes is left', async () => {
    const { world } = await openProblem()
    await rows('DELETE FROM grants')
    await run(world)
    expect(await integrationProblems(world)).toMatchObject([{ code: 'app_refused' }])
    await runAfter(world, 11 * MINUTE)
    expect(await integrationProblems(world)).toEqual([])
    expect(await ofIntegration()).toEqual(['integration.app_refused', 'integration.app_accepted'])
  })

  it('saving the settings closes it, and a further refusal opens it again', async () => {
    const { world, second, entra, ask } = await openProblem()
    await saveSettings(world)
    expect(await integrationProblems(world)).toEqual([])
    world.advance(5 * MINUTE)
    entra.refusal = UNKNOWN_APP
    await ask(second)
    expect(await integrationProblems(world)).toMatchObject([{ code: 'app_refused' }])
  })
})

describe('a credential that Microsoft rejects', () => {
  const WRONG_SECRET = refused('invalid_client', 7000215)

  /** A world with a mailbox at the home tenant of the app, and one at another tenant. */
  async function homeWorld() {
    const created = await refusedWorld(1)
    const { world } = created
    const personal = await world.grant('grace@outlook.test')
    await saveSettings(world, { home_tenant: tenants.contoso.id })
    world.advance(2 * HOUR)
    const ofCredential = async () =>
      (await eventsOf('microsoft')).filter((type) => type.includes('.credential_'))
    return { ...created, home: created.first, personal, ofCredential }
  }

  it('is accepted again by whichever tenant accepts it', async () => {
    const { world, home, personal, entra, ask, ofCredential } = await homeWorld()
    entra.refusal = WRONG_SECRET
    expect(await ask(home)).toBe('credential_rejected')
    expect(await ask(personal)).toBe('credential_rejected')
    expect(entra.asked).toBe(1)
    entra.refusal = null
    world.advance(MINUTE)
    expect(await ask(personal)).toBe('a token')
    expect(await integrationProblems(world)).toEqual([])
    expect(await ofCredential()).toEqual([
      'integration.credential_rejected',
      'integration.credential_accepted',
    ])
  })

  it('is not accepted again by another tenant while the home tenant does not know the app', async () => {
    const { world, home, personal, entra, ask, ofCredential } = await homeWorld()
    for (let minute = 0; minute < 3; minute += 1) {
      entra.refusal = DISABLED_APP
      expect(await ask(home)).toBe('credential_rejected')
      entra.refusal = null
      expect(await ask(personal)).toBe('a token')
      await rows('UPDATE grant_tokens SET access_token_expires_at = 0')
      world.advance(MINUTE)
    }
    expect(await integrationProblems(world)).toMatchObject([{ code: 'credential_rejected' }])
    expect(await ask(home)).toBe('a token')
    expect(await integrationProblems(world)).toEqual([])
    expect(await ofCredential()).toEqual([
      'integration.credential_rejected',
      'integration.credential_accepted',
    ])
  })

  it('blocks no mailbox elsewhere that is refused for the same fault, and stays one problem', async () => {
    const { world, home, personal, entra, ask } = await homeWorld()
    entra.refusal = DISABLED_APP
    expect(await ask(home)).toBe('credential_rejected')
    expect(await ask(personal)).toBe('provider_unavailable')
    expect(await stateOf(personal)).toBe('cooling_down')
    expect(await integrationProblems(world)).toMatchObject([{ code: 'credential_rejected' }])
    expect(await ofIntegration()).toEqual([])
  })
})
