/** Redeployments of a world with other key rings, and how many values each key sealed. */
import { env } from 'cloudflare:workers'
import { createApp } from '../../api/app.ts'
import { readKeyRing } from '../../api/domain/operations/key-ring.ts'
import { createServices } from '../../api/services.ts'
import { createSealer } from '../../api/store/seal.ts'
import type { KeyRing } from '../../schema/settings.ts'
import type { World } from './harness.ts'
import { activeMailWorld, passwordForm } from './mail-world.ts'
import { rows } from './sql.ts'

export const ringKey = (kid: string, byte: number) => ({
  kid,
  key: new Uint8Array(32).fill(byte),
})
/** Keys for key rings; the harness deploys with the first. */
export const [k1, k2, k3] = [ringKey('k1', 1), ringKey('k2', 2), ringKey('k3', 3)]

/** Returns the same world after a deployment with another key ring. */
export function deployWith<Any extends World>(world: Any, ring: KeyRing): Any {
  const { now, random, log, fetch, pause } = world.services
  const settings = { ...world.services.settings, encryptionKeys: ring }
  const services = createServices(env.DB, settings, { now, random, log, fetch, pause })
  return { ...world, services, app: createApp(services) }
}

/** Returns the number of values that each key sealed, as `GET /v1/key-ring` reports it. */
export async function valuesPerKey(world: World): Promise<Record<string, number>> {
  const { keys } = await readKeyRing(world.services)
  return Object.fromEntries(keys.map(({ kid, rows }) => [kid, rows]))
}

/** Creates a world with grants of Alice, a mailbox password and a client secret, all sealed by k1. */
export async function sealedWorld(grants = 2) {
  const world = await activeMailWorld()
  const ids: string[] = []
  for (let index = 0; index < grants; index += 1) {
    ids.push(await world.grant('alice@contoso.test'))
  }
  await world.save(passwordForm())
  return { world, ids }
}

/** Replaces a sealed value with one whose key is not in the ring. */
export async function sealWithLostKey(table: string, column: string, row: string): Promise<void> {
  const sealed = await createSealer([ringKey('gone', 9)]).seal('x', { table, row, column })
  const id = table === 'grant_tokens' ? "grant_id || '|' || resource" : 'id'
  await rows(`UPDATE ${table} SET ${column}_sealed = ? WHERE ${id} = ?`, sealed, row)
}
