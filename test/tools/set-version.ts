/**
 * Copies the version of package.json into the source, and adds the changes since the last release to the changelog. `npm version`
 * runs it.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRepository } from './git.ts'
import { releaseNotes, withRelease } from './release-notes.ts'

const root = join(import.meta.dirname, '../..')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
const replaceIn = (path: string, change: (text: string) => string) =>
  writeFileSync(join(root, path), change(readFileSync(join(root, path), 'utf8')))

replaceIn('schema/version.ts', (text) => text.replace(/(?<=VERSION = ')[^']+/, version))

const repository = openRepository(root)
const previous = repository.lastRelease()
const notes = releaseNotes(previous === null ? [] : repository.commitsSince(previous), previous)
const day = new Date().toISOString().slice(0, 10)
replaceIn('api/CHANGELOG.md', (text) => withRelease(text, version, day, notes))
