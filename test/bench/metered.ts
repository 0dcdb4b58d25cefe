/** The Worker with its meter (metered-worker.ts), with the rows of a product and copies of them. */
import { z } from 'zod'
import type { Product } from './product.ts'
import { bundle, copyRows, migrate, startWorkerd, type Workerd } from './workerd.ts'

const Meter = z.object({ round_trips: z.int(), queries: z.int(), fetches: z.int() })
export type Meter = z.infer<typeof Meter>

export type Metered = Workerd & {
  /** What was asked of D1 and of the network since the last time. */
  meter: () => Promise<Meter>
  /** One run of the hourly upkeep, and what it asked for. */
  upkeep: () => Promise<Meter>
  /** Adds copies of the product's IMAP account; the ids of those that work. See copies.ts. */
  addCopies: (wish: { count: number; openable: number }) => Promise<string[]>
}

let bundled: ReturnType<typeof bundle> | undefined

/** With all rows of this product, whose settings are its own unless they are replaced. */
export async function startMetered(
  product: Product,
  settings: Record<string, string> = {},
): Promise<Metered> {
  bundled ??= bundle('test/bench/metered-worker.ts')
  const workerd = await startWorkerd(await bundled, { ...product.settings, ...settings })
  async function ask(path: string, body: object = {}): Promise<unknown> {
    const init = { method: 'POST', body: JSON.stringify(body) }
    const response = await fetch(workerd.url + path, init)
    if (!response.ok) throw new Error(`${path} answered ${response.status}`)
    return response.json()
  }
  try {
    await migrate(workerd)
    await copyRows(product.workerd, workerd)
    return {
      ...workerd,
      meter: async () => Meter.parse(await ask('/meter')),
      upkeep: async () => Meter.parse(await ask('/meter/upkeep')),
      addCopies: async (wish) =>
        z
          .array(z.string())
          .parse(await ask('/meter/copies', { ...wish, original: product.accounts.imap })),
    }
  } catch (error) {
    await workerd.stop()
    throw error
  }
}
