/**
 * (m) Waiting times of people and programs if the Worker is far from its database: a sign-in, a validation, a save and
 * access tokens, with each call to D1 delayed by 50 ms, beside the same requests without the delay.
 */
import { randomUUID } from 'node:crypto'
import { Authorization, AuthorizationCreated } from '../../schema/authorization.ts'
import { AccessToken, MailAccount } from '../../schema/mail-account.ts'
import { createApi } from '../journeys/api.ts'
import { plainHttp } from '../sandbox/plain-http.ts'
import { type BenchSetup, startLab } from './bench-setup.ts'
import { alternate, type Comparison, compare } from './blocks.ts'
import { bundleMetered } from './metered.ts'
import { createKey, signIn } from './product.ts'
import { type Figure, type Row, ratioRow } from './table.ts'

const DELAY_MS = 50

const PAGES: Record<string, string> = {
  'GET /oauth/microsoft/authorize': 'page of the sign-in link',
  'POST /oauth/microsoft/authorize': 'Continue on that page',
  'GET /oauth/microsoft/callback': 'callback of the sign-in',
}

/** Milliseconds of each operation, in the order of the requests. */
type Times = Map<string, number>

export async function farDatabase(blocks: number): Promise<Figure> {
  // The sandbox responds at once, and its refresh tokens may be used many times.
  const setup = await startLab(await bundleMetered(), { sandbox: true })
  try {
    const { product } = setup
    const key = await createKey(product.api, { scopes: ['admin'] })
    const timesAt = async (ms: number): Promise<Times> => {
      await product.api.expect(200, 'POST', '/meter/delay', { ms })
      return connectMailbox(setup, key)
    }
    const times = await alternate(
      blocks,
      () => timesAt(DELAY_MS),
      () => timesAt(0),
    )
    const operations = [...(times.ours[0]?.keys() ?? [])]
    const durations = (runs: readonly Times[], operation: string) =>
      runs.map((run) => run.get(operation) ?? Number.NaN)
    const rows = operations.map((operation, index) =>
      tripsRow(
        `${index === 0 ? '(m)' : '   '} D1 ${DELAY_MS} ms away: ${operation}, ms`,
        compare(durations(times.ours, operation), durations(times.baseline, operation)),
      ),
    )
    return {
      rows,
      notes: [
        `(m) each call to D1 takes ${DELAY_MS} ms longer. baseline: the same requests without the delay, both on the sandbox.`,
        `    "trips": the difference from the baseline divided by ${DELAY_MS} ms, the calls to D1 that the response waits for one after the other.`,
        '    Other load on the machine adds to it; test/api/round-trips.test.ts counts exactly.',
      ],
    }
  } finally {
    await setup.stop()
  }
}

/** Builds a row without a target, with the number of trips to D1 in place of the ratio. */
const tripsRow = (figure: string, comparison: Comparison): Row => ({
  ...ratioRow(figure, comparison),
  ratio: `${(comparison.difference.median / DELAY_MS).toFixed(2)} trips`,
})

/** Signs in, validates, saves and fetches tokens, one request after the other. */
async function connectMailbox({ product, servers }: BenchSetup, key: string): Promise<Times> {
  const api = createApi(product.url, key)
  const times: Times = new Map()
  async function timed<Result>(operation: string, call: () => Promise<Result>): Promise<Result> {
    const started = performance.now()
    const result = await call()
    times.set(operation, performance.now() - started)
    return result
  }

  const { username } = servers
  const created = AuthorizationCreated.parse(
    await timed('create an authorization', () =>
      api.expect(201, 'POST', '/v1/authorizations', { provider: 'microsoft', username }),
    ),
  )
  await signIn(created.url, servers, (url, init) => {
    const { origin, pathname } = new URL(url)
    const visit = () => plainHttp(url, init)
    if (origin !== product.settings.PUBLIC_URL) return visit()
    const request = `${init.method} ${pathname}`
    return timed(PAGES[request] ?? request, visit)
  })
  const authorization = Authorization.parse(
    await api.expect(200, 'GET', `/v1/authorizations/${created.id}`),
  )
  const grant = authorization.status === 'completed' && authorization.grant
  if (!grant) throw new Error('the sign-in created no grant')

  const form = {
    ...servers.imap,
    owner: { type: 'department', id: `dep_${randomUUID()}` },
    username,
    authentication: { type: 'oauth', provider: 'microsoft', grant_id: grant.id },
  }
  const validate = async (operation: string, path: string, body?: object) => {
    const { outcome } = await timed(operation, () => api.expect(201, 'POST', path, body))
    if (outcome !== 'passed') throw new Error(`${operation}: ${outcome}`)
  }
  const save = async (operation: string, headers?: Record<string, string>) =>
    MailAccount.parse(
      await timed(operation, () => api.expect(201, 'POST', '/v1/mail-accounts', form, headers)),
    ).id
  const fetchToken = async (operation: string, id: string) =>
    AccessToken.parse(
      await timed(operation, () => api.expect(200, 'POST', `/v1/mail-accounts/${id}/access-token`)),
    )

  await validate('validate a form', '/v1/validations', form)
  const id = await save('save')
  await save('save with an Idempotency-Key', { 'idempotency-key': randomUUID() })
  await validate('validate a saved account', `/v1/mail-accounts/${id}/validate`)
  await timed('replace a saved account', () =>
    api.expect(200, 'PUT', `/v1/mail-accounts/${id}`, { ...form, name: 'Help desk' }),
  )
  const cached = await fetchToken('cached access token', id)
  const db = await product.workerd.db()
  await db.prepare('UPDATE grant_tokens SET access_token_expires_at = 0').run()
  const refreshed = await fetchToken('access token with a refresh', id)
  if (cached.refreshed || !refreshed.refreshed) throw new Error('the wrong token was refreshed')
  return times
}
