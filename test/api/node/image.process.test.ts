import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readSettings } from '../../../api/node/settings.ts'
import {
  buildContext,
  type Copy,
  copiesOf,
  environmentOf,
  readDockerfile,
  readDockerignore,
  textsOf,
} from './dockerfile.ts'
import { startProduct } from './product-process.ts'

const root = join(import.meta.dirname, '../../..')
const [build, image] = readDockerfile(join(root, 'api/node/Dockerfile'))
if (!build || !image) throw new Error('the Dockerfile has no two stages')

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mailgrant-image-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Copies as COPY does: a folder's contents into the target, several files into a folder. */
function copy({ sources, target }: Copy, from: string, to: string, files?: readonly string[]) {
  for (const source of sources) {
    const inside = files?.filter((file) => file === source || file.startsWith(`${source}/`))
    if (inside?.length === 0) throw new Error(`COPY ${source}: not in the build context`)
    const place = target.endsWith('/') ? join(to, target, source) : join(to, target)
    for (const file of inside ?? [source]) {
      const destination = join(place, file.slice(source.length))
      mkdirSync(dirname(destination), { recursive: true })
      cpSync(join(from, file), destination, { recursive: true })
    }
  }
}

describe('the image', { timeout: 180_000 }, () => {
  it('starts from what its Dockerfile copies, as another user, and reports its health', async () => {
    // The stages, with the packages of this folder instead of `npm ci`.
    const stage = newFolder()
    const files = buildContext(root)
    for (const each of copiesOf(build)) copy(each, root, stage, files)
    expect(textsOf(build, 'RUN')).toEqual([
      'npm ci --ignore-scripts --no-audit --no-fund',
      'node api/build.ts',
    ])
    symlinkSync(join(root, 'node_modules'), join(stage, 'node_modules'))
    const built = spawnSync(process.execPath, ['api/build.ts'], { cwd: stage, encoding: 'utf8' })
    expect(built).toMatchObject({ status: 0, stderr: '' })

    const app = newFolder()
    for (const { from, sources, target } of copiesOf(image)) {
      expect(from).toBe(build.name)
      const relative = sources.map((source) => source.replace('/app/', ''))
      copy({ from: null, sources: relative, target }, stage, app)
    }
    const isRoot = process.getuid?.() === 0
    if (isRoot) spawnSync('chmod', ['-R', 'a+rX', app])
    const [program, ...args] = JSON.parse(textsOf(image, 'CMD')[0] ?? '') as string[]
    const [bundle = '', ...rest] = args.filter((arg) => !arg.startsWith('-'))
    expect([program, rest]).toEqual(['node', []])
    const { UV_THREADPOOL_SIZE = '', NODE_ENV = '' } = environmentOf(image)
    const dataDir = newFolder()
    if (isRoot) spawnSync('chown', ['65534', dataDir])
    await using product = await startProduct({
      bundle: join(app, bundle),
      nodeOptions: args.filter((arg) => arg.startsWith('-')),
      env: { UV_THREADPOOL_SIZE, NODE_ENV },
      cwd: app,
      dataDir,
      ...(isRoot && { uid: 65_534 }),
    })
    const pages = ['/console/', '/console/console.js', '/docs', '/openapi.json', '/mailgrant-token']
    for (const path of ['/readyz', ...pages]) {
      expect((await fetch(product.url + path)).status, path).toBe(200)
    }
    expect(existsSync(join(dataDir, 'mailgrant.sqlite'))).toBe(true)

    const [, checkText = ''] = /CMD (.+)$/.exec(textsOf(image, 'HEALTHCHECK')[0] ?? '') ?? []
    const [, ...checkArgs] = JSON.parse(checkText) as string[]
    const check = () =>
      spawnSync(process.execPath, checkArgs, { env: { PORT: String(product.port) } }).status
    expect(check()).toBe(0)
    expect(await product.stop()).toMatchObject({ code: 0 })
    expect(check()).toBe(1)
  })

  it('listens on all addresses, keeps its data in the volume and is not root', () => {
    const { node } = readSettings(environmentOf(image))
    expect(node).toMatchObject({ host: '0.0.0.0', port: 8787, dataDir: '/data' })
    expect(textsOf(image, 'VOLUME')).toEqual(['/data'])
    expect(textsOf(image, 'EXPOSE')).toEqual(['8787'])
    expect(textsOf(image, 'USER')).toEqual(['node'])
    const names = image.instructions.map(({ name }) => name)
    expect(names.indexOf('USER')).toBeLessThan(names.indexOf('CMD'))
  })
})

describe('a build of the images', () => {
  const isIgnored = readDockerignore(join(root, '.dockerignore'))

  it.each([
    '.env',
    '.dev.vars',
    '.data/keys',
    '.git/config',
    '.deployment/secrets',
    'api/node/.env',
    'api/node/.env.local',
    'api/.dev.vars',
    'test/api/harness.ts',
    'node_modules/undici/index.js',
    'README.md',
  ])('does not get %s', (file) => {
    expect(isIgnored(file)).toBe(true)
  })

  it('gets what the Dockerfile of the checker copies', () => {
    const files = buildContext(root)
    const [dependencies, checker] = readDockerfile(join(root, 'checker/Dockerfile'))
    if (!dependencies || !checker) throw new Error('the Dockerfile has no two stages')
    for (const { from, sources } of [dependencies, checker].flatMap(copiesOf)) {
      if (from !== null) continue
      for (const source of sources) {
        expect(
          files.some((file) => file === source || file.startsWith(`${source}/`)),
          source,
        ).toBe(true)
      }
    }
  })
})
