/** A saved grant with an expired access token, and an Entra whose responses to a refresh can be scripted. */

import { env } from 'cloudflare:workers'
import { refreshGrant } from '../../api/domain/tokens/delegated.ts'
import { UNLIMITED } from '../../api/model/access.ts'
import { tokenOfGrant } from './fresh-token.ts'
import { activeWorld, type World, type WorldOptions } from './harness.ts'
import { GRANTS_WITH_TOKENS, rows } from './sql.ts'
import { system } from './system-call.ts'

const DAY = 86_400

/** Creates a world in which Alice's access token has expired. */
export async function expiredGrantWorld(options: WorldOptions = {}) {
  const world = await activeWorld(options)
  const grant = await world.grant('alice@contoso.test')
  world.advance(DAY)
  world.entra.control.resetCounts()
  const refresh = () => tokenOfGrant(world.services, system, grant)
  /** Acquires the lease without checking the cached token, so the lease holder reads the settings. */
  const refreshNow = async () => {
    const found = await world.services.store.grants.read(grant, UNLIMITED)
    if (!found) throw new Error('the grant is gone')
    return refreshGrant(world.services, system, found)
  }
  const row = () =>
    env.DB.prepare(`SELECT * FROM ${GRANTS_WITH_TOKENS}`).first<Record<string, unknown>>()
  return { world, grant, refresh, refreshNow, row }
}

/** Replaces the refresh token of a grant with one that Entra does not know. */
export async function forgetRefreshToken({ services }: World, grant: string): Promise<void> {
  const context = { table: 'grants', row: grant, column: 'refresh_token' }
  const unknown = await services.store.sealer.seal('unknown-to-entra', context)
  await rows('UPDATE grants SET refresh_token_sealed = ? WHERE id = ?', unknown, grant)
}

export const integrationProblems = async (world: World) =>
  (await world.get<{ problems: unknown[] }>('/v1/integrations/microsoft')).problems

type Respond = (url: string) => Promise<Response | null>

/** Creates a world whose Entra responds to refreshes with `script.respond`, or normally if that returns null. */
export async function scriptedEntraWorld() {
  const script: { respond: Respond } = { respond: async () => null }
  const expired = await expiredGrantWorld()
  const { entra } = expired.world
  const { fetch } = entra
  entra.fetch = async (input, init) => {
    const request = new Request(input, init)
    // Not `text()`: workerd logs a warning when it reads a form as text.
    const form = new TextDecoder().decode(await request.clone().arrayBuffer())
    const isRefresh = form.includes('grant_type=refresh_token')
    return (isRefresh && (await script.respond(request.url))) || fetch(request)
  }
  return { ...expired, script }
}

export const refusalResponse = (error: string, code: number) =>
  Response.json(
    { error, error_codes: [code], error_description: `AADSTS${code}: no` },
    { status: 400 },
  )
