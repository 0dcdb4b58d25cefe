/**
 * Bundles the Worker, which wrangler uploads unchanged. Wrangler's own bundler would keep the descriptions, examples
 * and responses of every route, which only the OpenAPI document needs, and the Worker serves that as a file
 * (schema/openapi.json). Without them the bundle is a tenth smaller, and an isolate starts with a fifth less CPU time.
 * Texts that only the documentation and the console show are left out, too.
 */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { build, type Plugin } from 'esbuild'
// The parser of vitest itself: esbuild does not expose its syntax tree.
import { parseAst } from 'vitest/node'

const root = join(import.meta.dirname, '..')
const WORKER = join(root, 'dist/worker/worker.js')

/** Bundles the Worker into `dist/worker/`. Replaces the file atomically, and only if it differs: `wrangler dev` watches it. */
export async function buildWorker(): Promise<void> {
  const code = await bundleWorker()
  const present = await readFile(WORKER).catch(() => null)
  if (present?.equals(code)) return
  await mkdir(dirname(WORKER), { recursive: true })
  const fresh = `${WORKER}.${process.pid}`
  await writeFile(fresh, code)
  await rename(fresh, WORKER)
}

/** Returns the code of the Worker, minified. `entry` is relative to the project. */
export async function bundleWorker(entry = 'api/worker.ts'): Promise<Uint8Array> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'esnext',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['node:*', 'cloudflare:*'],
    define: { 'process.env.NODE_ENV': '"production"' },
    // Otherwise a sixth of the bundle would be messages in other languages, and a generator of OpenAPI documents.
    alias: {
      zod: './api/zod/zod.ts',
      '@asteasolutions/zod-to-openapi': './api/zod/no-openapi.ts',
    },
    plugins: [leaveOutDocumentation],
    legalComments: 'none',
    logLevel: 'error',
  })
  return outputFiles[0]?.contents ?? new Uint8Array()
}

/** Paths of schemas and routes, whose documentation is left out. On Windows, paths are separated by backslashes. */
export const DOCUMENTED = /[/\\](?:schema|api[/\\]routes)[/\\][^/\\]+\.tsx?$/

/** Paths of files in packages. */
export const PACKAGES = /[/\\]node_modules[/\\]/

/** Path of the file in zod that imports the processors for JSON Schema. */
export const ZOD_SCHEMAS = /[/\\]classic[/\\]schemas\.js$/

const leaveOutDocumentation: Plugin = {
  name: 'leave-out-documentation',
  setup: ({ onLoad, onResolve }) => {
    // Not an alias, since zod imports its own files by relative paths.
    onResolve({ filter: /\/(?:to-json-schema|json-schema-processors)\.js$/ }, ({ importer }) =>
      ZOD_SCHEMAS.test(importer) ? { path: join(root, 'api/zod/no-json-schema.ts') } : null,
    )
    onLoad({ filter: DOCUMENTED }, async ({ path }) => {
      if (PACKAGES.test(path)) return null
      const loader = path.endsWith('x') ? 'tsx' : 'ts'
      return { contents: withoutDocumentation(await readFile(path, 'utf8'), loader), loader }
    })
  },
}

/**
 * Removes the parts of schemas and routes that are for the documentation only, and lets esbuild drop constants that are
 * then unused.
 */
export function withoutDocumentation(text: string, lang: 'ts' | 'tsx'): string {
  const statements = childrenOf(parseAst(text, { lang }))
  const edits = statements.flatMap((node) => [...documentationIn(node), ...constantsIn(node)])
  edits.sort((a, b) => a.start - b.start)
  let edited = ''
  let position = 0
  for (const { start, end, text: replacement } of edits) {
    edited += text.slice(position, start) + replacement
    position = end
  }
  return edited + text.slice(position)
}

type Edit = { start: number; end: number; text: string }

type Node = { type: string; start: number; end: number; [member: string]: unknown }

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

function* documentationIn(node: Node): Generator<Edit> {
  const schema = describedSchema(node)
  if (schema) yield { start: schema.end, end: node.end, text: '' }
  const texts = nameOfObject(node) ?? textsOfMember(node)
  if (texts) yield texts
  const members = documentingMembers(node)
  for (const { start, end } of members) yield { start, end, text: '...{}' }
  for (const child of schema ? [schema] : childrenOf(node)) {
    if (!members.includes(child)) yield* documentationIn(child)
  }
}

const childrenOf = (node: object) => Object.values(node).flat().filter(isNode)

/** Members of a route that its handler does not need. */
const DOCUMENTATION = new Set<unknown>([
  'operationId',
  'tags',
  'summary',
  'description',
  'responses',
  'returns',
  'problems',
])

/** Members that only a route has. */
const OF_ROUTE = new Set<unknown>(['operationId', 'responses'])

/** Returns the schema of the call `schema.meta({ ... })`. */
function describedSchema({ type, callee, arguments: values }: Node): Node | null {
  if (type !== 'CallExpression' || !isNode(callee) || !isNode(callee.object)) return null
  const isDescribed = nameOf(callee.property) === 'meta' && [values].flat().length === 1
  return isDescribed ? callee.object : null
}

/** Removes the name in the call `object(name, shape)`. */
function nameOfObject({ callee, arguments: values }: Node): Edit | null {
  if (!isNode(callee) || !/^(?:strictO|o)bject$/.test(String(callee.name))) return null
  const [name] = [values].flat().filter(isNode)
  return name ? { start: name.start, end: name.end, text: "''" } : null
}

/** Removes the texts in a call such as `text(description, example)`. */
function textsOfMember({ callee, arguments: values, end }: Node): Edit | null {
  if (!isNode(callee) || !MEMBERS.has(callee.name)) return null
  const [schema] = callee.name === 'orNull' ? [values].flat().filter(isNode) : []
  return { start: schema?.end ?? callee.end + 1, end: end - 1, text: '' }
}

/** Functions of schema/common.ts that make a member. All arguments but the schema of orNull() only document it. */
const MEMBERS = new Set<unknown>([
  'text',
  'optionalText',
  'textOrNull',
  'flag',
  'integer',
  'count',
  'time',
  'timeOrNull',
  'orNull',
])

const nameOf = (value: unknown) => (isNode(value) ? value.name : undefined)

/** Members of a row with texts that the Worker does not show. */
const WORDS = new Set<unknown>(['help'])

/** Returns the documenting members of a row of texts, or of a route. */
function documentingMembers(node: Node): Node[] {
  if (node.type !== 'ObjectExpression') return []
  const named = (names: Set<unknown>) =>
    childrenOf(node).filter(({ key }) => names.has(nameOf(key)))
  return named(OF_ROUTE).length > 0 ? named(DOCUMENTATION) : named(WORDS)
}

/** Marks the values of constants as free of side effects, which esbuild does not assume of a call. */
function* constantsIn(statement: Node): Generator<Edit> {
  const { declarations } = isNode(statement.declaration) ? statement.declaration : statement
  for (const { init } of [declarations].flat().filter(isNode)) {
    if (!isNode(init) || !/^(?:Call|Object)Expression$/.test(init.type)) continue
    yield { start: init.start, end: init.start, text: '/* @__PURE__ */ (() => (' }
    yield { start: init.end, end: init.end, text: '))()' }
  }
}
