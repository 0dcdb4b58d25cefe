/** A local D1 in a folder of its own, as wrangler keeps it for a deployment. */
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const root = join(import.meta.dirname, '..')

export type LocalD1 = ReturnType<typeof localD1>

export function localD1(folder: string) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'wrangler.toml'),
    `name = "mailgrant"
compatibility_date = "2026-11-01"
[[d1_databases]]
binding = "DB"
database_name = "mailgrant"
migrations_dir = ${JSON.stringify(join(root, 'schema/d1/migrations'))}
`,
  )
  const wrangler = async (...args: string[]): Promise<string> => {
    const script = join(root, 'node_modules/wrangler/bin/wrangler.js')
    const env = { ...process.env, CI: '1', NO_COLOR: '1', WRANGLER_SEND_METRICS: 'false' }
    const options = { cwd: folder, env, maxBuffer: 64 * 1_048_576 }
    const command = promisify(execFile)(process.execPath, [script, 'd1', ...args], options)
    return (await command).stdout
  }
  return {
    state: join(folder, '.wrangler/state'),
    execute: (sql: string) => wrangler('execute', 'DB', '--local', '--json', `--command=${sql}`),
    importFrom: (file: string) => wrangler('execute', 'DB', '--local', '--yes', `--file=${file}`),
    exportTo: (file: string) => wrangler('export', 'DB', '--local', `--output=${file}`),
    pendingMigrations: () => wrangler('migrations', 'list', 'DB', '--local'),
    migrate: () => wrangler('migrations', 'apply', 'DB', '--local'),
  }
}
