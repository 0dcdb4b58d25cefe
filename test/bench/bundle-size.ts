/** (c) What is uploaded, minified and gzipped, and how long a fresh workerd takes to answer with it. */
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { alternate, compare } from './blocks.ts'
import { settingsFor } from './product.ts'
import { type Figure, informationRow, ratioRow, sizeRow } from './table.ts'
import { type Bundle, bundle, startWorkerd } from './workerd.ts'

const KIB = 1024

export async function bundleSize(worker: Bundle, blocks: number): Promise<Figure> {
  const bare = await bundle('test/bench/bare-worker.ts')
  const settings = settingsFor('http://localhost:8787')
  const starts = await alternate(
    blocks,
    () => startUp(worker, '/healthz', settings),
    () => startUp(bare, '/mail-accounts', {}),
  )
  const started = compare(starts.ours, starts.floor)
  return {
    rows: [
      sizeRow('(c) bundle, KiB', [worker.gzipped / KIB, bare.gzipped / KIB], { atMost: 300 }),
      sizeRow('(c) connect.js, KiB', [(await connectSize()) / KIB, null], { atMost: 2 }),
      ratioRow('(c) fresh workerd to first answer, ms', started),
      informationRow('    that is more than the floor, ms', started.extra),
    ],
    notes: [
      '(c) bundled by wrangler with --minify, gzipped; floor: the bare route of (a). connect.js is what pages of others load. Cloudflare allows 1 s of start-up.',
    ],
  }
}

/** Bytes, gzipped. Bundling the Worker has built it. */
async function connectSize(): Promise<number> {
  const script = await readFile(new URL('../../.assets/connect.js', import.meta.url))
  return gzipSync(script, { level: 9 }).length
}

/** Milliseconds from nothing to the first answer, the start of workerd itself among them. */
async function startUp(
  worker: Bundle,
  path: string,
  settings: Record<string, string>,
): Promise<number> {
  const since = performance.now()
  const workerd = await startWorkerd(worker, settings)
  const response = await fetch(`${workerd.url}${path}`)
  await response.text()
  const taken = performance.now() - since
  await workerd.stop()
  return taken
}
