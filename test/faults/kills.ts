/**
 * SIGKILL of workerd at random moments while a key is rotated. It starts again on the same database, and
 * nothing may be lost.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { sealedColumns } from '../../api/store/key-ring.ts'
import { createSealer } from '../../api/store/seal.ts'
import type { KeyRing } from '../../schema/settings.ts'
import { seeded } from '../seeded.ts'
import { type Isolates, startIsolates } from './isolates.ts'
import { createTally, type Kind, SEED, type Size } from './kinds.ts'
import type { ApiResponse } from './product-client.ts'

/** Copies of a grant, each with two ciphertexts, so that a rotation takes a while. */
const GRANTS = 480
/** Time for which a mail worker waits for a token in all, seconds. */
const PATIENCE_S = 30

const keyOf = (generation: number) => ({
  kid: `k${generation}`,
  key: new Uint8Array(32).fill(generation),
})
const setting = (ring: KeyRing): string =>
  ring.map(({ kid, key }) => `${kid}:${Buffer.from(key).toString('base64')}`).join(',')

export async function kills(size: Size): Promise<Kind[]> {
  const tally = createTally()
  const random = seeded(SEED)
  const rounds = size === 'full' ? 12 : 1
  const first = keyOf(1)
  const isolates = await startIsolates({ keys: setting([first]) })
  try {
    const account = await isolates.connect()
    await copyGrant(isolates, account.grant, [first])
    for (let round = 1; round <= rounds; round += 1) {
      const ring: KeyRing = [keyOf(round + 1), keyOf(round)]
      // A rotation of this size takes 0.2 s on an idle machine, and more on a busy one.
      const ms = 50 + random(350)
      await tally.trial('during the rotation of a key', async () =>
        (await killRotation(isolates, account.path, ring, ms)).map(
          (failure) => `killed after ${ms} ms in round ${round}: ${failure}`,
        ),
      )
    }
  } finally {
    await isolates.stop()
  }
  return tally.kinds()
}

/** Asks for a token as a mail worker does. Returns why it has none when its patience ends. */
async function patientCall(isolates: Isolates, path: string): Promise<string | null> {
  const begin = Date.now()
  let response: ApiResponse
  do {
    response = await isolates.call(0, 'POST', path, {})
    const seconds = (Date.now() - begin) / 1000
    if (response.status === 200) {
      return seconds <= PATIENCE_S ? null : `a token was issued after ${Math.round(seconds)} s`
    }
    await sleep(1000)
  } while (response.status === 503 && Date.now() - begin < PATIENCE_S * 1000)
  return `a caller gets ${response.status} ${response.body.code}`
}

/** Adds copies of a grant that this ring can open. */
async function copyGrant(isolates: Isolates, grant: string, ring: KeyRing): Promise<void> {
  const db = await isolates.db()
  const sealer = createSealer(ring)
  for (const [table, key, tail] of [
    ['grants', 'id', ''],
    ['grant_tokens', 'grant_id', '|outlook'],
  ] as const) {
    const select = `SELECT * FROM ${table} WHERE ${key} = ?`
    const row = await db.prepare(select).bind(grant).first<Row>()
    const columns = Object.keys(row ?? {}).filter((name) => !name.endsWith('_label'))
    const sealed = columns.filter((name) => name.endsWith('_sealed') && row?.[name])
    const insert = `INSERT INTO ${table} (${columns.join()}) VALUES (${columns.map(() => '?').join()})`
    const copies = Array.from({ length: GRANTS }, async (_, at) => {
      const id = `gr_copy${at}`
      const values: Row = { ...row, [key]: id }
      for (const name of sealed) {
        const column = name.replace(/_sealed$/, '')
        const text = await sealer.open(String(row?.[name]), { table, row: grant + tail, column })
        values[name] = await sealer.seal(text, { table, row: id + tail, column })
      }
      return db.prepare(insert).bind(...columns.map((name) => values[name] ?? null))
    })
    await db.batch(await Promise.all(copies))
  }
}

type Row = Record<string, string | number | null>

async function killRotation(
  isolates: Isolates,
  path: string,
  ring: KeyRing,
  ms: number,
): Promise<string[]> {
  const settings = { ENCRYPTION_KEYS: setting(ring) }
  await isolates.restart(settings)
  // The connection breaks with the process.
  const ended = isolates.maintain(0).catch(() => {})
  await sleep(ms)
  await isolates.kill()
  await ended
  await isolates.start(settings)
  const failures = await unopened(isolates, ring)
  const refused = await patientCall(isolates, path)
  if (refused) failures.push(refused)
  for (let run = 0; run < 5 && (await sealedByOthers(isolates, ring)) > 0; run += 1) {
    await isolates.maintain(0)
  }
  const left = await sealedByOthers(isolates, ring)
  if (left > 0) failures.push(`${left} values are not re-encrypted`)
  failures.push(...(await unopened(isolates, [ring[0]])))
  return failures
}

const sealedByOthers = async (isolates: Isolates, ring: KeyRing): Promise<number> => {
  const { keys } = await isolates.expectStatus(200, 'GET', '/v1/key-ring')
  return (keys as { kid: string; rows: number }[])
    .filter(({ kid }) => kid !== ring[0].kid)
    .reduce((sum, { rows }) => sum + rows, 0)
}

/** Returns the ciphertexts that this ring cannot open. */
async function unopened(isolates: Isolates, ring: KeyRing): Promise<string[]> {
  const db = await isolates.db()
  const sealer = createSealer(ring)
  const failures: string[] = []
  for (const { tableName, name } of sealedColumns) {
    const column = name.slice(tableName.length + 1)
    const { results } = await db
      .prepare(`SELECT * FROM ${tableName} WHERE ${column}_sealed IS NOT NULL`)
      .all<Row>()
    for (const row of results) {
      const id = String(row.id ?? `${row.grant_id}|${row.resource}`)
      const context = { table: tableName, row: id, column }
      await sealer
        .openBound(String(row[`${column}_sealed`]), context)
        .catch((error: Error) => failures.push(`${name} of ${id}: ${error.message}`))
    }
  }
  return failures
}
