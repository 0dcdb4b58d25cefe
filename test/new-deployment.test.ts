import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { readSettings } from '../checker/env.ts'
import { KeyRingSetting } from '../schema/settings.ts'

const script = fileURLToPath(new URL('../api/new-deployment.ts', import.meta.url))
/** Each run starts a process, which is slow on a busy machine. */
const LONG = { timeout: 60_000 }
const URLS = ['https://mail.example.com', 'https://checker.example.com']

async function inFolder() {
  const cwd = await mkdtemp(join(tmpdir(), 'mailgrant-deployment-'))
  onTestFinished(() => rm(cwd, { recursive: true, force: true }))
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, [script, ...args], { cwd })
  return { run, path: (name: string) => join(cwd, '.deployment', name) }
}

it(
  'generates valid keys for Worker and checker in files that only their owner can read',
  LONG,
  async () => {
    const { run, path } = await inFolder()
    const { stdout } = await run(...URLS)
    const worker = JSON.parse(await readFile(path('worker.json'), 'utf8')) as Record<string, string>
    expect(worker).toMatchObject({ PUBLIC_URL: URLS[0], CHECKER_URL: URLS[1] })
    expect(worker.ROOT_API_KEY?.length).toBeGreaterThanOrEqual(32)
    expect(KeyRingSetting.parse(worker.ENCRYPTION_KEYS)).toHaveLength(1)
    const env = Object.fromEntries(
      (await readFile(path('checker.env'), 'utf8'))
        .trim()
        .split('\n')
        .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    )
    expect(env.CHECKER_KEY).toBe(worker.CHECKER_KEY)
    expect(readSettings(env)).toMatchObject({ ok: true })
    for (const name of ['worker.json', 'checker.env']) {
      expect((await stat(path(name))).mode & 0o077).toBe(0)
    }
    for (const name of ['ROOT_API_KEY', 'ENCRYPTION_KEYS', 'CHECKER_KEY']) {
      expect(stdout).not.toContain(worker[name])
    }
  },
)

it('overwrites no file and describes a valid URL', LONG, async () => {
  const { run, path } = await inFolder()
  await run(...URLS)
  const before = await readFile(path('worker.json'), 'utf8')
  await expect(run(...URLS)).rejects.toMatchObject({
    stderr: expect.stringContaining('Its keys may be in use'),
  })
  expect(await readFile(path('worker.json'), 'utf8')).toBe(before)
  // A new file beside an old one would contain different keys.
  await rm(path('worker.json'))
  await expect(run(...URLS)).rejects.toMatchObject({
    stderr: expect.stringContaining('checker.env already exists'),
  })
  await expect(stat(path('worker.json'))).rejects.toThrow('ENOENT')
  for (const args of [[], ['mail.example.com'], ['http://mail.example.com', 'https://c.example']]) {
    await expect(run(...args)).rejects.toMatchObject({
      stderr: expect.stringContaining('must be an origin'),
    })
  }
})
