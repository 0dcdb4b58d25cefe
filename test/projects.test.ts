import { globSync } from 'node:fs'
import { matchesGlob } from 'node:path'
import { expect, it } from 'vitest'
import { apiTests, ON_WORKERD, reachesBindings, root, runtimesOf, SLOW_TESTS } from './projects.ts'

it.each([
  ['a world, which has a database', 'test/api/harness.ts', true],
  ['a helper of such tests', 'test/api/expired-grant.ts', true],
  ['the Worker itself', 'test/api/worker.test.ts', true],
  ['pure code', 'test/api/diagnosis/diagnose.test.ts', false],
  ['its helpers', 'test/api/diagnosis/rows.ts', false],
])('a test reaches the database by what it imports: %s', (_what, file, reaches) => {
  expect(reachesBindings(file)).toBe(reaches)
})

it('every test that reaches the database runs in workerd, at the latest with FULL=true', () => {
  const reaching = apiTests().filter(reachesBindings)
  expect(reaching.length).toBeGreaterThan(100)
  expect(reaching.filter((file) => runtimesOf(file) === 'node')).toEqual([])
})

it('the lists name files that exist', () => {
  const files = globSync('test/**/*.test.{ts,tsx}', { cwd: root })
  const listed = [...Object.keys(ON_WORKERD), ...SLOW_TESTS]
  expect(listed.filter((list) => !files.some((file) => matchesGlob(file, list)))).toEqual([])
})
