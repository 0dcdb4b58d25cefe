/** The package of `npm run package`, installed and run as its README says, without a network. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { buildPackage, contents } from '../api/package/pack.ts'
import { freePorts } from './sandbox/free-ports.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const LONG = 180_000
const folder = mkdtempSync(join(tmpdir(), 'mailgrant-package-'))
const installed = join(folder, 'node_modules/mailgrant')
/** A separate cache for npx, and the Node that runs this test as `node`. */
const env = {
  HOME: folder,
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  npm_config_cache: join(folder, 'cache'),
  npm_config_offline: 'true',
  npm_config_update_notifier: 'false',
}
let tarball = ''

beforeAll(async () => {
  tarball = await buildPackage()
  execFileSync('npm', ['install', '--no-audit', '--no-fund', tarball], { cwd: folder, env })
}, LONG)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Starts a command in a folder that has the package only, and resolves when it has printed this. */
async function start(command: string, args: string[], printed: RegExp, settings = {}) {
  // Not below the folder with the installed package, which npx would use.
  const cwd = createTemporaryFolder()
  copyFileSync(tarball, join(cwd, basename(tarball)))
  const [port = 0] = await freePorts(1)
  const child = spawn(command, args, {
    cwd,
    env: { ...env, PORT: String(port), ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  const closed = once(child, 'close')
  await new Promise<void>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (printed.test(output)) resolve()
      })
    }
    closed.then(() => reject(new Error(output)), reject)
  })
  return { url: `http://127.0.0.1:${port}`, cwd, child, closed }
}

const run = (...args: string[]) =>
  spawnSync(join(folder, 'node_modules/.bin/mailgrant'), args, {
    cwd: folder,
    env,
    encoding: 'utf8',
  })

describe('the package', { timeout: LONG }, () => {
  it('needs no other package, only Node 24', () => {
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
    expect(manifest).toMatchObject({ name: 'mailgrant', engines: { node: '>=24.2' } })
    expect(Object.keys(manifest).filter((key) => /dependencies|scripts/i.test(key))).toEqual([])
    expect(statSync(tarball).size / 1024).toBeLessThan(3_450)
  })

  it('has the licenses of what is in it, and all guides', () => {
    expect(readFileSync(join(installed, 'LICENSE'), 'utf8')).toContain('MIT')
    const licenses = readFileSync(join(installed, 'LICENSES-OF-PACKAGES.txt'), 'utf8')
    for (const name of ['hono', 'imapflow', 'jose', 'nodemailer', 'preact', 'undici', 'zod']) {
      expect(licenses).toMatch(new RegExp(`^${name} \\d.*\\n\\n.*Copyright`, 'ims'))
    }
    expect(Object.values(contents).filter((path) => !existsSync(join(installed, path)))).toEqual([])
  })

  it('runs with npx, with its data in the current folder, until npx ends', async () => {
    const { url, cwd, child, closed } = await start(
      'npx',
      ['--yes', `./${basename(tarball)}`],
      /Mailgrant is running/,
    )
    for (const path of ['/readyz', '/console/', '/docs', '/openapi.json', '/mailgrant-token']) {
      expect((await fetch(url + path)).status, path).toBe(200)
    }
    expect(existsSync(join(cwd, '.data/mailgrant.sqlite'))).toBe(true)
    child.kill('SIGTERM')
    await closed
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  })

  it('copies the database of a running server', async () => {
    const bin = join(folder, 'node_modules/.bin/mailgrant')
    const { cwd, child, closed } = await start(bin, [], /Mailgrant is running/)
    const copied = spawnSync(bin, ['backup', 'copy.sqlite'], { cwd, env, encoding: 'utf8' })
    expect(copied).toMatchObject({ status: 0, stdout: expect.stringMatching(/^Copied/) })
    expect(existsSync(join(cwd, 'copy.sqlite'))).toBe(true)
    child.kill('SIGTERM')
    expect((await closed)[0]).toBe(0)
  })

  it('runs the checker alone, and the check of one mailbox', async () => {
    const bin = join(folder, 'node_modules/.bin/mailgrant')
    const settings = { CHECKER_API_KEY: 'a'.repeat(32), DRAIN_SECONDS: '0' }
    const { url, child, closed } = await start(bin, ['checker'], /"listening"/, settings)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    child.kill('SIGTERM')
    expect((await closed)[0]).toBe(0)
    const help = run('check-mailbox', '--help')
    expect(help).toMatchObject({ status: 0, stdout: expect.stringContaining('--token-stdin') })
  })

  it.each(['20.20.2', '22.23.2', '24.1.0'])('ends in a sentence with Node %s', (version) => {
    const disguise = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'${version}'}})`
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      ['--import', disguise, join(installed, 'mailgrant.js')],
      { cwd: folder, env, encoding: 'utf8' },
    )
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' })
    expect(stderr).toBe(
      `Mailgrant needs Node 24.2 or newer, and this is Node ${version}. Install Node 24 from https://nodejs.org, then repeat the command.\n`,
    )
  })
})
