import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { afterEach, expect, it, vi } from 'vitest'
import { bundleWorker } from '../../../api/build-worker.ts'
import { createD1 } from '../../../api/node/d1.ts'
import { migrate, readMigrations } from '../../../api/node/migrations.ts'
import source from '../../../api/worker.ts'
import openapi from '../../../schema/openapi.json' with { type: 'json' }
import { root } from '../../projects.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'

type Worker = Pick<typeof source, 'fetch'>
type Schemas = Record<string, { example?: unknown }>
type Paths = Record<string, Record<string, Operation>>
type Operation = { requestBody?: { content: Record<string, { schema: { $ref: string } }> } }

const ORIGIN = 'https://mail.example.com'
const ROOT_KEY = 'mg_root_bundle-bundle-bundle-bundle-bundle'
const JSON_TYPE = 'application/json'

afterEach(() => vi.unstubAllGlobals())

/** Returns a function that sends a request to the Worker, with an empty database of its own. */
function start({ fetch }: Worker) {
  const database = new DatabaseSync(':memory:')
  migrate(database, ':memory:', readMigrations(join(root, 'schema/d1/migrations')))
  const key = (byte: number) => `k1:${Buffer.alloc(32, byte).toString('base64')}`
  const bindings = {
    DB: createD1(database),
    ASSETS: { fetch: async () => new Response(null, { status: 404 }) },
    PUBLIC_URL: ORIGIN,
    ENCRYPTION_KEYS: key(1),
    ROOT_API_KEY: ROOT_KEY,
    CHECKER_URL: 'https://checker.example.com',
    CHECKER_KEY: key(2),
  }
  return async (path: string, init: RequestInit) => {
    const deferred: Promise<unknown>[] = []
    const context = { waitUntil: (work: Promise<unknown>) => deferred.push(work) }
    const request = new Request(ORIGIN + path, init)
    const response = await fetch(request as never, bindings as never, context as never)
    await Promise.all(deferred)
    return [response.status, comparable(await response.text())]
  }
}

/** Removes what is random or tells the time. */
const comparable = (text: string) =>
  text
    .replace(/[\w-]{22,}/g, 'random')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
    .replace(/\d+\.\d{6,}/g, 'days')

/** Yields requests for each operation of the document: its example, and some that are invalid. */
function* requests(): Generator<[path: string, init: RequestInit]> {
  const schemas = openapi.components.schemas as Schemas
  for (const [template, methods] of Object.entries(openapi.paths as unknown as Paths)) {
    for (const [name, { requestBody }] of Object.entries(methods)) {
      const [type, content] = Object.entries(requestBody?.content ?? {})[0] ?? []
      const example = schemas[content?.schema.$ref.split('/').at(-1) ?? '']?.example
      const method = name.toUpperCase()
      const authorization = `Bearer ${ROOT_KEY}`
      const headers = { authorization, 'content-type': type ?? JSON_TYPE }
      const send = (body: unknown) =>
        method === 'GET' ? { method, headers } : { method, headers, body: JSON.stringify(body) }
      const path = template.replaceAll(/\{.*?\}/g, 'x')
      yield [path, { method }]
      yield [path, send({})]
      yield [`${path}?limit=0&days=x&cursor=%00`, send(example ?? {})]
      yield [path, send(example ?? { unknown: 1 })]
      yield [path, send({ ...(example as object), unknown: 1 })]
      const malformed = Object.keys(example ?? {}).map((member) => [member, [{}]])
      yield [path, send(Object.fromEntries(malformed))]
    }
  }
}

it('responds like its source to valid and invalid requests of each operation', {
  timeout: 120_000,
}, async () => {
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('the network is off')))
  vi.stubGlobal('console', { info() {}, warn() {}, error() {} })
  const file = join(createTemporaryFolder(), 'worker.mjs')
  writeFileSync(file, await bundleWorker())
  const { default: bundled } = (await import(pathToFileURL(file).href)) as { default: Worker }
  const [askSource, askBundle] = [start(source), start(bundled)]
  const statuses = new Set<unknown>()
  for (const [path, init] of requests()) {
    const expected = await askSource(path, init)
    statuses.add(expected[0])
    const response = await askBundle(path, init)
    expect([init.method, path, ...response]).toEqual([init.method, path, ...expected])
  }
  for (const status of [200, 201, 401, 404, 422]) expect(statuses).toContain(status)
})
