/** The published script and its types: small, self-contained and in agreement. */
import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { expect, it } from 'vitest'
import { createTemporaryFolder } from '../temporary-folder.ts'

const root = new URL('../..', import.meta.url).pathname
const source = join(root, 'api/connect/connect.ts')
const run = promisify(execFile)

const header =
  '/** The types of `/connect.js`, made from its source: `npm run test:browser -- connect-types -u`. */\n'

it('has the types of its source, without imports', async () => {
  const folder = createTemporaryFolder()
  const options = '--ignoreConfig --declaration --emitDeclarationOnly --allowImportingTsExtensions'
  const strict = '--strict --exactOptionalPropertyTypes --skipLibCheck --target es2024'
  const modules = `--module esnext --moduleResolution bundler --rootDir ${root} --outDir ${folder}`
  await run(process.execPath, [
    join(root, 'node_modules/typescript/bin/tsc'),
    ...`${options} ${strict} ${modules}`.split(' '),
    source,
  ])
  const emitted = join(folder, 'api/connect/connect.d.ts')
  const style = `--config-path=${root} --vcs-enabled=false --write`
  await run(join(root, 'node_modules/.bin/biome'), ['format', ...style.split(' '), emitted])
  const types = header + (await readFile(emitted, 'utf8'))
  expect(types).not.toMatch(/\bimport\b/)
  await expect(types).toMatchFileSnapshot(join(root, 'api/connect/connect.d.ts'))
})

it('is under 2.5 KiB gzipped and loads nothing', async () => {
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
  expect(size).toBeLessThan(2560)
  expect(script).not.toMatch(/\bimport\b|https?:/)
  // A popup that is cut off looks closed.
  expect(script).not.toContain('.closed')
})
