/**
 * Checks the subjects of the commits since the last release. CONTRIBUTING.md has their form, the types and the scopes.
 * A shallow clone is checked as far as its commits go.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, '../..')
/** Earlier commits were made without this rule. */
const RULE_SINCE = '2026-11-30T20:10:00Z'
const LONGEST = 72

const contributing = readFileSync(join(root, '.github/CONTRIBUTING.md'), 'utf8')
const listed = (name: string) =>
  [
    ...(new RegExp(`^${name}: ([^.]+)\\.`, 'm').exec(contributing)?.[1] ?? '').matchAll(
      /`(\S+?)`/g,
    ),
  ].map(([, word]) => word)
const SUBJECT = new RegExp(
  `^(?:${listed('Types').join('|')})(?:\\((?:${listed('Scopes').join('|')})\\))?!?: \\S`,
)

/** Returns what is wrong with the subject of a commit, or null. */
export function subjectFault(subject: string): string | null {
  if (subject.length > LONGEST) return `has ${subject.length} characters, more than ${LONGEST}`
  return SUBJECT.test(subject) ? null : 'has no type or scope of .github/CONTRIBUTING.md'
}

if (import.meta.main) {
  const range = ['HEAD', '--not', '--tags=v[0-9]*']
  const options = ['--no-merges', `--since=${RULE_SINCE}`, '--format=%h %s']
  const log = execFileSync('git', ['-C', root, 'log', ...options, ...range], { encoding: 'utf8' })
  for (const line of log.split('\n').filter(Boolean)) {
    const [, id, subject = ''] = /^(\S+) (.*)$/.exec(line) ?? []
    const fault = subjectFault(subject)
    if (fault === null) continue
    console.error(`The subject of ${id} ${fault}: ${subject}`)
    process.exitCode = 1
  }
}
