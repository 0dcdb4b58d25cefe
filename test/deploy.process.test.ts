/** `npm run deploy` as a dry run, in a fresh copy of the repository, with the real wrangler and without an account. */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { root } from './source-files.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

/** Files of a clone that a deployment needs. */
const CLONED = ['api', 'checker', 'schema', 'test/examples', 'package.json', 'tsconfig.json']

it('builds the Worker with its settings and shows each command', { timeout: 180_000 }, async () => {
  const clone = createTemporaryFolder()
  for (const path of [...CLONED, 'wrangler.toml']) {
    cpSync(join(root, path), join(clone, path), { recursive: true })
  }
  symlinkSync(join(root, 'node_modules'), join(clone, 'node_modules'))
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    ...{ CI: '1', NO_COLOR: '1', HOME: clone, XDG_CONFIG_HOME: clone },
    ...{ WRANGLER_SEND_METRICS: 'false', WRANGLER_SEND_ERROR_REPORTS: 'false' },
  }
  delete env.CLOUDFLARE_API_TOKEN
  const urls = ['https://mail.example.com', 'https://checker.example.com']
  // Without "--", npm takes the option for its own.
  const args = ['run', 'deploy', ...urls, '--dry-run']
  const { stdout } = await promisify(execFile)('npm', args, { cwd: clone, env })

  expect(stdout.match(/^Would run: npx wrangler .+$/gm)).toEqual([
    'Would run: npx wrangler whoami --json',
    'Would run: npx wrangler d1 list --json',
    'Would run: npx wrangler d1 create mailgrant',
    'Would run: npx wrangler d1 info DB --json',
    'Would run: npx wrangler secret list',
    'Would run: npx wrangler d1 migrations apply DB --remote',
  ])
  expect(stdout).toContain('--dry-run: exiting now.')
  for (const setting of ['DB (mailgrant)', 'ENCRYPTION_KEYS', 'CHECKER_KEY', 'ROOT_API_KEY']) {
    expect(stdout).toContain(`env.${setting}`)
  }
  expect(stdout).toContain('Would wait for https://mail.example.com/readyz')
  expect(readdirSync(join(clone, '.deployment'))).toEqual([])
  expect(existsSync(join(clone, '.assets/console/index.html'))).toBe(true)
})
