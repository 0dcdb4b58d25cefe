/**
 * Measures the English of the repository: forbidden words in sources and texts, and how doc comments
 * begin. The console is exempt until it is rebuilt. Run with Node 24, optionally with path prefixes:
 *
 *   npm exec -- node test/english.ts api/store test/sandbox
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { parseSource, root, type SourceFile } from './source-files.ts'

export type Finding = { path: string; line: number; found: string }
export type DocComment = { path: string; line: number; text: string }

const SEARCHED = [
  'api',
  'checker',
  'schema',
  'test',
  '.ci',
  '.github',
  'README.md',
  'wrangler.toml',
]
const TEXT_FILE = /\.(tsx?|js|mjs|css|html|md|toml|jsonc?|jsonl|ya?ml|sh|sql)$|^\.ci\/|Dockerfile/
const SKIPPED =
  /^(?:api\/console|test\/api\/console|schema\/d1\/migrations)\/|^test\/diagnosis\/.*jsonl$|(?:^|\/)(?:node_modules|dist|\.tmp)\/|package-lock/
/** Files that name the words in order to forbid them. */
const DEFINITIONS = ['test/english.ts', 'test/english.test.ts']

/** Matched in any case, inside identifiers too, and across the line breaks of a comment. */
export const FORBIDDEN_WORDS = ['told', 'untold', 'whoever', 'anew', 'for ever', 'by itself']

/** Question words and prepositions: a doc comment that begins so hides its subject. */
const WEAK_OPENINGS = new Set(
  (
    'what whatever why whether who whom whose how where when which while if of for by with from in ' +
    'into as to at on upon onto after before under over between among beside besides without within ' +
    'against during until till since through about per beyond behind below above'
  ).split(' '),
)

/** Words in the form of a verb in the third person ("Returns") that are none. */
const NOT_VERBS = new Set(
  (
    'Access Accounts Actions Address Addresses Admins Always Answers Apps Arguments Attempts ' +
    'Authorizations Batches Bodies Browsers Bytes Callers Candidates Cases Causes ' +
    'Certificates Characters Ciphertexts Claims Class Clients Clocks Clouds Codes Columns ' +
    'Commands Connections Constants Cookies Counters Counts Credentials Days Deployments ' +
    'Domains Durations Encodings Endpoints Entries Errors Events Examples Expiries ' +
    'Explanations Facts Failures Families Faults Fields Files Fixes Flags Functions Grants ' +
    'Handlers Headers Hosts Hours Hundreds Ids Inputs Integrations Items Its Keys Kinds ' +
    'Leases Less Lifetimes Limits Lines Links Liveness Logins Mailboxes Members Messages ' +
    'Milliseconds Minutes Names Neighbours Numbers Operations Options Origins Others Ours ' +
    'Outcomes Pages Parameters Parts Passwords Paths People Permissions Persons Places ' +
    'Policies Ports Preconditions Prefixes Problems Process Processes Programs Prometheus ' +
    'Properties Protocols Reasons References Reports Requests Resources Responses Results ' +
    'Rights Roles Rows Rules Scopes Seconds Secrets Sentences Servers Services Sessions ' +
    'Settings Sockets Sources Spellings Stages Statements States Status Steps Strings ' +
    'Subrequests Tables Tasks Templates Tenants Tests Texts This Times Titles Tokens Tools ' +
    'Transitions Types Users Validations Values Versions Ways Webhooks Words Workers Years'
  ).split(' '),
)

const wordPattern = (word: string) => {
  const first = word.charAt(0)
  const rest = word.slice(1).replaceAll(' ', '(?:\\s+(?:\\*|//|#)?\\s*)')
  // `told`, `toldAt`, `wasTold` and `TOLD`, but not `stoldge`.
  const lower = `(?:(?<![A-Za-z])${first}|${first.toUpperCase()})${rest}(?![a-z])`
  return `${lower}|(?<![A-Z])${word.toUpperCase()}(?![A-Z])`
}

export function findForbiddenWords(path: string, text: string): Finding[] {
  if (DEFINITIONS.includes(path)) return []
  return FORBIDDEN_WORDS.flatMap((word) =>
    [...text.matchAll(new RegExp(wordPattern(word), 'g'))].map((match) => ({
      path,
      line: lineAt(text, match.index),
      found: `"${word}": ${lineOf(text, match.index)}`,
    })),
  )
}

