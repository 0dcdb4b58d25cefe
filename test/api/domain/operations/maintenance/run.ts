/** One run of the maintenance, and its log lines. */

import { expect } from 'vitest'
import { runMaintenance } from '../../../../../api/domain/operations/maintenance/maintenance.ts'
import { app } from '../../../../sandbox/personas.ts'
import { activeWorld, type World, type WorldOptions } from '../../../harness.ts'
import { GRANTS_WITH_TOKENS, rows } from '../../../sql.ts'
import { system } from '../../../system-call.ts'

export const HOUR = 3600
export const DAY = 24 * HOUR

type Line = { event: string; level: string; task?: string; count?: number; more?: boolean }

const QUIET = { event: 'maintenance', level: 'info', count: 0, more: false }
const TASKS = [
  'purge',
  'secret_expiry',
  'replaced_credential',
  'refresh',
  'app_tokens',
  'history',
  'reencrypt',
  'validate',
]

/** Runs the maintenance once and returns its log lines by task. A task that had nothing to do logs none. */
export async function run(world: World): Promise<Record<string, Line>> {
  const before = world.lines.length
  await runMaintenance(world.services, system)
  const lines = world.lines.slice(before).map((line) => JSON.parse(line) as Line)
  const logged = lines.filter(({ task }) => task !== undefined)
  return Object.fromEntries([
    ...TASKS.map((task) => [task, { ...QUIET, task }]),
    ...logged.map((line) => [line.task, line]),
  ])
}

/** Runs the maintenance after this many seconds. */
export function runAfter(world: World, seconds: number) {
  world.advance(seconds)
  return run(world)
}

export const grantRow = async (id: string) =>
  (await rows(`SELECT * FROM ${GRANTS_WITH_TOKENS} WHERE id = ?`, id))[0]

export const stateOf = async (id: string) => (await grantRow(id))?.state

/** Saves a client secret that expires in this many days, or at an unknown time. */
export async function enterSecret(world: World, client_secret: string, days?: number) {
  const expires = new Date(world.clock.now.getTime() + (days ?? 0) * DAY * 1000)
  const expires_at = days === undefined ? undefined : expires.toISOString()
  const response = await world.call('PUT', '/v1/integrations/microsoft/settings', {
    client_id: app.clientId,
    credential: { type: 'client_secret', client_secret, expires_at },
  })
  expect(response.status).toBe(200)
}

const noPause = { pause: async () => {} }

/** Grants of alice, one second apart, the oldest first: copies of one, since each sign-in takes time. */
export async function idleWorld(count: number, options: WorldOptions = {}) {
  const world = await activeWorld({ outside: noPause, ...options })
  const original = await world.grant('alice@contoso.test')
  world.advance(1)
  const { sealer } = world.services.store
  const context = (row: string) => ({ table: 'grants', row, column: 'refresh_token' })
  const { refresh_token_sealed: sealed } = (await grantRow(original)) ?? {}
  const refreshToken = await sealer.open(String(sealed), context(original))
  const ids = [original]
  while (ids.length < count) {
    const id = `gr_copy${ids.length}`
    await rows(
      `INSERT INTO grants (id, saved_at, created_at, refreshed_at, refresh_token_sealed, client_id, cloud,
         tenant_id, object_id, account_type, signed_in_as, scopes)
       SELECT ?1, ?2, ?2, ?2, ?3, client_id, cloud, tenant_id, object_id, account_type, signed_in_as,
         scopes FROM grants WHERE id = ?4`,
      id,
      world.clock.now.getTime(),
      await sealer.seal(refreshToken, context(id)),
      original,
    )
    await rows(
      `INSERT INTO grant_tokens (grant_id, resource, protocols, issued_at)
       SELECT ?1, resource, protocols, ?2 FROM grant_tokens WHERE grant_id = ?3`,
      id,
      world.clock.now.getTime(),
      original,
    )
    ids.push(id)
    world.advance(1)
  }
  world.entra.control.resetCounts()
  return { world, ids }
}
