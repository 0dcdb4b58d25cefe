import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { root } from './source-files.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const Package = z.object({
  scripts: z.record(z.string(), z.string()),
  optionalDependencies: z.record(z.string(), z.string()),
  allowScripts: z.record(z.string(), z.boolean()),
})
const Locked = z.object({
  version: z.string().optional(),
  integrity: z.string().optional(),
  os: z.union([z.string(), z.array(z.string())]).optional(),
  cpu: z.union([z.string(), z.array(z.string())]).optional(),
  bin: z.record(z.string(), z.string()).optional(),
  link: z.boolean().optional(),
  hasInstallScript: z.boolean().optional(),
})
const Lock = z.object({ packages: z.record(z.string(), Locked) })

const read = (name: string): unknown => JSON.parse(readFileSync(`${root}${name}`, 'utf8'))
const manifest = Package.parse(read('package.json'))
const { packages } = Lock.parse(read('package-lock.json'))
const nodes = Object.entries(manifest.optionalDependencies)

describe('the Node that runs everything', () => {
  it.each(nodes)('is locked with its hash in %s, for one kind of machine', (name, version) => {
    expect(version).toMatch(/^\d+\.\d+\.\d+$/)
    const locked = packages[`node_modules/${name}`]
    expect(locked).toMatchObject({ version, integrity: expect.stringMatching(/^sha512-/) })
    const [os = '', cpu = ''] = [locked?.os, locked?.cpu].flat()
    // npm installs the one that fits, and links its binary as `node`.
    expect(name.endsWith(`${os.replace('win32', 'win')}-${cpu}`)).toBe(true)
    expect(locked?.bin?.node).toMatch(/^bin\/node/)
  })

  it('is there for Linux and macOS on both processors, and for Windows', () => {
    const machines = nodes.map(([name]) => name.replace(/^node-(?:bin-)?/, ''))
    expect(machines).toEqual(
      expect.arrayContaining(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64', 'win-x64']),
    )
  })

  it('comes with npm ci --ignore-scripts too: no package that it needs has an install script', () => {
    const scripted = Object.entries(packages)
      .filter(([path, { hasInstallScript }]) => path !== '' && hasInstallScript)
      .map(([path]) => path.replace(/^.*node_modules\//, ''))
    // The scripts of these packages verify a binary that npm has installed from the lock file, or do nothing.
    const harmless = ['@scarf/scarf', 'esbuild', 'fsevents', 'sharp', 'workerd']
    expect(scripted.filter((name) => !harmless.includes(name))).toEqual([])
  })
})

it('locks every package with its hash', () => {
  const unlocked = Object.entries(packages).filter(
    ([path, { integrity, link }]) => path.startsWith('node_modules/') && !integrity && !link,
  )
  expect(unlocked.map(([path]) => path)).toEqual([])
})

/** Runs the check in an empty folder, as that version; `installed`: the package with the binary is there. */
function check(version: string, { installed = false } = {}) {
  const folder = createTemporaryFolder()
  mkdirSync(join(folder, 'api'))
  mkdirSync(join(folder, 'node_modules/.bin'), { recursive: true })
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  copyFileSync(`${root}api/link-pinned-node.js`, join(folder, 'api/link-pinned-node.js'))
  if (installed) {
    const [name] =
      nodes.find(([each]) => each.endsWith(`${process.platform}-${process.arch}`)) ?? []
    mkdirSync(join(folder, `node_modules/${name}/bin`), { recursive: true })
    symlinkSync(process.execPath, join(folder, `node_modules/${name}/bin/node`))
  }
  const disguise = `data:text/javascript,Object.defineProperty(process,'versions',{value:{node:'${version}'}})`
  const args = ['--import', disguise, join(folder, 'api/link-pinned-node.js')]
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  return { status, stderr, linked: existsSync(join(folder, 'node_modules/.bin/node')) }
}

describe('a command of package.json', () => {
  it.each(['20.20.2', '22.23.2', '24.1.0'])('ends in a sentence with Node %s alone', (version) => {
    const { status, stderr } = check(version)
    expect(status).toBe(1)
    expect(stderr).toContain(`this is Node ${version}.`)
    expect(stderr).toContain('run it again without --omit=optional')
    expect(stderr).not.toMatch(/^\s+at /m)
  })

  it.each(['24.2.0', '24.21.0', '26.10.0'])('runs with Node %s alone', (version) => {
    expect(check(version)).toMatchObject({ status: 0, stderr: '' })
  })

  it('runs on the locked Node where npm has removed its link', () => {
    const result = check('20.20.2', { installed: true })
    expect(result).toEqual({ status: 0, stderr: '', linked: true })
  })

  it('looks for it before it runs TypeScript, in a subshell: a shell remembers where it found node', () => {
    const unchecked = Object.entries(manifest.scripts).filter(
      ([, script]) =>
        /\bnode\b.*\.ts\b|\b(?:vitest|wrangler)\b/.test(script) &&
        !script.startsWith('(node api/link-pinned-node.js) && '),
    )
    expect(unchecked).toEqual([])
  })
})
