/** Notes of a release from the subjects of its commits, `type(scope): effect`. */
import type { Commit } from './git.ts'

/** Headings by type, in the order of the notes. Users need not know of other types. */
const HEADINGS = { feat: 'New', fix: 'Fixed', perf: 'Faster', docs: 'Documentation' }

/** Scopes of changes that only developers of this repository notice. */
const INTERNAL = ['bench', 'demo', 'faults', 'project', 'sandbox', 'test', 'tools']

type Change = { type: string; text: string; breaks: string | null }

function parse({ id, subject, body }: Commit): Change {
  const [, type = '', scope, mark, effect = subject] =
    /^([a-z]+)(?:\(([^)]+)\))?(!)?: (.+)$/.exec(subject) ?? []
  const [, footer] = /^BREAKING CHANGE: (.+(?:\n.+)*)/m.exec(body) ?? []
  const isInternal = scope !== undefined && INTERNAL.includes(scope)
  const text = `${scope ? `**${scope}**: ` : ''}${toMarkdown(effect)} (${id})`
  return {
    type: isInternal ? 'internal' : type,
    text,
    breaks: footer ? toMarkdown(footer.replaceAll('\n', ' ')) : mark ? text : null,
  }
}

/** Keeps addresses from mentioning people, and text from being read as HTML. */
const toMarkdown = (text: string) => text.replaceAll('<', '&lt;').replaceAll('@', '@\u2060')

/** Returns the changelog with a section for this version above the earlier ones. `day`: YYYY-MM-DD. */
export function withRelease(changelog: string, version: string, day: string, notes: string) {
  const [, ...earlier] = changelog.split(/^(?=## )/m)
  const section = `## ${version} (${day})\n\n${notes.replaceAll(/^## /gm, '### ')}`
  const introduction =
    '# Changelog\n\n`npm version` adds a section for each release, from its commits.\n'
  return [introduction, section, ...earlier]
    .map((part) => part.trimEnd())
    .join('\n\n')
    .concat('\n')
}

/** Returns Markdown. `previous` is the tag of the last release, null for the first one. */
export function releaseNotes(commits: readonly Commit[], previous: string | null): string {
  if (previous === null) return 'The first release.\n'
  const changes = commits.map(parse)
  const list = (lines: readonly string[]) => lines.map((line) => `- ${line}\n`).join('')
  const section = (heading: string, lines: readonly string[]) =>
    lines.length > 0 ? [`## ${heading}\n\n${list(lines)}`] : []
  const sections = [
    ...section(
      'Breaking changes',
      changes.flatMap(({ breaks }) => breaks ?? []),
    ),
    ...Object.entries(HEADINGS).flatMap(([type, heading]) =>
      section(
        heading,
        changes.filter((change) => change.type === type).map(({ text }) => text),
      ),
    ),
  ]
  const others = changes.filter(({ type }) => !(type in HEADINGS)).length
  const rest = others > 0 ? [`Internal changes since ${previous}: ${others}\n`] : []
  return [...sections, ...rest].join('\n') || `Nothing has changed since ${previous}.\n`
}
