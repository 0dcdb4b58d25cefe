/** Reads from git the releases of the repository, which are tags such as v1.2.3. */
import { execFileSync } from 'node:child_process'

export type Commit = { id: string; subject: string; body: string }

export function openRepository(folder: string) {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, ...args], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })

  return {
    /**
     * Returns the tag of the last release before this commit, or null before the first one. Throws if the history is
     * not complete, since there could be one.
     */
    lastRelease(): string | null {
      if (git('rev-parse', '--is-shallow-repository').trim() === 'true') {
        throw new Error('This clone has only a part of the history: git fetch --unshallow --tags')
      }
      const order = ['-c', 'versionsort.suffix=-']
      const filter = ['--merged', 'HEAD', '--no-contains', 'HEAD', '--sort=-version:refname']
      return git(...order, 'tag', '--list', 'v[0-9]*', ...filter).split('\n')[0] || null
    },

    readFile: (revision: string, path: string) => git('show', `${revision}:${path}`),

    /** Returns the commits since a tag, newest first, without merges. */
    commitsSince(tag: string): Commit[] {
      const log = git('log', '--no-merges', '--format=%h%x1f%s%x1f%b%x1e', `${tag}..HEAD`)
      return log
        .split('\x1e')
        .map((entry) => entry.trim().split('\x1f'))
        .flatMap(([id, subject, body]) =>
          id && subject ? [{ id, subject, body: body ?? '' }] : [],
        )
    },
  }
}
