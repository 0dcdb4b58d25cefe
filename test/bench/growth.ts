/**
 * (f) The hand-out with 100 mail accounts in D1 and with 100,000, each with a grant of its own: time and
 * round trips to D1. By an API key that is limited to 100 of them, which are asked for in turn.
 */
import { ApiKeyCreated } from '../../schema/api-key.ts'
import { createApi } from '../journeys/api.ts'
import { alternate, compare } from './blocks.ts'
import type { Lab } from './lab.ts'
import { type Load, load } from './load.ts'
import { type Metered, startMetered } from './metered.ts'
import { type Figure, ratioRow, sizeRow } from './table.ts'

const FEW = 100
const MANY = 100_000
/** All of the few but the product's own two, and as many of the many. */
const ASKED = FEW - 2

export async function growth(lab: Lab, blocks: number): Promise<Figure> {
  const worlds: Metered[] = []
  try {
    const few = await startCrowd(lab, FEW, worlds)
    const many = await startCrowd(lab, MANY, worlds)
    const rates = await alternate(
      blocks,
      () => load(many.orders),
      () => load(few.orders),
    )
    const ms = (rate: number) => 1000 / rate
    const trips = [await many.tripsOfEach(), await few.tripsOfEach()] as const
    return {
      rows: [
        ratioRow(
          `(f) hand-out with ${MANY} accounts, ms`,
          compare(rates.ours.map(ms), rates.floor.map(ms)),
          { atMost: 1.2 },
        ),
        sizeRow('    round trips to D1 of each', trips, { atMost: trips[1] }),
      ],
      notes: [
        `(f) "floor" is the same with ${FEW} accounts. From cache, one after the other, by a key that is limited`,
        `    to ${ASKED} accounts, asked for in turn. The rows are as large as real ones.`,
      ],
    }
  } finally {
    for (const world of worlds) await world.stop()
  }
}

/** Remembers what it starts, also when a later part fails. */
async function startCrowd({ product }: Lab, count: number, started: Metered[]) {
  const world = await startMetered(product)
  started.push(world)
  const accounts = await world.addCopies({ count, openable: ASKED })
  const root = createApi(world.url, product.key)
  const wish = { name: 'Bench, mail worker', scopes: ['tokens'], mail_accounts: accounts }
  const { key = '' } = ApiKeyCreated.parse(await root.expect(201, 'POST', '/v1/api-keys', wish))
  const worker = createApi(world.url, key)
  const paths = accounts.map((id) => `/v1/mail-accounts/${id}/access-token`)

  async function each(): Promise<void> {
    for (const path of paths) await worker.expect(200, 'POST', path)
  }
  // The first one of each account, and of the key, notes that it was used.
  await each()
  const orders: Load = {
    method: 'POST',
    urls: paths.map((path) => world.url + path),
    key,
    connections: 1,
  }
  return {
    orders,
    async tripsOfEach(): Promise<number> {
      await world.meter()
      await each()
      const { round_trips } = await world.meter()
      return round_trips / paths.length
    },
  }
}
