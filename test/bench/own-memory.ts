/** (j) Memory of the own server, checker included, after 1,000 logins through its API. */
import { ApiKeyCreated } from '../../schema/api-key.ts'
import { createApi } from '../journeys/api.ts'
import { runTasks } from './blocks.ts'
import type { Lab } from './lab.ts'
import { type OwnServer, startOwnServer } from './own-server.ts'
import { type Figure, sizeRow } from './table.ts'

const MIB = 1024 * 1024
const PARALLEL = 8
/** Below the limit of validations per minute and key. */
const VALIDATIONS_PER_KEY = 250

export async function ownMemory({ product, servers }: Lab, logins: number): Promise<Figure> {
  const own = await startOwnServer(product, servers)
  try {
    for (let done = 0; done < logins; done += VALIDATIONS_PER_KEY) {
      const api = createApi(own.url, await createKey(own))
      const pairs = Math.min(VALIDATIONS_PER_KEY, logins - done) / 2
      await runTasks(pairs, PARALLEL, () =>
        Promise.all([validate(api, product.accounts.imap), validate(api, product.accounts.smtp)]),
      )
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

async function createKey({ api }: OwnServer): Promise<string> {
  const request = { name: 'Bench, validations', scopes: ['write'] }
  return ApiKeyCreated.parse(await api.expect(201, 'POST', '/v1/api-keys', request)).key ?? ''
}

async function validate(api: ReturnType<typeof createApi>, account: string): Promise<void> {
  const path = `/v1/mail-accounts/${account}/validate`
  const { outcome } = await api.expect(201, 'POST', path)
  if (outcome !== 'passed') throw new Error(`a validation by the own server was ${outcome}`)
}
