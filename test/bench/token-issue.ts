/**
 * (a) Fetching a cached access token, with the root key and with an API key limited to accounts, beside a
 * minimal Hono route that reads one row. Both run in workerd with the same rows; a separate process
 * generates the load.
 */
import { AccessToken } from '../../schema/mail-account.ts'
import type { BenchSetup } from './bench-setup.ts'
import { alternate, compare } from './blocks.ts'
import { BLOCK_SECONDS, load } from './load.ts'
import { addGraphAccount, createKey } from './product.ts'
import { type Figure, ratioRow } from './table.ts'
import { bundle, copyRows, migrate, startWorkerd } from './workerd.ts'

const CONNECTIONS = 16

export async function tokenIssue(
  { product, servers }: BenchSetup,
  blocks: number,
): Promise<Figure> {
  const baseline = await startWorkerd(await bundle('test/bench/bare-worker.ts'))
  try {
    await migrate(baseline)
    await copyRows(product.workerd, baseline)
    const id = product.accounts.imap
    const graph = await addGraphAccount(product, servers)
    const pathOf = (account: string) => `/v1/mail-accounts/${account}/access-token`
    for (const account of [id, graph]) {
      AccessToken.parse(await product.api.expect(200, 'POST', pathOf(account)))
    }
    const limited = await createKey(product.api, {
      scopes: ['tokens'],
      mail_accounts: [...Object.values(product.accounts), graph],
    })

    const read = `${baseline.url}/mail-accounts/${id}`
    const tokens = (account: string, key: string) => () =>
      load({ method: 'POST', urls: [product.url + pathOf(account)], key, connections: CONNECTIONS })
    const bare = () => load({ method: 'GET', urls: [read], connections: CONNECTIONS })
    const row = async (
      figure: string,
      fetched: typeof bare,
      beside: typeof bare,
      atLeast: number,
    ) => {
      const { ours, baseline } = await alternate(blocks, fetched, beside)
      return ratioRow(figure, compare(ours, baseline), { atLeast })
    }
    return {
      rows: [
        await row(
          `(a) cached access token, req/s at ${CONNECTIONS} connections`,
          tokens(id, product.key),
          bare,
          0.6,
        ),
        await row('    with an API key limited to accounts, req/s', tokens(id, limited), bare, 0.6),
        await row(
          '    for Graph, beside one for IMAP, req/s',
          tokens(graph, limited),
          tokens(id, limited),
          0.9,
        ),
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
