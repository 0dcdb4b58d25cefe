import { spawn, spawnSync } from 'node:child_process'
import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it, onTestFinished } from 'vitest'
import { full } from '../../sample.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'
import { isGroupAlive, root } from './child.ts'
import { startDemo } from './launch.ts'
import { defaultPorts, freeDemoPorts, occupiedPorts } from './ports.ts'
import { demoKeys, envFile, serverSettings } from './settings.ts'
import { nextSteps } from './text.ts'

/** Wrangler takes seconds to start, more on a busy machine. */
const TIMEOUT_MS = 180_000

const script = fileURLToPath(new URL('../demo.ts', import.meta.url))

function run(...args: string[]) {
  const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill())
  let text = ''
  let wake = () => {}
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk) => {
      text += chunk
      wake()
    })
  }
  const exit = new Promise<number | null>((resolve) => child.once('close', resolve))
  return {
    child,
    exit,
    text: () => text,
    /** Resolves once the output contains this line; rejects if the process exits first. */
    async until(line: string) {
      const ended = exit.then(() => 'ended')
      while (!text.split('\n').includes(line)) {
        const next = new Promise<string>((resolve) => {
          wake = () => resolve('more')
        })
        if ((await Promise.race([ended, next])) === 'ended') throw new Error(text)
      }
    },
  }
}

describe('npm run demo', () => {
  it.each([{ options: [] }, ...(full ? [{ options: ['--edge'] }] : [])])(
    'prints ready, answers requests, and leaves no port or file behind after SIGTERM: $options',
    async ({ options }) => {
      const demo = run('--free-ports', ...options)
      await demo.until('ready')
      const api = /API +(\S+)/.exec(demo.text())?.[1]
      const page = /third-party page +(\S+)/.exec(demo.text())?.[1]
      const ca = /mail server CA +(\S+)/.exec(demo.text())?.[1] ?? ''
      expect((await fetch(`${api}/readyz`)).status).toBe(200)
      expect(await (await fetch(`${page}/`)).text()).toContain('Connect mailbox')
      expect((await stat(ca)).isFile()).toBe(true)
      demo.child.kill('SIGTERM')
      expect(await demo.exit).toBe(0)
      await expect(fetch(`${api}/readyz`)).rejects.toThrow()
      await expect(fetch(`${page}/`)).rejects.toThrow()
      await expect(stat(ca)).rejects.toThrow('ENOENT')
    },
    TIMEOUT_MS,
  )

  it('rejects an unknown part and lists the known ones', { timeout: TIMEOUT_MS }, async () => {
    const demo = run('--without', 'coffee')
    expect(await demo.exit).toBe(1)
    expect(demo.text()).toContain('Unknown part "coffee".')
    expect(demo.text()).toContain('checker, third-party, entra, mail')
  })
})

it('that cannot start says why in .ci/run, rather than after how long', () => {
  const step = `source <(sed -n '/^demo_and_smoke()/,/^}/p' .ci/run)
    npm() { echo 'Port 8787 (API) is in use by another program.'; return 1; }
    ports_in() { :; }
    demo_and_smoke`
  const { stdout } = spawnSync('bash', ['-c', step], { cwd: root, encoding: 'utf8' })
  expect(stdout.split('\n')[0]).toBe('Port 8787 (API) is in use by another program.')
})

describe('startDemo', () => {
  it.each([
    { runtime: 'node', name: 'server' } as const,
    ...(full ? [{ runtime: 'edge', name: 'Worker' } as const] : []),
  ])(
    'runs without a checker, reports a $name that dies, and stops everything it started',
    async ({ runtime, name }) => {
      const demo = await startDemo({ runtime, ports: 'free', without: ['checker', 'third-party'] })
      onTestFinished(demo.stop)
      const ready = await fetch(`${demo.urls.api}/readyz`)
      expect(await ready.json()).toMatchObject({ status: 'degraded' })
      await expect(fetch(demo.urls.checker)).rejects.toThrow()
      await expect(fetch(demo.urls.thirdParty)).rejects.toThrow()
      expect(nextSteps(demo)).not.toMatch(new RegExp(`npm run smoke|${demo.urls.thirdParty}`))
      expect(nextSteps(demo)).toContain('/sandbox/control')
      const [server] = demo.children
      expect(demo.children).toHaveLength(1)
      process.kill(server?.pid ?? 0, 'SIGKILL')
      expect(await demo.failed).toMatch(new RegExp(`^The ${name} ended unexpectedly`))
      await demo.stop()
      expect(isGroupAlive(server?.pid ?? 0)).toBe(false)
      expect(await occupiedPorts(demo.ports, [])).toEqual([])
    },
    TIMEOUT_MS,
  )

  it('names a port that is in use and starts nothing', async () => {
    const ports = await freeDemoPorts()
    const server = createServer().listen(ports.smtpTls, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    onTestFinished(() => void server.close())
    await expect(startDemo({ ports })).rejects.toThrow(
      `Port ${ports.smtpTls} (SMTP with TLS) is in use by another program.`,
    )
    expect(await occupiedPorts(ports, ['mail'])).toEqual([])
  })
})

describe('the keys of the demo', () => {
  it('are generated for each run, unless the database is kept', async () => {
    const path = createTemporaryFolder()
    const first = await demoKeys(path, false, undefined)
    expect(await demoKeys(path, false, undefined)).not.toEqual(first)
    const stored = await demoKeys(path, true, undefined)
    expect(await demoKeys(path, true, undefined)).toEqual(stored)
    expect((await stat(join(path, 'keys.json'))).mode & 0o077).toBe(0)
  })

  it('accept a root key from outside if it is valid', async () => {
    const path = createTemporaryFolder()
    const root = 'a-root-key-of-thirty-two-characters'
    expect((await demoKeys(path, true, root)).rootApiKey).toBe(root)
    expect(JSON.parse(await readFile(join(path, 'keys.json'), 'utf8'))).toMatchObject({
      rootApiKey: root,
    })
    await expect(demoKeys(path, false, 'short')).rejects.toThrow('32 characters')
    await expect(demoKeys(path, false, `${root} '`)).rejects.toThrow('no spaces or quotes')
  })

  it('are escaped against variable expansion in the env file', () => {
    expect(envFile({ A: 'x$HOME', B: 'k:a+/=' })).toBe("A='x\\$HOME'\nB='k:a+/='\n")
  })
})

it('allows other origins beside that of its page', () => {
  const keys = { encryptionKeys: '', checkerKey: '', rootApiKey: '' }
  const page = 'http://127.0.0.1:8790'
  const originsOf = (own?: string) => serverSettings(defaultPorts, keys, own).ALLOWED_ORIGINS
  expect([originsOf(), originsOf('http://localhost:3000')]).toEqual([
    page,
    `${page},http://localhost:3000`,
  ])
})

it('uses the documented ports by default', () => {
  expect(Object.values(defaultPorts)).toEqual([
    8787, 8788, 8789, 8790, 8791, 9143, 9993, 9587, 9465,
  ])
})
