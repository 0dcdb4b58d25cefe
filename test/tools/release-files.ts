/**
 * Writes what a release consists of, besides the images, into `dist/release/`: `notes.md`, and the files for
 * integrators and operators in `assets/`, with their checksums.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openRepository } from './git.ts'
import { releaseNotes } from './release-notes.ts'

const root = join(import.meta.dirname, '../..')
const out = join(root, 'dist/release')
const read = (path: string) => readFileSync(join(root, path))

/** Returns the typed client with the types beside it, as its first comment tells those who copy it. */
function copyOfClient(): Buffer {
  const source = read('test/examples/client.ts').toString()
  const copy = source.replace("'../.tmp/openapi.d.ts'", "'./openapi.d.ts'")
  if (copy === source) throw new Error('The client imports its types from elsewhere.')
  return Buffer.from(copy)
}

const { name, version } = JSON.parse(read('package.json').toString())
const packed = `${name}-${version}.tgz`
const assets = {
  [packed]: read(`dist/package/${packed}`),
  'openapi.json': read('schema/openapi.json'),
  'openapi.d.ts': read('test/.tmp/openapi.d.ts'),
  'client.ts': copyOfClient(),
}

const repository = openRepository(root)
const previous = repository.lastRelease()
const commits = previous === null ? [] : repository.commitsSince(previous)

rmSync(out, { recursive: true, force: true })
mkdirSync(join(out, 'assets'), { recursive: true })
writeFileSync(join(out, 'notes.md'), releaseNotes(commits, previous))
const sums = Object.entries(assets).map(([name, contents]) => {
  writeFileSync(join(out, 'assets', name), contents)
  return `${createHash('sha256').update(contents).digest('hex')}  ${name}\n`
})
writeFileSync(join(out, 'assets/SHA256SUMS'), sums.join(''))
console.log(`dist/release: notes.md, ${Object.keys(assets).join(', ')}, SHA256SUMS`)
