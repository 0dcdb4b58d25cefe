/**
 * The source files of this repository for the architecture test, with text, imports and syntax tree.
 * Uses the parser with which vitest itself transforms TypeScript.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { parseAst } from 'vitest/node'

export const root = new URL('..', import.meta.url).pathname

export type Node = { type: string; start: number; end: number; [member: string]: unknown }

export type Import = {
  /** Path from the root of the repository, or the package specifier. */
  to: string
  fromPackage: boolean
  /** True if the import disappears with the types. */
  typeOnly: boolean
  line: number
}

export type SourceFile = {
  /** Path from the root of the repository. */
  path: string
  text: string
  nodes: readonly Node[]
  imports: readonly Import[]
  lineOf: (node: Node) => number
}

const FOLDERS = ['api', 'checker', 'schema', 'test']
const GENERATED = /^schema\/d1\/migrations\/|\/\.tmp\/|\/node_modules\//

export function readSources(): SourceFile[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
      .map((path) => `${folder}/${path}`)
      .filter((path) => /\.(ts|tsx|js|css)$/.test(path) && !GENERATED.test(path)),
  )
    .sort()
    .map((path) => parseSource(path, readFileSync(root + path, 'utf8')))
}

export function parseSource(path: string, text: string): SourceFile {
  const language = /\.(tsx?|js)$/.exec(path)?.[1] as 'ts' | 'tsx' | 'js' | undefined
  const nodes = language === undefined ? [] : [...walk(parseAst(text, { lang: language }))]
  const lineOf = (node: Node) => text.slice(0, node.start).split('\n').length
  const imports = nodes.flatMap((node): Import[] => {
    const specifier = specifierOf(node)
    if (specifier === null) return []
    const fromPackage = !/^\.{1,2}\//.test(specifier)
    return [
      {
        to: fromPackage ? specifier : posix.join(posix.dirname(path), specifier),
        fromPackage,
        typeOnly: isTypeOnly(node),
        line: lineOf(node),
      },
    ]
  })
  return { path, text, nodes, imports, lineOf }
}

/** Yields every node of a tree, parents first. */
function* walk(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* walk(item)
  } else if (isNode(value)) {
    yield value
    for (const member of Object.values(value)) yield* walk(member)
  }
}

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'

/** Returns the name of an identifier or the value of a string literal. */
export const nameOf = (value: unknown): string | null => {
  if (!isNode(value)) return null
  const name = value.type === 'Identifier' ? value.name : value.value
  return typeof name === 'string' ? name : null
}

const IMPORTING = new Set([
  'ImportDeclaration',
  'ExportNamedDeclaration',
  'ExportAllDeclaration',
  'ImportExpression',
  'TSImportType',
])

const specifierOf = (node: Node) => (IMPORTING.has(node.type) ? nameOf(node.source) : null)

function isTypeOnly(node: Node): boolean {
  if (node.type === 'TSImportType') return true
  if (node.importKind === 'type' || node.exportKind === 'type') return true
  const specifiers = Array.isArray(node.specifiers) ? node.specifiers.filter(isNode) : []
  return (
    specifiers.length > 0 &&
    specifiers.every((item) => item.importKind === 'type' || item.exportKind === 'type')
  )
}
