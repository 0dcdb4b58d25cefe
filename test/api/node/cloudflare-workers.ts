/** `cloudflare:workers` for tests in Node: the bindings of the Worker, with D1 in memory. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { createAssets } from '../../../api/node/assets.ts'
import { createD1 } from '../../../api/node/d1.ts'

const folder = join(import.meta.dirname, '../../../schema/d1/migrations')
export const env = {
  DB: createD1(new DatabaseSync(':memory:')),
  MIGRATIONS: readdirSync(folder)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => ({ name, queries: [readFileSync(join(folder, name), 'utf8')] })),
  ASSETS: { fetch: createAssets(join(import.meta.dirname, '../../../.assets')) },
}
