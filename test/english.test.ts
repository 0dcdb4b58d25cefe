/**
 * Checks the English of this repository: words with a better one, exported functions without a comment, subjects of
 * commits.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { isNode, type Node, nameOf, parseSource, root, type SourceFile } from './source-files.ts'
import { subjectFault } from './tools/check-commits.ts'

/** Words for which there is a plainer or more exact one, given beside most of them. A search includes line breaks. */
const FORBIDDEN = [
  /\bmay not\b/i, // isn't allowed to, must not, might not
  /\bhand(?:s|ed|ing)? out\b|\bhand-?out\b/i, // issue
  /\bin clear\b/i, // in plaintext
  /\bworthless\b/i, // invalid
  /\bnames the\b/, // contains, reports, points at
  /(?<!\b(?:not|instead|part|version) )\bof Mailgrant\b(?!')/, // Mailgrant's
  /\banswers (?:with )?[1-5](?:\d\d|xx)\b/i, // responds with
  /\b[A-Za-z]+Answers?\b/, // Response, Reply
  /\banew\b/i, // again
  /\bby itself\b/i, // automatically
  /\bfor ever\b/i, // forever
  /\bwhoever\b/i, // anyone who
  /\bwhat stands\b/i, // the text
]

/** Data and patterns in the words of others, and generated files. */
const FOREIGN = [
  /^test\/diagnosis\/|^api\/diagnosis\/(?:parse\/meanings\/|catalogue\/(?:pages\.txt|token\/credential\.ts))/,
  /package-lock\.json$|^schema\/(?:d1\/migrations\/|openapi\.json$)|\.(?:png|svg)$|^test\/english\.test\.ts$/,
]

const paths = execFileSync('git', ['-C', root, 'ls-files', '-z'], { encoding: 'utf8' })
  .split('\0')
  .filter((path) => path !== '' && !FOREIGN.some((pattern) => pattern.test(path)))

/** Joins the lines of paragraphs and comments. */
const joined = (text: string) => text.replaceAll(/\s*\n\s*(?:\*|\/\/|#)?\s*/g, ' ')

const forbiddenIn = (text: string) =>
  FORBIDDEN.flatMap((word) => {
    const found = word.exec(text)
    return found ? [text.slice(Math.max(0, found.index - 30), found.index + 40)] : []
  })

/** Returns the names of exported functions that return a result or a promise, and have no comment. */
function uncommented({ text, nodes }: SourceFile): (string | null)[] {
  return nodes.flatMap((node) => {
    if (node.type !== 'ExportNamedDeclaration' || !isNode(node.declaration)) return []
    if (/\*\/\s*$/.test(text.slice(0, node.start))) return []
    return functionsOf(node.declaration)
      .filter(
        ({ made }) => made.async === true || /\b(?:Promise|\w*Result)\b/.test(typeOf(made, text)),
      )
      .map(({ id }) => nameOf(id))
  })
}

function functionsOf(declaration: Node): { id: unknown; made: Node }[] {
  if (declaration.type === 'FunctionDeclaration') return [{ id: declaration.id, made: declaration }]
  const variables = Array.isArray(declaration.declarations) ? declaration.declarations : []
  return variables
    .filter(({ init }) => isNode(init) && init.type === 'ArrowFunctionExpression')
    .map(({ id, init }) => ({ id, made: init }))
}

const typeOf = ({ returnType }: Node, text: string) =>
  isNode(returnType) ? text.slice(returnType.start, returnType.end) : ''

it.each(['this user\n * may not read it', '// in clear\nHand-out', 'type TokenAnswer'])(
  'finds a forbidden word in %j',
  (text) => {
    expect(forbiddenIn(joined(text))).not.toEqual([])
  },
)

it('uses no forbidden word', () => {
  const found = paths.flatMap((path) =>
    forbiddenIn(joined(readFileSync(root + path, 'utf8'))).map((words) => `${path}: ${words}`),
  )
  expect(found).toEqual([])
})

it('explains each exported function of domain, store and entra that works or can fail', () => {
  const source = 'export const a = async () => 1\n/** Why. */\nexport function b(): Result<1> {}\n'
  expect(uncommented(parseSource('api/store/x.ts', source))).toEqual(['a'])
  const found = paths
    .filter((path) => /^api\/(?:domain|store|entra)\/.*\.ts$/.test(path))
    .map((path) => ({
      path,
      names: uncommented(parseSource(path, readFileSync(root + path, 'utf8'))),
    }))
  expect(found.filter(({ names }) => names.length > 0)).toEqual([])
})

it('accepts subjects of commits with a type, a scope of the list, and at most 72 characters', () => {
  expect(subjectFault('fix(checker)!: stop a login that sends too much')).toBeNull()
  expect(subjectFault('docs: say it once')).toBeNull()
  expect(subjectFault('fix(cheker): stop a login')).toContain('no type or scope')
  expect(subjectFault(`fix: ${'x'.repeat(68)}`)).toContain('73 characters')
})
