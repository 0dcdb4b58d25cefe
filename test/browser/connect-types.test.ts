/** The published script and its types: small and self-contained. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'

const root = new URL('../..', import.meta.url).pathname
const source = join(root, 'api/connect/connect.ts')

it('has types that stand alone', async () => {
  const types = await readFile(join(root, 'api/connect/published.d.ts'), 'utf8')
  expect(types).not.toMatch(/^import|\bimport\(/m)
})

it('is under 3.4 KiB gzipped and loads nothing', async () => {
  const built = await build({
    entryPoints: [source],
    bundle: true,
    format: 'esm',
    minify: true,
    target: 'es2022',
    write: false,
  })
  const script = built.outputFiles[0]?.text ?? ''
  const size = gzipSync(script, { level: 9 }).length
  console.log(`connect.js: ${size} bytes gzipped`)
  expect(size).toBeLessThan(3.4 * 1024)
  expect(script).not.toMatch(/\bimport\b|https?:/)
  // A popup that Microsoft's page has cut off looks closed while it is open.
  expect(script).not.toContain('.closed')
})
