/**
 * (a) An access token from cache, beside a bare Hono route that reads one row. Both in workerd, with
 * the same rows; the load comes from a process of its own.
 */
import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { z } from 'zod'
import { AccessToken } from '../../schema/mail-account.ts'
import { alternate, compare } from './blocks.ts'
import type { Lab } from './lab.ts'
import { type Figure, ratioRow } from './table.ts'
import { bundle, copyRows, migrate, startWorkerd } from './workerd.ts'

const CONNECTIONS = 16
const SECONDS = 3

export async function handOut(lab: Lab, blocks: number): Promise<Figure> {
  const { product } = lab
  const floor = await startWorkerd(await bundle('test/bench/bare-worker.ts'))
  try {
    await migrate(floor)
    await copyRows(product.workerd, floor)
    const id = product.accounts.imap
    const issue = `/v1/mail-accounts/${id}/access-token`
    AccessToken.parse(await product.api.expect(200, 'POST', issue))

    const read = `${floor.url}/mail-accounts/${id}`
    const key = `authorization=Bearer ${product.key}`
    const rates = await alternate(
      blocks,
      () => load(product.url + issue, ['--method', 'POST', '--headers', key]),
      () => load(read, []),
    )
    return {
      rows: [
        ratioRow(
          `(a) hand-out from cache, req/s at ${CONNECTIONS} connections`,
          compare(rates.ours, rates.floor),
          { atLeast: 0.6 },
        ),
      ],
      notes: [
        `(a) floor: a Hono route with one SELECT by primary key, in workerd like ours; ${blocks} blocks of ${SECONDS} s each.`,
      ],
    }
  } finally {
    await floor.stop()
  }
}

const Report = z.object({
  '2xx': z.number(),
  non2xx: z.literal(0),
  errors: z.literal(0),
  duration: z.number(),
})

/** Answers a second. Throws when an answer was not a 2xx. */
async function load(url: string, options: readonly string[]): Promise<number> {
  const autocannon = createRequire(import.meta.url).resolve('autocannon')
  const { stdout } = await promisify(execFile)(process.execPath, [
    autocannon,
    ...['--json', '--no-progress', '--connections', String(CONNECTIONS)],
    ...['--duration', String(SECONDS), ...options, url],
  ])
  const report = Report.parse(JSON.parse(stdout))
  return report['2xx'] / report.duration
}
