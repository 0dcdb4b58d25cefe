/** (j) Memory of one Node process with the API and the checker, after 1,000 logins through its API. */
import { createApi } from '../journeys/api.ts'
import type { BenchSetup } from './bench-setup.ts'
import { runTasks } from './blocks.ts'
import { startOwnServer } from './own-server.ts'
import { createKey, VALIDATIONS_PER_KEY, validate } from './product.ts'
import { type Figure, sizeRow } from './table.ts'

const MIB = 1024 * 1024
const PARALLEL = 8

export async function ownMemory({ product, servers }: BenchSetup, logins: number): Promise<Figure> {
  const own = await startOwnServer(product, servers)
  try {
    for (let done = 0; done < logins; done += VALIDATIONS_PER_KEY) {
      const api = createApi(own.url, await createKey(own.api, { scopes: ['write'] }))
      const pairs = Math.min(VALIDATIONS_PER_KEY, logins - done) / 2
      await runTasks(pairs, PARALLEL, () => validate(api, product))
    }
    const { rss } = await own.memory()
    return {
      rows: [
        sizeRow(`(j) Node: memory after ${logins} logins, MiB`, [rss / MIB, null], { atMost: 200 }),
      ],
      notes: [
        `(j) the whole product in one process: half of the logins IMAP, half SMTP, ${2 * PARALLEL} at once; resident set size.`,
      ],
    }
  } finally {
    await own.stop()
  }
}
