/** Bundles the kit and runs it, since Node runs TypeScript, but no JSX, of which Mailgrant's pages are made. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { build } from 'esbuild'
import { buildAssets } from '../../../api/build.ts'

const folder = import.meta.dirname
const outfile = join(folder, '../../.tmp/acceptance.mjs')

await Promise.all([
  buildAssets(),
  build({
    entryPoints: [join(folder, 'kit.ts')],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    define: { 'import.meta.dirname': JSON.stringify(folder) },
  }),
])
const { status } = spawnSync(process.execPath, [outfile, ...process.argv.slice(2)], {
  stdio: 'inherit',
})
process.exit(status ?? 1)
