/**
 * (a) An access token from cache, by the root key and by an API key that is limited to accounts,
 * beside a bare Hono route that reads one row. Both in workerd, with the same rows; the load comes
 * from a process of its own.
 */
import { ApiKeyCreated } from '../../schema/api-key.ts'
import { AccessToken } from '../../schema/mail-account.ts'
import { alternate, compare } from './blocks.ts'
import type { Lab } from './lab.ts'
import { load, SECONDS } from './load.ts'
import { type Figure, ratioRow } from './table.ts'
import { bundle, copyRows, migrate, startWorkerd } from './workerd.ts'

const CONNECTIONS = 16

export async function handOut({ product }: Lab, blocks: number): Promise<Figure> {
  const floor = await startWorkerd(await bundle('test/bench/bare-worker.ts'))
  try {
    await migrate(floor)
    await copyRows(product.workerd, floor)
    const id = product.accounts.imap
    const issue = `/v1/mail-accounts/${id}/access-token`
    AccessToken.parse(await product.api.expect(200, 'POST', issue))
    const { key: limited = '' } = ApiKeyCreated.parse(
      await product.api.expect(201, 'POST', '/v1/api-keys', {
        name: 'Bench, mail worker',
        scopes: ['tokens'],
        mail_accounts: Object.values(product.accounts),
      }),
    )

    const read = `${floor.url}/mail-accounts/${id}`
    const rates = (key: string) =>
      alternate(
        blocks,
        () => load({ method: 'POST', urls: [product.url + issue], key, connections: CONNECTIONS }),
        () => load({ method: 'GET', urls: [read], connections: CONNECTIONS }),
      )
    const row = async (figure: string, key: string) => {
      const { ours, floor } = await rates(key)
      return ratioRow(figure, compare(ours, floor), { atLeast: 0.6 })
    }
    return {
      rows: [
        await row(`(a) hand-out from cache, req/s at ${CONNECTIONS} connections`, product.key),
        await row('    by an API key limited to accounts, req/s', limited),
      ],
      notes: [
        `(a) floor: a Hono route with one SELECT by primary key, in workerd like ours; ${blocks} blocks of ${SECONDS} s each.`,
        '    The first by ROOT_API_KEY, which is not in D1; a key of D1 is read together with the account.',
      ],
    }
  } finally {
    await floor.stop()
  }
}
