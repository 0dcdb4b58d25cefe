/**
 * The import law. Each layer lists the layers it may import from, so that data flows one way:
 *
 *   worker, node -> app -> routes, pages -> domain -> store, entra, graph, diagnosis, checker-client -> model -> schema
 *
 * Only the composition root imports the store: all others reach it through the type `Services`. Files
 * must not import each other in a cycle. Nor must the folders of the domain, not even types.
 *
 * Apart from this order there are `services` (the composition root: built by the worker, only a type for
 * all others), `env` (bindings), `problem` (the HTTP border), and `model` and `log`, which everything in
 * api/ may use. A new kind of thing gets its layer in this table first.
 */
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findCycles } from './import-cycles.ts'
import { type Import, parseSource, readSources, root } from './source-files.ts'
import {
  clockAndRandomness,
  environment,
  isProduct,
  leftovers,
  linearPatterns,
  type Rule,
  sqlText,
  tls,
} from './source-rules.ts'

type Layer = { files: RegExp; imports: string[]; types?: string[]; packages: string[] }

const base = [
  'model',
  'deadline',
  'hash',
  'log',
  'read-bounded',
  'retry-after',
  'schema',
  'schema/wordings',
]
const reach = ['entra', 'graph', 'diagnosis', 'checker-client', 'chat-client']
const hono = ['hono', '@hono/zod-openapi']

