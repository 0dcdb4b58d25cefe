/** Deployments of one world with other key rings, and what can be seen of them. */
import { env } from 'cloudflare:workers'
import { createApp } from '../../api/app.ts'
import { readKeyRing } from '../../api/domain/key-ring.ts'
import { createServices } from '../../api/services.ts'
import { createSealer } from '../../api/store/seal.ts'
import type { KeyRing } from '../../schema/settings.ts'
import { settings, type World } from './harness.ts'
import { createMailWorld, passwordForm } from './mail-world.ts'

export const ringKey = (kid: string, byte: number) => ({
  kid,
  key: new Uint8Array(32).fill(byte),
})
/** The first is the one that the harness deploys with. */
export const [k1, k2, k3] = [ringKey('k1', 1), ringKey('k2', 2), ringKey('k3', 3)]

/** The same world after a deployment with another ring. */
export function deployWith<Any extends World>(world: Any, ring: KeyRing): Any {
  const { now, random, log, fetch, pause } = world.services
  const services = createServices(
    env.DB,
    { ...settings, encryptionKeys: ring },
    { now, random, log, fetch, pause },
  )
  return { ...world, services, app: createApp(services) }
}

/** How many values each key sealed, as an admin reads it. */
export async function census(world: World): Promise<Record<string, number>> {
  const { keys } = await readKeyRing(world.services)
  return Object.fromEntries(keys.map(({ kid, rows }) => [kid, rows]))
}

/** Grants of alice, a password and a client secret, all sealed by k1. */
export async function sealedWorld(grants = 2) {
  const world = await createMailWorld()
  await world.activate()
  const ids: string[] = []
  for (let index = 0; index < grants; index += 1) {
    ids.push(await world.grant('alice@contoso.test'))
  }
  await world.save(passwordForm())
  return { world, ids }
}

/** Puts in its place what a key sealed that nobody has. */
export async function sealByAnother(table: string, column: string, row: string): Promise<void> {
  const sealed = await createSealer([ringKey('gone', 9)]).seal('x', { table, row, column })
  await env.DB.prepare(`UPDATE ${table} SET ${column}_sealed = ? WHERE id = ?`)
    .bind(sealed, row)
    .run()
}
