import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { buildAssets, buildChecker, buildServer } from '../api/build.ts'
import { bundle, WORKER_KIB } from './bench/workerd.ts'
import { root } from './source-files.ts'
import { createTemporaryFolder } from './temporary-folder.ts'

const SERVER = `${root}dist/mailgrant.js`
/** Each build bundles everything for browsers. */
const LONG = { timeout: 60_000 }

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort()

it(
  'builds the same bytes from the same sources and does not rewrite unchanged files',
  LONG,
  async () => {
    const out = createTemporaryFolder()
    const contents = () =>
      filesIn(out).map((path) => [path, statSync(path).ino, readFileSync(path, 'base64')])
    await buildAssets(out)
    const before = contents()
    expect(before.length).toBeGreaterThan(8)
    await buildAssets(out)
    expect(contents()).toEqual(before)
  },
)

it('removes files whose source no longer exists', LONG, async () => {
  const out = createTemporaryFolder()
  writeFileSync(join(out, 'stale.js'), '')
  await buildAssets(out)
  expect(filesIn(out)).not.toContain(join(out, 'stale.js'))
})

it(
  'bundles the server into the same bytes again, and into nothing of this folder',
  LONG,
  async () => {
    await buildServer()
    const first = readFileSync(SERVER)
    await buildServer()
    expect(readFileSync(SERVER).equals(first)).toBe(true)
    expect(first.includes(root)).toBe(false)
  },
)

it.each([
  ['the server', buildServer, SERVER, ['node:sqlite', 'net']],
  ['the checker', buildChecker, `${root}dist/checker.js`, ['node:net', 'net']],
])('bundles %s so that it loads only modules of Node', LONG, async (_name, build, file, some) => {
  await build()
  const loaded = readFileSync(file, 'utf8').matchAll(
    /^import\b.*?["']([\w@:/.-]+)["'];?$|__require\("([^"]+)"\)/gm,
  )
  const names = [...loaded].map(([, imported, required]) => imported ?? required ?? '')
  expect(names).toEqual(expect.arrayContaining(some))
  expect(names.filter((name) => !isBuiltin(name))).toEqual([])
})

it('contains no source maps and no local paths', () => {
  for (const path of filesIn(`${root}.assets`).filter((each) => /\.(js|css)$/.test(each))) {
    const text = readFileSync(path, 'utf8')
    expect(text, path).not.toContain('sourceMappingURL')
    expect(text, path).not.toContain(root)
  }
})

it('bundles a Worker of the size that the bench allows', LONG, async () => {
  const { gzipped } = await bundle('api/worker.ts')
  expect(gzipped / 1024).toBeLessThan(WORKER_KIB)
})
