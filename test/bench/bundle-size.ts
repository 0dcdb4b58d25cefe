/** (c) Size of the deployed bundle, minified and gzipped, and the start-up time of workerd with it. */
import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { alternate, compare } from './blocks.ts'
import { settingsFor } from './product.ts'
import { type Figure, informationRow, ratioRow, sizeRow } from './table.ts'
import { type Bundle, bundle, startWorkerd, WORKER_KIB } from './workerd.ts'

const KIB = 1024

export async function bundleSize(worker: Bundle, blocks: number): Promise<Figure> {
  const bare = await bundle('test/bench/bare-worker.ts')
  const settings = settingsFor('http://localhost:8787')
  const starts = await alternate(
    blocks,
    () => measureStartUp(worker, '/healthz', settings),
    () => measureStartUp(bare, '/mail-accounts', {}),
  )
  const started = compare(starts.ours, starts.baseline)
  return {
    rows: [
      sizeRow('(c) bundle, KiB', [worker.gzipped / KIB, bare.gzipped / KIB], {
        atMost: WORKER_KIB,
      }),
      sizeRow('(c) connect.js, KiB', [(await connectScriptSize()) / KIB, null], { atMost: 3.4 }),
      ratioRow('(c) workerd start to first response, ms', started),
      informationRow('    difference from the baseline, ms', started.difference),
    ],
    notes: [
      '(c) bundled as it is deployed, gzipped; baseline: the minimal route of (a). connect.js is loaded by third-party pages. Three tenths of the bundle are the diagnosis, a tenth is zod. Cloudflare allows 1 s of start-up and 3 MB.',
    ],
  }
}

/** Returns the gzipped size of connect.js in bytes. It is built with the bundle of the Worker. */
async function connectScriptSize(): Promise<number> {
  const script = await readFile(new URL('../../.assets/connect.js', import.meta.url))
  return gzipSync(script, { level: 9 }).length
}

/** Measures the milliseconds from starting workerd to its first response. */
async function measureStartUp(
  worker: Bundle,
  path: string,
  settings: Record<string, string>,
): Promise<number> {
  const started = performance.now()
  const workerd = await startWorkerd(worker, settings)
  const response = await fetch(`${workerd.url}${path}`)
  await response.text()
  const ms = performance.now() - started
  await workerd.stop()
  return ms
}