const layers: Record<string, Layer> = {
  worker: {
    files: /^api\/worker\.ts$/,
    imports: ['app', 'services', 'env', 'problem', 'domain', ...reach, ...base],
    packages: [],
  },
  // The only file that puts the API and the checker into one process.
  'node/main': {
    files: /^api\/node\/main\.ts$/,
    imports: ['node', 'app', 'services', 'env', 'checker', ...reach, ...base],
    packages: ['node:'],
  },
  node: {
    files: /^api\/node\//,
    imports: ['app', 'services', 'env', 'problem', 'paths', 'domain', ...reach, ...base],
    packages: ['node:', '@hono/node-server', 'prom-client', 'undici', 'zod'],
  },
  app: {
    files: /^api\/(app|app-errors)\.ts$/,
    imports: ['problem', 'paths', 'routes', 'domain', ...base],
    types: ['services'],
    packages: hono,
  },
  // Generates schema/openapi.json; not part of the Worker.
  openapi: {
    files: /^api\/openapi\//,
    imports: ['problem', 'routes', ...base],
    packages: hono,
  },
  routes: {
    files: /^api\/routes\//,
    imports: ['problem', 'paths', 'pages', 'domain', 'entra', 'diagnosis', ...base],
    types: ['services', 'files'],
    packages: [...hono, 'zod'],
  },
  pages: {
    files: /^api\/pages\//,
    imports: ['problem', 'paths', 'domain', ...base],
    types: ['services'],
    packages: ['hono'],
  },
  domain: {
    files: /^api\/domain\//,
    imports: [...reach, ...base],
    types: ['services'],
    packages: [],
  },
  store: {
    files: /^api\/store\//,
    imports: ['schema/d1', 'jwe', ...base],
    packages: ['drizzle-orm', 'node:buffer', 'node:crypto', 'node:zlib'],
  },
  // The vocabulary that domain and store share: types and pure functions.
  model: {
    files: /^api\/model\//,
    imports: ['schema', 'schema/wordings'],
    types: ['schema/d1'],
    packages: [],
  },
  entra: { files: /^api\/entra\//, imports: base, packages: ['jose', 'node:crypto'] },
  // Shares the exchange of one request and response with Entra.
  graph: { files: /^api\/graph\//, imports: ['entra', ...base], packages: [] },
  diagnosis: { files: /^api\/diagnosis\//, imports: base, packages: [] },
  'checker-client': {
    files: /^api\/checker-client\.ts$/,
    imports: ['jwe', ...base],
    packages: ['node:crypto'],
  },
  // Shares the exchange of one request and response with Entra.
  'chat-client': {
    files: /^api\/chat-client\.ts$/,
    imports: ['entra', ...base],
    packages: [],
  },
  services: {
    files: /^api\/(services|d1-health)\.ts$/,
    imports: ['store', 'files', ...reach, ...base],
    types: ['domain', 'env'],
    packages: [],
  },
  files: {
    files: /^api\/files\.ts$/,
    imports: ['paths'],
    packages: ['node:crypto', 'node:util', 'node:zlib'],
  },
  env: { files: /^api\/env\.ts$/, imports: ['hash', 'paths', 'schema'], packages: ['zod'] },
  hash: { files: /^api\/hash\.ts$/, imports: ['schema'], packages: ['node:crypto'] },
  jwe: {
    files: /^api\/jwe\.ts$/,
    imports: ['model'],
    packages: ['node:buffer', 'node:crypto'],
  },
  paths: { files: /^api\/paths\.ts$/, imports: [], packages: [] },
  problem: {
    files: /^api\/problem\.ts$/,
    imports: ['schema', 'schema/wordings'],
    packages: [],
  },
  deadline: { files: /^api\/deadline\.ts$/, imports: [], packages: [] },
  'read-bounded': { files: /^api\/read-bounded\.ts$/, imports: [], packages: [] },
  'retry-after': { files: /^api\/retry-after\.ts$/, imports: [], packages: [] },
  log: { files: /^api\/log\.ts$/, imports: ['schema'], packages: [] },
  // Replacements for parts of zod in the bundle.
  zod: { files: /^api\/zod\//, imports: ['node_modules/zod'], packages: [] },
  'node_modules/zod': { files: /^node_modules\/zod\//, imports: [], packages: [] },
  // Run in browsers: a client of the public API, the script for third-party pages, the documentation.
  console: {
    files: /^api\/console\//,
    imports: ['connect', 'schema/wordings'],
    types: ['schema'],
    packages: ['preact', 'preact/hooks'],
  },
  connect: { files: /^api\/connect\//, imports: [], types: ['schema'], packages: [] },
  'docs/browser': { files: /^api\/docs\/browser\//, imports: [], packages: [] },
  // Links in Markdown, for the documentation and the package.
  'docs/replace-links': { files: /^api\/docs\/replace-links\.ts$/, imports: [], packages: [] },
  // Colours and sizes of all pages.
  theme: { files: /^api\/theme\.css$/, imports: [], packages: [] },
  // Makes the pages of the documentation; not part of the Worker.
  docs: {
    files: /^api\/docs\//,
    // Texts of the index are split into words as the search does.
    imports: [
      'docs/browser',
      'docs/replace-links',
      'problem',
      'paths',
      'diagnosis',
      'schema',
      'schema/wordings',
    ],
    packages: ['hono', 'marked'],
  },
  // Run by hand or before bundling; not part of the Worker.
  build: {
    files:
      /^api\/(?:build\.ts|build-worker\.ts|deploy\.ts|link-pinned-node\.js|start\.js|exit-with-parent\.js|package\/[^/]+)$/,
    imports: ['docs/replace-links', 'node'],
    types: ['docs'],
    packages: ['node:', 'esbuild', 'vitest', 'wrangler'],
  },
  checker: {
    files: /^checker\//,
    imports: ['schema', 'schema/wordings'],
    packages: [
      'node:',
      '@hono/node-server',
      'hono',
      'imapflow',
      'jose',
      'nodemailer',
      'prom-client',
      'zod',
    ],
  },
  // Tables of words. The console bundles them, so they come without zod.
  'schema/wordings': {
    files: /^schema\/(?:events|integration-events|problems|protocols|responsible)\.ts$/,
    imports: [],
    types: ['schema'],
    packages: [],
  },
  schema: { files: /^schema\/[^/]+$/, imports: ['schema/wordings'], packages: ['zod'] },
  'schema/d1': {
    files: /^schema\/d1\//,
    imports: ['schema', 'schema/wordings'],
    packages: ['drizzle-orm'],
  },
}

const TOP_LEVEL = new Set([
  ...['api', 'checker', 'schema', 'test'],
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'wrangler.toml'],
  ...['README.md', 'LICENSE'],
])

const layerOf = (path: string) => Object.keys(layers).find((name) => layers[name]?.files.test(path))

const importLaw: Rule = (file) => {
  if (!isProduct(file)) return []
  const name = layerOf(file.path)
  const layer = layers[name ?? '']
  if (!layer) return [{ line: 1, fault: 'belongs to no layer' }]
  return file.imports
    .filter((imported) => !mayImport(name, layer, imported))
    .map(({ line, to }) => ({ line, fault: `${name} must not import ${to}` }))
}

function mayImport(name: string | undefined, layer: Layer, { to, fromPackage, typeOnly }: Import) {
  if (fromPackage) {
    return layer.packages.some((allowed) =>
      allowed.endsWith(':')
        ? to.startsWith(allowed)
        : to === allowed || to.startsWith(`${allowed}/`),
    )
  }
  const target = layerOf(to)
  if (target === undefined) return false
  if (target === name || layer.imports.includes(target)) return true
  return typeOnly && (layer.types?.includes(target) ?? false)
}

/** Returns the folder of a file below api/domain/, or a file that is directly in it. */
const domainFolder = (path: string) => /^api\/domain\/[^/]+/.exec(path)?.[0] ?? null

const sources = readSources()
const findings = (rule: Rule, files = sources) =>
  files.flatMap((file) => rule(file).map(({ line, fault }) => `${file.path}:${line} ${fault}`))

/** The rules, each with violations that it must find. */
const rules: [title: string, rule: Rule, path: string, violations: string[]][] = [
  ['imports only from permitted layers', importLaw, 'api/domain/x.ts', ["import '../app.ts'"]],
  [
    'reads its environment in env.ts only',
    environment,
    'api/app.ts',
    ['f(c.env)', 'f(process.env.PORT)', 'const { env } = c'],
  ],
  [
    'gets time and randomness passed in',
    clockAndRandomness,
    'api/domain/x.ts',
    ['f(new Date())', 'f(Date.now())', 'f(crypto.randomUUID())'],
  ],
  [
    'never concatenates SQL',
    sqlText,
    'api/store/x.ts',
    ["db.prepare('a' + b)", `db.exec(\`a \${b}\`)`, 'f(sql.raw(a))'],
  ],
  ['verifies every certificate', tls, 'checker/x.ts', ['f({ rejectUnauthorized: false })']],
  [
    'has no patterns in the diagnosis that a text can make slow',
    linearPatterns,
    'api/diagnosis/parse/x.ts',
    ['/a.*b/', '/(?:a{1,9}){1,9}b/', '/\\s+$/', '/a.{0,99}b.{0,99}c.{0,99}d/', '/[a-z]+@/i'],
  ],
  [
    'contains no TODO and no suppressed type error',
    leftovers,
    'checker/x.ts',
    ['// TODO', '// @ts-ignore'],
  ],
]

describe('the source', () => {
  it.each(rules)('%s', (_title, rule) => {
    expect(findings(rule)).toEqual([])
  })

  it('has no cycles between files', () => {
    expect(findCycles(sources.filter(isProduct), (path) => path)).toEqual([])
  })

  it('has no cycles between the folders of the domain', () => {
    expect(findCycles(sources, domainFolder)).toEqual([])
  })

  it('has no other files at the top level', () => {
    const visible = readdirSync(root).filter((name) => !/^\.|^(node_modules|dist)$/.test(name))
    expect(visible.filter((name) => !TOP_LEVEL.has(name))).toEqual([])
  })
})

describe('a violation', () => {
  it.each(rules)('of "%s" is found', (_title, rule, path, violations) => {
    for (const violation of violations) {
      expect(findings(rule, [parseSource(path, violation)]), violation).toHaveLength(1)
    }
  })

  it('of the rule against cycles is found', () => {
    const a = parseSource('api/domain/a/x.ts', "import type { Y } from '../b/y.ts'")
    const b = parseSource('api/domain/b/y.ts', "import { z } from '../c.ts'")
    const back = parseSource('api/domain/c.ts', "export type { X } from './a/x.ts'")
    const other = parseSource('api/domain/c.ts', "import { x } from './a/other.ts'")
    expect(findCycles([a, b, back], (path) => path)).toContain(
      'api/domain/a/x.ts -> api/domain/b/y.ts -> api/domain/c.ts -> api/domain/a/x.ts',
    )
    expect(findCycles([a, b, other], (path) => path)).toEqual([])
    expect(findCycles([a, b, other], domainFolder)).toHaveLength(3)
  })

  it.each([
    ['api/entra/x.ts', "import { a } from '../store/y.ts'"],
    ['api/x/y.ts', ''],
    ['api/domain/x.ts', "import type { Store } from '../store/store.ts'"],
    ['api/routes/x.ts', "import { isStorageError } from '../store/database.ts'"],
    ['api/pages/x.tsx', "import type { Store } from '../store/store.ts'"],
    ['api/domain/x.ts', "import { Hono } from 'hono'"],
    ['api/domain/x.ts', "import { createServices } from '../services.ts'"],
    ['api/store/x.ts', "const a = await import('../domain/y.ts')"],
    ['api/pages/x.tsx', "export { a } from '../routes/y.ts'"],
    ['api/app.ts', "import '../checker/app.ts'"],
    ['checker/x.ts', "import type { Log } from '../api/log.ts'"],
    ['checker/x.ts', "type Log = import('../api/log.ts').Log"],
    ['schema/x.ts', "import { tables } from './d1/tables.ts'"],
    ['schema/x.ts', "import { sql } from 'drizzle-orm'"],
    ['schema/d1/x.ts', "import { world } from '../../test/sandbox/world.ts'"],
  ])('of the import law is found in %s: %s', (path, text) => {
    expect(findings(importLaw, [parseSource(path, text)])).toHaveLength(1)
  })

  it.each([
    ['api/domain/x.ts', "import type { Services } from '../services.ts'"],
    ['api/domain/x.ts', "import { type Call, type Services } from '../services.ts'"],
    ['api/routes/x.tsx', "import { page } from '../pages/y.tsx'"],
    ['api/store/x.ts', "import { grants } from '../../schema/d1/tables.ts'"],
    ['test/x.ts', "import { a } from '../api/app.ts'"],
  ])('is not found in %s: %s', (path, text) => {
    expect(findings(importLaw, [parseSource(path, text)])).toEqual([])
  })
})
