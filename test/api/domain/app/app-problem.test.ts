/** Verdicts on the app: one problem of the integration, for which every mailbox waits. */
import { describe, expect, it } from 'vitest'
import type { TokenResponse } from '../../../../api/entra/token.ts'
import { app, tenants } from '../../../sandbox/personas.ts'
import { integrationProblems } from '../../expired-grant.ts'
import { tokenOfGrant } from '../../fresh-token.ts'
import type { World, WorldOptions } from '../../harness.ts'
import { eventsOf, rows } from '../../sql.ts'
import { system } from '../../system-call.ts'
import { idleWorld } from '../operations/maintenance/run.ts'
import { refused } from '../tokens/both-kinds.ts'

const MINUTE = 60
const HOUR = 60 * MINUTE
const DISABLED_APP = refused('unauthorized_client', 7000112)

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

  it('concerns no mailbox elsewhere, which is blocked if it is refused for the same fault', async () => {
    const { world, home, personal, entra, ask } = await homeWorld()
    entra.refusal = DISABLED_APP
    expect(await ask(home)).toBe('credential_rejected')
    expect(await ask(personal)).toBe('grant_blocked')
    expect(await integrationProblems(world)).toMatchObject([{ code: 'credential_rejected' }])
  })
})
