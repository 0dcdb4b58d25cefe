/** The tools for releases, in a repository of their own and from the command line. */
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from './source-files.ts'
import { createTemporaryFolder } from './temporary-folder.ts'
import { openRepository } from './tools/git.ts'

function makeRepository() {
  const folder = createTemporaryFolder()
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', '-C', folder, ...args], {
      encoding: 'utf8',
    })
  git('init', '-q', '-b', 'main')
  const commit = (subject: string, body = '') =>
    git('commit', '-q', '--allow-empty', '-m', subject, '-m', body)
  return { folder, git, commit, repository: openRepository(folder) }
}

describe('the last release', () => {
  it('is the highest version before this commit, and not one of another branch', () => {
    const { git, commit, repository } = makeRepository()
    commit('feat: one')
    expect(repository.lastRelease()).toBeNull()
    git('checkout', '-q', '-b', 'other')
    commit('feat: other')
    git('tag', 'v1.0.0')
    git('checkout', '-q', 'main')
    for (const tag of ['v0.9.0', 'v0.10.0-rc.1', 'v0.10.0', 'verified', '0.11.0']) git('tag', tag)
    expect(repository.lastRelease()).toBeNull()
    commit('fix: two', 'Why\n\nBREAKING CHANGE: this.')
    commit('docs: three')
    expect(repository.lastRelease()).toBe('v0.10.0')
    git('tag', 'v0.11.0')
    expect(repository.lastRelease()).toBe('v0.10.0')
    const since = repository.commitsSince('v0.10.0')
    expect(since.map(({ subject, body }) => [subject, body])).toEqual([
      ['docs: three', ''],
      ['fix: two', 'Why\n\nBREAKING CHANGE: this.'],
    ])
  })

  it('is unknown where the history is cut off', () => {
    const { folder, commit } = makeRepository()
    commit('feat: one')
    commit('feat: two')
    const copy = join(createTemporaryFolder(), 'copy')
    execFileSync('git', ['clone', '-q', '--depth', '1', `file://${folder}`, copy])
    expect(() => openRepository(copy).lastRelease()).toThrow('git fetch --unshallow --tags')
  })
})

it('npm run test:compatibility names a break, and fails unless the version permits it', () => {
  const openapi = JSON.parse(readFileSync(join(root, 'schema/openapi.json'), 'utf8'))
  const compareWith = (released: object) => {
    const file = join(createTemporaryFolder(), 'openapi.json')
    writeFileSync(file, JSON.stringify({ ...openapi, ...released }))
    const script = join(root, 'test/tools/check-compatibility.ts')
    return spawnSync(process.execPath, [script, file], { encoding: 'utf8' })
  }
  const paths = { ...openapi.paths, '/v1/gone': { get: { operationId: 'getGone', responses: {} } } }

  expect(compareWith({})).toMatchObject({ status: 0, stderr: '' })
  expect(compareWith({ paths })).toMatchObject({
    status: 1,
    stdout: expect.stringContaining('paths./v1/gone: was removed\nChanges since'),
    stderr: expect.stringContaining('Keep the API compatible, or raise the version from'),
  })
  expect(compareWith({ paths, info: { version: '0.0.9' } })).toMatchObject({
    status: 0,
    stdout: expect.stringContaining('may break clients of 0.0.9'),
  })
})
