/**
 * (k) Delay of the event loop in Node while the product's checker logs in at every mail server of the hostile suite,
 * since the API responds from the same thread.
 */
import { MailAccount } from '../../schema/mail-account.ts'
import { createApi } from '../journeys/api.ts'
import type { BenchSetup } from './bench-setup.ts'
import { runTasks } from './blocks.ts'
import { type Delay, startChild } from './child.ts'
import { startOwnServer } from './own-server.ts'
import { createKey, VALIDATIONS_PER_KEY } from './product.ts'
import type { Server } from './servers.ts'
import { type Figure, informationRow, sizeRow } from './table.ts'

/** First message of the process with the hostile servers. */
export type Hostile = { caFile: string; servers: Server[] }

/** Validations at once, as many as one API key may run. */
const PARALLEL = 64

export async function eventLoop({ product, servers }: BenchSetup, every: number): Promise<Figure> {
  const hostile = startChild('hostile-process.ts', {})
  const idle = startChild('idle-process.ts', {})
  try {
    const { caFile, servers: all } = (await hostile.firstMessage) as Hostile
    await idle.firstMessage
    const attacked = all.filter((_, at) => at % every === 0)
    const own = await startOwnServer(product, servers, {
      NODE_EXTRA_CA_CERTS: caFile,
      EXTRA_OAUTH_MAIL_HOSTS: [
        servers.extraMailHosts,
        ...attacked.map((server) =>
          [server.protocol, server.host, server.port, server.security].join(':'),
        ),
      ].join(),
      PROBES_PER_HOST: String(PARALLEL),
    })
    try {
      const saved = await own.api.expect(200, 'GET', `/v1/mail-accounts/${product.accounts.imap}`)
      const { authentication } = MailAccount.parse(saved)
      const keys: string[] = []
      for (let count = 0; count < attacked.length; count += VALIDATIONS_PER_KEY) {
        keys.push(await createKey(own.api, { scopes: ['write'] }))
      }
      const api = keys.map((key) => createApi(own.url, key))
      let next = 0
      await Promise.all([own.watchDelay(), idle.request('watch delay')])
      await runTasks(attacked.length, PARALLEL, async () => {
        const index = next++
        const server = attacked[index]
        if (!server) return
        const form = {
          ...server,
          owner: server.protocol === 'imap' ? { type: 'department', id: 'd' } : { type: 'global' },
          username: servers.username,
          authentication,
        }
        const caller = api[Math.floor(index / VALIDATIONS_PER_KEY)]
        const { outcome } = (await caller?.expect(201, 'POST', '/v1/validations', form)) ?? {}
        if (outcome === 'passed') throw new Error(`a login passed at ${JSON.stringify(server)}`)
      })
      const [ours, baseline] = await Promise.all([
        own.delay(),
        idle.request('delay') as Promise<Delay>,
      ])
      return {
        rows: [
          sizeRow(
            '(k) Node: event-loop delay beside hostile mail servers, p99 ms',
            [ours.p99, baseline.p99],
            {
              atMost: 50,
            },
          ),
          informationRow('    longest, ms', { median: ours.max, min: ours.max, max: ours.max }),
        ],
        notes: [
          `(k) ${attacked.length} logins at hostile mail servers, ${PARALLEL} at once, through POST /v1/validations. baseline: a process`,
          '    that does nothing meanwhile, which shows the delay that is due to the machine.',
        ],
      }
    } finally {
      await own.stop()
    }
  } finally {
    await Promise.all([hostile.stop(), idle.stop()])
  }
}
