import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { buildAssets } from '../api/build.ts'
import { root } from './source-files.ts'

const out = `${root}.assets/`
/** Each build bundles the whole API reference viewer, which is slow. */
const LONG = { timeout: 60_000 }

const files = () =>
  readdirSync(out, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath}/${entry.name}`)
    .sort()

it(
  'builds the same bytes from the same sources and does not rewrite unchanged files',
  LONG,
  async () => {
    await buildAssets()
    const before = files().map((path) => [path, statSync(path).ino, readFileSync(path, 'base64')])
    expect(before.length).toBeGreaterThan(8)
    await buildAssets()
    expect(files().map((path) => [path, statSync(path).ino, readFileSync(path, 'base64')])).toEqual(
      before,
    )
  },
)

it('removes files whose source no longer exists', LONG, async () => {
  const stale = `${out}docs/stale.js`
  writeFileSync(stale, '')
  try {
    await buildAssets()
    expect(files()).not.toContain(stale)
  } finally {
    rmSync(stale, { force: true })
  }
})

it('contains no source maps and no local paths', () => {
  for (const path of files().filter((each) => /\.(js|css)$/.test(each))) {
    const text = readFileSync(path, 'utf8')
    expect(text, path).not.toContain('sourceMappingURL')
    expect(text, path).not.toContain(root)
  }
})
