/** `npm run deploy` in a fresh copy of the repository, with the real wrangler and without an account. */
import { execFile } from 'node:child_process'
import { cpSync, existsSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { root } from './source-files.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

/** Files of a clone that a deployment needs. */
const CLONED = ['api', 'checker', 'schema', 'test/examples', 'package.json', 'tsconfig.json']

const run = promisify(execFile)

function createClone() {
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
  return { clone, options: { cwd: clone, env } }
}

it('says how to log in to Cloudflare, and changes nothing before', {
  timeout: 180_000,
}, async () => {
  const { clone, options } = createClone()
  const urls = ['https://mail.example.com', 'https://checker.example.com']
  await expect(run('npm', ['run', 'deploy', '--', ...urls], options)).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining('Run "npx wrangler login", or set CLOUDFLARE_API_TOKEN'),
  })
  expect(existsSync(join(clone, '.deployment'))).toBe(false)
})

it('deploys nothing where npm takes --dry-run for its own', async () => {
  const { options } = createClone()
  await expect(run('npm', ['run', 'deploy', '--dry-run'], options)).rejects.toMatchObject({
    stderr: expect.stringContaining('Nothing was deployed.'),
  })
})

it('uploads the Worker with its settings in a way that wrangler accepts', {
  timeout: 180_000,
}, async () => {
  const { clone, options } = createClone()
  const names = ['ENCRYPTION_KEYS', 'CHECKER_KEY', 'ROOT_API_KEY']
  const file = join(clone, 'upload.json')
  writeFileSync(file, JSON.stringify(Object.fromEntries(names.map((name) => [name, 'x']))))
  const args = ['deploy', '--dry-run', '--secrets-file', file, '--domain', 'mail.example.com']
  const { stdout } = await run('npx', ['wrangler', ...args], options)
  expect(stdout).toContain('--dry-run: exiting now.')
  for (const setting of ['DB (mailgrant)', ...names]) expect(stdout).toContain(`env.${setting}`)
  expect(existsSync(join(clone, '.assets/console/index.html'))).toBe(true)
})
