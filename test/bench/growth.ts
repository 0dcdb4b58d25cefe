/**
 * (f) Fetching access tokens with 100 and with 100,000 mail accounts in D1, each with its own grant: time
 * and round trips to D1. Uses an API key limited to about 100 accounts, requested in turn.
 */
import { createApi } from '../journeys/api.ts'
import type { BenchSetup } from './bench-setup.ts'
import { alternate, compare } from './blocks.ts'
import { type Load, load } from './load.ts'
import { type Metered, startMetered } from './metered.ts'
import { createKey } from './product.ts'
import { type Figure, ratioRow, sizeRow } from './table.ts'

const FEW = 100
const MANY = 100_000
/** Number of accounts requested: all of the few except the product's own two. */
const REQUESTED = FEW - 2

export async function growth(setup: BenchSetup, blocks: number): Promise<Figure> {
  const worlds: Metered[] = []
  try {
    const few = await startWithAccounts(setup, FEW, worlds)
    const many = await startWithAccounts(setup, MANY, worlds)
    const rates = await alternate(
      blocks,
      () => load(many.load),
      () => load(few.load),
    )
    const ms = (rate: number) => 1000 / rate
    const roundTrips = [await many.roundTripsEach(), await few.roundTripsEach()] as const
    return {
      rows: [
        ratioRow(
          `(f) access token with ${MANY} accounts, ms`,
          compare(rates.ours.map(ms), rates.baseline.map(ms)),
          { atMost: 1.2 },
        ),
        sizeRow('    round trips to D1 per request', roundTrips, { atMost: roundTrips[1] }),
      ],
      notes: [
        `(f) baseline: the same with ${FEW} accounts. Cached tokens, one request at a time, with a key limited to`,
        `    ${REQUESTED} accounts, requested in turn. The rows are as large as real ones.`,
      ],
    }
  } finally {
    for (const world of worlds) await world.stop()
  }
}

/** Starts a Worker with this many accounts. Adds it to `started` at once, so that it is stopped on failure. */
async function startWithAccounts({ product }: BenchSetup, count: number, started: Metered[]) {
  const world = await startMetered(product)
  started.push(world)
  const accounts = await world.addCopies({ count, working: REQUESTED })
  const root = createApi(world.url, product.key)
  const key = await createKey(root, { scopes: ['tokens'], mail_accounts: accounts })
  const worker = createApi(world.url, key)
  const paths = accounts.map((id) => `/v1/mail-accounts/${id}/access-token`)

  async function requestAll(): Promise<void> {
    for (const path of paths) await worker.expect(200, 'POST', path)
  }
  // The first request of each account and of the key also records its use.
  await requestAll()
  const requests: Load = {
    method: 'POST',
    urls: paths.map((path) => world.url + path),
    key,
    connections: 1,
  }
  return {
    load: requests,
    async roundTripsEach(): Promise<number> {
      await world.meter()
      await requestAll()
      const { round_trips } = await world.meter()
      return round_trips / paths.length
    },
  }
}
