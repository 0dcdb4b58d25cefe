/** The contents of both Dockerfiles. test/image/ builds the images and runs Mailgrant's main job with them. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readSettings } from '../../../api/node/settings.ts'
import {
  buildContext,
  copiesOf,
  environmentOf,
  readDockerfile,
  readDockerignore,
  textsOf,
} from './dockerfile.ts'

const root = join(import.meta.dirname, '../../..')
const stagesOf = (path: string) => {
  const [build, image] = readDockerfile(join(root, path))
  if (!build || !image) throw new Error('the Dockerfile has no two stages')
  return { build, image }
}
const { build, image } = stagesOf('api/node/Dockerfile')
const checker = stagesOf('checker/Dockerfile')
const both = [
  { name: 'mailgrant', stages: { build, image } },
  { name: 'mailgrant-checker', stages: checker },
]

describe('the image', () => {
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

  it.each(both)('gets what the Dockerfile copies: $name', ({ stages }) => {
    const files = buildContext(root)
    for (const { from, sources } of [stages.build, stages.image].flatMap(copiesOf)) {
      if (from !== null) continue
      for (const source of sources) {
        const isThere = files.some((file) => file === source || file.startsWith(`${source}/`))
        expect(isThere, source).toBe(true)
      }
    }
  })
})
