/**
 * (h) Fetching a cached access token from Mailgrant in Node with an API key limited to accounts, beside the same in
 * workerd, and beside a route of node:http that hashes the key, reads one row, decrypts the token and responds.
 */
import { hashSecret } from '../../api/hash.ts'
import { freePorts } from '../interop/ports.ts'
import { createApi } from '../journeys/api.ts'
import type { BenchSetup } from './bench-setup.ts'
import { alternate, compare } from './blocks.ts'
import { startChild } from './child.ts'
import { BLOCK_SECONDS, load } from './load.ts'
import { type OwnServer, startOwnServer } from './own-server.ts'
import { createKey } from './product.ts'
import { type Figure, ratioRow } from './table.ts'

const CONNECTIONS = 16

export async function ownTokenIssue(
  { product, servers }: BenchSetup,
  blocks: number,
): Promise<Figure> {
  const id = product.accounts.imap
  const path = `/v1/mail-accounts/${id}/access-token`
  // A token and a recent use of it, before the rows are copied.
  await product.api.expect(200, 'POST', path)
  const key = await createKey(product.api, {
    scopes: ['tokens'],
    mail_accounts: Object.values(product.accounts),
  })
  const own = await startOwnServer(product, servers)
  const bare = await startBare(own, key)
  const rate = (url: string) => () =>
    load({ method: 'POST', urls: [url + path], key, connections: CONNECTIONS })
  const row = async (figure: string, baseline: string, atLeast: number) => {
    const rates = await alternate(blocks, rate(own.url), rate(baseline))
    return ratioRow(figure, compare(rates.ours, rates.baseline), { atLeast })
  }
  try {
    const responses = await Promise.all(
      [own.url, bare.url].map((url) => createApi(url, key).expect(200, 'POST', path)),
    )
    // A second can pass between the two responses, so `expires_in` is not compared.
    const [response, bareResponse] = responses.map((found) =>
      JSON.stringify({ ...found, expires_in: 0 }),
    )
    if (response !== bareResponse) {
      throw new Error('the bare route responds differently')
    }
    return {
      rows: [
        await row('(h) Node: cached access token, beside workerd, req/s', product.url, 1),
        await row('    beside a bare route of node:http, req/s', bare.url, 0.4),
      ],
      notes: [
        `(h) the bundle in one Node process with the same rows as workerd, ${CONNECTIONS} connections, an API key limited to`,
        `    accounts; ${blocks} blocks of ${BLOCK_SECONDS} s each. The bare route hashes the key, reads one row, decrypts the token and responds.`,
      ],
    }
  } finally {
    await Promise.all([own.stop(), bare.stop()])
  }
}

async function startBare({ database, encryptionKeys }: OwnServer, key: string) {
  const [port = 0] = await freePorts(1)
  const child = startChild('bare-node.ts', {
    args: [String(port), database, hashSecret(key.slice(-43))],
    env: { ENCRYPTION_KEYS: encryptionKeys },
  })
  await child.firstMessage
  return { url: `http://127.0.0.1:${port}`, stop: child.stop }
}
