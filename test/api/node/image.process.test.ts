import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSettings } from '../../../api/node/settings.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'
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
const stagesOf = (path: string) => {
  const [build, image] = readDockerfile(join(root, path))
  if (!build || !image) throw new Error('the Dockerfile has no two stages')
  return { build, image }
}
const { build, image } = stagesOf('api/node/Dockerfile')
const checker = stagesOf('checker/Dockerfile')

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
    const stage = createTemporaryFolder()
    const files = buildContext(root)
    for (const each of copiesOf(build)) copy(each, root, stage, files)
    const [install, ...commands] = textsOf(build, 'RUN')
    expect(install).toMatch(/^npm ci /)
    symlinkSync(join(root, 'node_modules'), join(stage, 'node_modules'))
    for (const command of commands) {
      const ran = spawnSync('sh', ['-c', command], { cwd: stage, encoding: 'utf8' })
      expect(ran).toMatchObject({ status: 0, stderr: '' })
    }

    const app = createTemporaryFolder()
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
    const { NODE_ENV = '', DATA_DIR = '' } = environmentOf(image)
    const dataDir = join(app, DATA_DIR)
    if (isRoot) spawnSync('chown', ['65534', dataDir])
    await using product = await startProduct({
      bundle: join(app, bundle),
      nodeOptions: args.filter((arg) => arg.startsWith('-')),
      env: { NODE_ENV },
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

  it('listens on all addresses and keeps its data in the volume', () => {
    const { node } = readSettings(environmentOf(image))
    expect(node).toMatchObject({ host: '0.0.0.0', port: 8787, dataDir: '/data' })
    expect(textsOf(image, 'VOLUME')).toEqual(['/data'])
    expect(textsOf(image, 'EXPOSE')).toEqual(['8787'])
  })
})

describe('the image of the checker', () => {
  it('listens on all addresses', () => {
    const { HOST, PORT } = environmentOf(checker.image)
    expect({ HOST, PORT }).toEqual({ HOST: '0.0.0.0', PORT: '8788' })
    expect(textsOf(checker.image, 'EXPOSE')).toEqual([PORT])
  })
})

describe('both images', () => {
  const both = [
    { name: 'mailgrant', stages: { build, image } },
    { name: 'mailgrant-checker', stages: checker },
  ]

  it.each(both)('run as a user that Kubernetes knows not to be root: $name', ({ stages }) => {
    const names = stages.image.instructions.map(({ name }) => name)
    expect(textsOf(stages.image, 'USER')).toEqual(['1000:1000'])
    expect(names.indexOf('USER')).toBeLessThan(names.indexOf('CMD'))
  })

  it.each(both)('can be built for another processor without emulation: $name', ({ stages }) => {
    expect(stages.image.base).toBe(stages.build.base)
    expect(textsOf(stages.image, 'RUN')).toEqual([])
  })

  it('have the same health check and the same labels', () => {
    for (const name of ['HEALTHCHECK', 'ARG', 'STOPSIGNAL']) {
      expect(textsOf(checker.image, name), name).toEqual(textsOf(image, name))
    }
    const labels = both.map(({ stages }) =>
      [...(textsOf(stages.image, 'LABEL')[0] ?? '').matchAll(/([\w.]+)="/g)].map(
        ([, label]) => label,
      ),
    )
    expect(labels[0]).toEqual(
      ['title', 'description', 'licenses', 'version', 'revision', 'source'].map(
        (label) => `org.opencontainers.image.${label}`,
      ),
    )
    expect(labels[1]).toEqual(labels[0])
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
    for (const { from, sources } of [checker.build, checker.image].flatMap(copiesOf)) {
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
