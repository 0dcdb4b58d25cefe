/** Load generator in a separate process: sequential requests on each of a few connections. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'

export const BLOCK_SECONDS = 3

const Report = z.object({
  '2xx': z.number(),
  non2xx: z.literal(0),
  errors: z.literal(0),
  duration: z.number(),
})

export type Load = {
  method: 'GET' | 'POST'
  /** Requested in turn, all of the same origin. */
  urls: readonly string[]
  key?: string
  connections: number
}

/** Returns the responses per second. Throws if any response is not a 2xx. */
export async function load({ method, urls, key, connections }: Load): Promise<number> {
  const headers = key === undefined ? [] : [{ name: 'authorization', value: `Bearer ${key}` }]
  const entries = urls.map((url) => ({ request: { method, url, headers } }))
  const autocannon = createRequire(import.meta.url).resolve('autocannon')
  const folder = await mkdtemp(join(tmpdir(), 'mailgrant-load-'))
  try {
    // In a file, since the process list shows arguments, which would include the key.
    const har = join(folder, 'requests.json')
    await writeFile(har, JSON.stringify({ log: { entries } }), { mode: 0o600 })
    const { stdout } = await promisify(execFile)(process.execPath, [
      autocannon,
      ...['--json', '--no-progress', '--connections', String(connections)],
      ...['--duration', String(BLOCK_SECONDS), '--har', har, new URL(urls[0] ?? '').origin],
    ])
    const report = Report.parse(JSON.parse(stdout))
    return report['2xx'] / report.duration
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
