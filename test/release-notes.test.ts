import { expect, it } from 'vitest'
import { releaseNotes, withRelease } from './tools/release-notes.ts'

const commit = (subject: string, body = '') => ({ id: 'a1b2c3d', subject, body })

it('groups the changes by what they mean for users, and counts the others', () => {
  const notes = releaseNotes(
    [
      commit('fix(checker): stop a login that sends too much'),
      commit('feat(console): a page for alerts', 'Why it is there.'),
      commit('refactor(store): one file less'),
      commit('test: a closed connection'),
      commit('perf: fewer queries'),
      commit('feat(bench): one more figure'),
      commit('Merge of something'),
    ],
    'v1.2.3',
  )
  expect(notes).toBe(`## New

- **console**: a page for alerts (a1b2c3d)

## Fixed

- **checker**: stop a login that sends too much (a1b2c3d)

## Faster

- fewer queries (a1b2c3d)

Internal changes since v1.2.3: 4
`)
})

it('puts first what can break a client, in the words of its footer', () => {
  const notes = releaseNotes(
    [
      commit('feat(api)!: no more cookies'),
      commit('fix(api): one limit', 'Why.\n\nBREAKING CHANGE: send at most\n200 rows.\n\nMore.'),
    ],
    'v1.0.0',
  )
  expect(notes).toMatch(
    /^## Breaking changes\n\n- \*\*api\*\*: no more cookies \(a1b2c3d\)\n- send at most 200 rows\.\n\n## New/,
  )
  expect(notes).toContain('## Fixed\n\n- **api**: one limit')
})

it('escapes HTML and mentions of users', () => {
  const notes = releaseNotes([commit('fix: <img> for @alice')], 'v1.0.0')
  expect(notes).not.toMatch(/<|@alice/)
})

it('says that it is the first release, or that nothing has changed', () => {
  expect(releaseNotes([commit('feat: all')], null)).toBe('The first release.\n')
  expect(releaseNotes([], 'v1.0.0')).toBe('Nothing has changed since v1.0.0.\n')
})

it('adds a release to the changelog, above the earlier ones', () => {
  const first = withRelease(
    '# Changelog\n\nNothing yet.\n',
    '0.1.0',
    '2026-12-01',
    'The first release.\n',
  )
  const second = withRelease(first, '0.2.0', '2026-12-24', '## Fixed\n\n- one limit (a1b2c3d)\n')
  expect(second).toBe(`# Changelog

\`npm version\` adds a section for each release, from its commits.

## 0.2.0 (2026-12-24)

### Fixed

- one limit (a1b2c3d)

## 0.1.0 (2026-12-01)

The first release.
`)
})
