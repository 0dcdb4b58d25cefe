/** The Worker with its counters (metered-worker.ts), the rows of a product, and copies of them. */
import { z } from 'zod'
import type { Product } from './product.ts'
import { bundle, copyRows, migrate, startWorkerd, type Workerd } from './workerd.ts'

const Meter = z.object({ round_trips: z.int(), queries: z.int(), fetches: z.int() })
export type Meter = z.infer<typeof Meter>

export type Metered = Workerd & {
  /** Returns the calls to D1 and the network since the last call. */
  meter: () => Promise<Meter>
  /** Runs the maintenance once. Returns its calls to D1 and the network. */
  runMaintenance: () => Promise<Meter>
  /** Adds copies of the product's IMAP account. Returns the IDs of those that work. See copies.ts. */
  addCopies: (copies: { count: number; working: number }) => Promise<string[]>
}

let bundled: ReturnType<typeof bundle> | undefined
export const bundleMetered = () => (bundled ??= bundle('test/bench/metered-worker.ts'))

/** Starts a metered Worker with all rows of this product and its settings, unless overridden. */
export async function startMetered(
  product: Product,
  settings: Record<string, string> = {},
): Promise<Metered> {
  const workerd = await startWorkerd(await bundleMetered(), { ...product.settings, ...settings })
  async function post(path: string, body: object = {}): Promise<unknown> {
    const init = { method: 'POST', body: JSON.stringify(body) }
    const response = await fetch(workerd.url + path, init)
    if (!response.ok) throw new Error(`${path} returned ${response.status}`)
    return response.json()
  }
  try {
    await migrate(workerd)
    await copyRows(product.workerd, workerd)
    return {
      ...workerd,
      meter: async () => Meter.parse(await post('/meter')),
      runMaintenance: async () => Meter.parse(await post('/meter/maintenance')),
      addCopies: async (copies) =>
        z
          .array(z.string())
          .parse(await post('/meter/copies', { ...copies, original: product.accounts.imap })),
    }
  } catch (error) {
    await workerd.stop()
    throw error
  }
}
