/**
 * (a) Fetching a cached access token, with the root key and with an API key limited to accounts, beside a
 * minimal Hono route that reads one row. Both run in workerd with the same rows; a separate process
 * generates the load.
 */
import { AccessToken } from '../../schema/mail-account.ts'
import { alternate, compare } from './blocks.ts'
import type { Lab } from './lab.ts'
import { BLOCK_SECONDS, load } from './load.ts'
import { createKey } from './product.ts'
import { type Figure, ratioRow } from './table.ts'
import { bundle, copyRows, migrate, startWorkerd } from './workerd.ts'

const CONNECTIONS = 16

export async function handOut({ product }: Lab, blocks: number): Promise<Figure> {
  const baseline = await startWorkerd(await bundle('test/bench/bare-worker.ts'))
  try {
    await migrate(baseline)
    await copyRows(product.workerd, baseline)
    const id = product.accounts.imap
    const tokenPath = `/v1/mail-accounts/${id}/access-token`
    AccessToken.parse(await product.api.expect(200, 'POST', tokenPath))
    const limited = await createKey(product.api, {
      scopes: ['tokens'],
      mail_accounts: Object.values(product.accounts),
    })

    const read = `${baseline.url}/mail-accounts/${id}`
    const rates = (key: string) =>
      alternate(
        blocks,
        () =>
          load({ method: 'POST', urls: [product.url + tokenPath], key, connections: CONNECTIONS }),
        () => load({ method: 'GET', urls: [read], connections: CONNECTIONS }),
      )
    const row = async (figure: string, key: string) => {
      const { ours, baseline } = await rates(key)
      return ratioRow(figure, compare(ours, baseline), { atLeast: 0.6 })
    }
    return {
      rows: [
        await row(`(a) cached access token, req/s at ${CONNECTIONS} connections`, product.key),
        await row('    with an API key limited to accounts, req/s', limited),
      ],
      notes: [
        `(a) baseline: a Hono route with one SELECT by primary key, in workerd like ours; ${blocks} blocks of ${BLOCK_SECONDS} s each.`,
        '    The first row uses ROOT_API_KEY, which is not in D1; an API key is read together with the account.',
      ],
    }
  } finally {
    await baseline.stop()
  }
}
