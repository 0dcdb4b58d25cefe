/** Rules for single files, apart from the import law. */
import { stepsPerCharacter } from './pattern-cost.ts'
import { isNode, type Node, nameOf, type SourceFile } from './source-files.ts'

export type Finding = { line: number; fault: string }
export type Rule = (file: SourceFile) => Finding[]

/** Files that contain the forbidden words in order to name them. */
const DEFINITIONS = ['test/source-rules.ts', 'test/architecture.test.ts']

export const isProduct = ({ path }: SourceFile) => !path.startsWith('test/')

/** Builds a rule from a function that returns the fault of a node, or null. */
const nodeRule =
  (fault: (node: Node, file: SourceFile) => string | null): Rule =>
  (file) =>
    file.nodes.flatMap((node) => {
      const found = fault(node, file)
      return found === null ? [] : [{ line: file.lineOf(node), fault: found }]
    })

const READS_ENVIRONMENT = [
  ...['checker/env.ts', 'checker/process-limits.ts', 'api/node/settings.ts'],
  // Not a setting: whether npx has started it.
  'api/package/mailgrant.js',
  // Not a setting: an option that npm has taken for its own.
  'api/deploy.ts',
]

export const environment = nodeRule((node, file) => {
  if (!isProduct(file) || READS_ENVIRONMENT.includes(file.path)) return null
  // `c.env` of Hono has what the runtime knows about a request (RequestBindings), never a setting.
  const known = ['c.env.clientAddress', 'c.env.foreignHost', 'c.env.acceptEncoding']
  if (known.some((member) => file.text.startsWith(member, node.start))) return null
  const member = node.type === 'MemberExpression' && nameOf(node.property) === 'env'
  const pattern = node.type === 'ObjectPattern' ? node.properties : []
  const destructured = Array.isArray(pattern) && pattern.some((item) => nameOf(item?.key) === 'env')
  return member || destructured ? 'reads the environment outside env.ts' : null
})

export const clockAndRandomness = nodeRule((node, { path }) => {
  if (
    !path.startsWith('api/') ||
    /^api\/(services\.ts$|build\.ts$|deploy\.ts$|(?:console|connect|docs|node)\/)/.test(path)
  )
    return null
  const withoutArguments = Array.isArray(node.arguments) && node.arguments.length === 0
  if (node.type === 'NewExpression' && withoutArguments && nameOf(node.callee) === 'Date')
    return 'reads the clock'
  if (node.type !== 'MemberExpression') return null
  const member = `${nameOf(node.object)}.${nameOf(node.property)}`
  const sources = ['Date.now', 'performance.now', 'Math.random', 'crypto.randomUUID']
  return [...sources, 'crypto.getRandomValues'].includes(member) ? `uses ${member}` : null
})

export const sqlText = nodeRule((node, file) => {
  if (!isProduct(file) || node.type !== 'CallExpression' || !isNode(node.callee)) return null
  const method = nameOf(node.callee.property)
  if (method === 'raw' && nameOf(node.callee.object) === 'sql') return 'builds raw SQL'
  if (method !== 'prepare' && method !== 'exec') return null
  const [first] = Array.isArray(node.arguments) ? node.arguments : []
  const built =
    first?.type === 'BinaryExpression' ||
    (first?.type === 'TemplateLiteral' && first.expressions.length > 0)
  return built ? `passes concatenated SQL to ${method}()` : null
})

export const tls = nodeRule((node) =>
  node.type === 'Property' &&
  nameOf(node.key) === 'rejectUnauthorized' &&
  isNode(node.value) &&
  node.value.value === false
    ? 'accepts any certificate'
    : null,
)

/** Steps per character that a pattern may take: less than with one repetition that has no bound. */
const MOST_STEPS = 12_000

/** Patterns that read what people paste must not contain repetitions that multiply. */
export const linearPatterns = nodeRule((node, { path }) => {
  if (!/^api\/diagnosis\/(?:parse|catalogue)\//.test(path) || !isRegularExpression(node))
    return null
  const { pattern, flags } = node.regex
  const steps = Math.round(stepsPerCharacter({ source: pattern, flags }))
  return steps > MOST_STEPS
    ? `has a pattern with ${steps} steps per character: bound or separate its repetitions: ${pattern}`
    : null
})

const isRegularExpression = (
  node: Node,
): node is Node & { regex: { pattern: string; flags: string } } =>
  node.type === 'Literal' && node.regex !== undefined

export const leftovers: Rule = ({ path, text }) =>
  DEFINITIONS.includes(path)
    ? []
    : text.split('\n').flatMap((line, index) => {
        const word = /\b(?:TODO|FIXME)\b|@ts-(?:ignore|nocheck)/.exec(line)?.[0]
        return word === undefined ? [] : [{ line: index + 1, fault: `contains ${word}` }]
      })
