/** A database that wrangler has made continues here and goes back: the same file, the same table of migrations. */
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openDatabaseFile } from '../../../api/node/database.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import { MIGRATIONS } from './database-folder.ts'

const root = join(import.meta.dirname, '../../..')

it('shares its migrations with wrangler', { timeout: 120_000 }, async () => {
  const folder = createTemporaryFolder()
  const wrangler = (...args: string[]) =>
    execFileSync(
      process.execPath,
      [join(root, 'node_modules/wrangler/bin/wrangler.js'), 'd1', ...args, '--local'].concat(
        '--persist-to',
        folder,
      ),
      {
        cwd: root,
        encoding: 'utf8',
        env: { ...process.env, CI: 'true', WRANGLER_SEND_METRICS: 'false' },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    )
  wrangler('migrations', 'apply', 'mailgrant')

  const state = join(folder, 'v3/d1/miniflare-D1DatabaseObject')
  const [file = ''] = readdirSync(state).filter((name) => /^[0-9a-f]+\.sqlite$/.test(name))
  const added = { name: '9999_added.sql', sql: 'CREATE TABLE added (word TEXT)' }
  const { d1, close } = openDatabaseFile(join(state, file), [...MIGRATIONS, added])
  await d1.prepare('INSERT INTO added VALUES (?)').bind('here').run()
  close()

  expect(wrangler('migrations', 'list', 'mailgrant')).toContain('No migrations to apply')
  const sql = 'SELECT word, (SELECT count(*) FROM d1_migrations) AS migrations FROM added'
  const [response] = JSON.parse(wrangler('execute', 'mailgrant', '--json', '--command', sql))
  expect(response.results).toEqual([{ word: 'here', migrations: MIGRATIONS.length + 1 }])
})