/** Returns the doc comments of a file, skipping strings, templates, regular expressions and JSX text. */
export function docComments({ path, text, nodes }: SourceFile): DocComment[] {
  const opaque = nodes
    .filter(({ type }) => type === 'Literal' || type === 'TemplateElement' || type === 'JSXText')
    .map(({ start, end }) => [start, Number(end)] as const)
    .sort(([a], [b]) => a - b)
  const code = opaque.reduce(
    (masked, [start, end]) =>
      masked.slice(0, start) + masked.slice(start, end).replace(/[^\n]/g, '_') + masked.slice(end),
    text,
  )
  return [...code.matchAll(/\/\/.*|\/\*[\s\S]*?\*\//g)]
    .filter(([comment]) => comment.startsWith('/**'))
    .map((match) => ({
      path,
      line: lineAt(text, match.index),
      text: match[0]
        .slice(3, -2)
        .replace(/^\s*\*/gm, '')
        .replace(/\s+/g, ' ')
        .trim(),
    }))
}

const firstWord = (text: string) => /^[`"'(]*([A-Za-z]+)/.exec(text)?.[1] ?? ''

export const opensWeakly = ({ text }: DocComment): boolean =>
  WEAK_OPENINGS.has(firstWord(text).toLowerCase())

export const opensWithVerb = ({ text }: DocComment): boolean => {
  const word = /^[A-Z][a-z]+s(?=[\s,:;.]|$)/.exec(text)?.[0]
  return word !== undefined && !NOT_VERBS.has(word)
}

const lineAt = (text: string, index: number) => text.slice(0, index).split('\n').length
const lineOf = (text: string, index: number) =>
  text
    .slice(text.lastIndexOf('\n', index) + 1)
    .split('\n', 1)[0]
    ?.trim()
    .slice(0, 110) ?? ''

/** Returns the searched files by path from the root, sorted. */
export function readTexts(): { path: string; text: string }[] {
  return SEARCHED.filter((entry) => existsSync(root + entry))
    .flatMap((entry) =>
      statSync(root + entry).isFile()
        ? [entry]
        : readdirSync(root + entry, { recursive: true, encoding: 'utf8' }).map(
            (path) => `${entry}/${path}`,
          ),
    )
    .filter((path) => TEXT_FILE.test(path) && !SKIPPED.test(path) && statSync(root + path).isFile())
    .sort()
    .map((path) => ({ path, text: readFileSync(root + path, 'utf8') }))
}

export type Measured = {
  words: Finding[]
  comments: DocComment[]
  weak: DocComment[]
  verbs: DocComment[]
}

export function measureEnglish(prefixes: readonly string[] = []): Measured {
  const texts = readTexts().filter(
    ({ path }) => prefixes.length === 0 || prefixes.some((prefix) => path.startsWith(prefix)),
  )
  const comments = texts
    .filter(({ path }) => /\.(tsx?|js)$/.test(path))
    .flatMap(({ path, text }) => docComments(parseSource(path, text)))
  return {
    words: texts.flatMap(({ path, text }) => findForbiddenWords(path, text)),
    comments,
    weak: comments.filter(opensWeakly),
    verbs: comments.filter(opensWithVerb),
  }
}

if (import.meta.main) {
  const { words, comments, weak, verbs } = measureEnglish(process.argv.slice(2))
  for (const { path, line, text } of weak)
    console.log(`${path}:${line} opens weakly: ${text.slice(0, 90)}`)
  for (const { path, line, found } of words) console.log(`${path}:${line} ${found}`)
  const share = (part: readonly unknown[]) =>
    `${part.length} (${((100 * part.length) / Math.max(1, comments.length)).toFixed(1)} %)`
  console.log(`\ndoc comments: ${comments.length}`)
  console.log(`  opening with a question word or preposition: ${share(weak)}, at most 5 %`)
  console.log(`  opening with a verb: ${share(verbs)}, at least 30 %`)
  for (const word of FORBIDDEN_WORDS) {
    console.log(`"${word}": ${words.filter(({ found }) => found.startsWith(`"${word}"`)).length}`)
  }
}
