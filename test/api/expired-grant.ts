/** A saved consent whose access token has run out, and an Entra that may be told what to answer. */
import { env } from 'cloudflare:workers'
import { freshAccessToken, refreshGrant } from '../../api/domain/tokens/delegated.ts'
import type { Call } from '../../api/services.ts'
import { createWorld, type World, type WorldOptions } from './harness.ts'

export const call: Call = { actor: { type: 'system', id: null }, defer: () => {} }
const DAY = 86_400

/** A world in which alice's token has expired. */
export async function expired(options: WorldOptions = {}, ready = (_world: World): void => {}) {
  const world = await createWorld(options)
  ready(world)
  await world.activate()
  const grant = await world.grant('alice@contoso.test')
  world.advance(DAY)
  world.entra.control.resetCounts()
  const refresh = (id = grant) => freshAccessToken(world.services, call, id)
  /** Goes for the lease at once: whatever is read of the integration is read by its holder. */
  const exchange = async () => {
    const seen = await world.services.store.grants.read(grant)
    if (!seen) throw new Error('the grant is gone')
    return refreshGrant(world.services, call, seen)
  }
  const row = (id = grant) =>
    env.DB.prepare('SELECT * FROM grants WHERE id = ?').bind(id).first<Record<string, unknown>>()
  return { world, grant, refresh, exchange, row }
}

export const asked = (world: World) => world.entra.counts().token.refresh_token

export const problems = async (world: World) =>
  (await (await world.call('GET', '/v1/integrations/microsoft')).json<{ problems: unknown[] }>())
    .problems

type Answer = (url: string) => Promise<Response | null>

/** A world whose Entra gives what `answer.to` says to a refresh, where that says anything. */
export async function answered() {
  const answer: { to: Answer } = { to: async () => null }
  const there: { world?: World } = {}
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init)
    // Not `text()`: of a form it makes workerd warn on the log.
    const form = new TextDecoder().decode(await request.clone().arrayBuffer())
    const own = form.includes('grant_type=refresh_token') ? await answer.to(request.url) : null
    if (own) return own
    if (!there.world) throw new Error('nobody may ask yet')
    return there.world.entra.fetch(request)
  }
  const held = await expired({ outside: { fetch } }, (world) => {
    there.world = world
  })
  return { ...held, answer }
}

export const refusal = (error: string, code: number) =>
  Response.json(
    { error, error_codes: [code], error_description: `AADSTS${code}: no` },
    { status: 400 },
  )
