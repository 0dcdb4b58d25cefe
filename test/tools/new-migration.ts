/**
 * Writes the migration that takes the tables to those of `schema/d1/`. Until there is a release, no database has
 * to be kept, so it rewrites the first one, from the tables and `triggers.sql`. Options go to drizzle-kit.
 */
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readReleases } from '../releases/releases.ts'
import { installTools, run, toolPath } from './install.ts'

const root = join(import.meta.dirname, '../..')
const tables = join(root, 'schema/d1')
const migrations = join(tables, 'migrations')

installTools()
// Not by tags, which a shallow clone or a fork can lack.
if (readReleases().length > 0) generate(...process.argv.slice(2))
else writeFirst()

function generate(...options: string[]): void {
  const config = '--config=schema/d1/drizzle.config.ts'
  run(toolPath('drizzle-kit/bin.cjs'), 'generate', config, ...options)
}

function writeFirst(): void {
  rmSync(migrations, { recursive: true, force: true })
  generate('--name', 'release')
  const triggers = readFileSync(join(tables, 'triggers.sql'), 'utf8')
  appendFileSync(join(migrations, '0000_release.sql'), `\n--> statement-breakpoint\n${triggers}`)
  // drizzle-kit makes a new ID each time, so that any two changes would conflict.
  const id = '00000000-0000-0000-0000-000000000001'
  replace('meta/0000_snapshot.json', /"id": "[0-9a-f-]{36}"/, `"id": "${id}"`)
  replace('meta/_journal.json', /"when": \d+/, '"when": 0')
}

function replace(name: string, pattern: RegExp, replacement: string): void {
  const path = join(migrations, name)
  writeFileSync(path, readFileSync(path, 'utf8').replace(pattern, replacement))
}
