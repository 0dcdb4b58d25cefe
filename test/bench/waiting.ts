/**
 * (l) Mailboxes whose tokens have all expired, fetched by five callers each at once, beside one caller each: what
 * the callers cost that wait for the refresh of another.
 */
import { AccessToken } from '../../schema/mail-account.ts'
import { createApi } from '../journeys/api.ts'
import { alternate, compare } from './blocks.ts'
import { startLab } from './lab.ts'
import { startMetered } from './metered.ts'
import { type Figure, ratioRow } from './table.ts'
import type { Bundle } from './workerd.ts'

const MAILBOXES = 98
const CALLERS = 5

export async function waiting(worker: Bundle, blocks: number): Promise<Figure> {
  // The copies share a refresh token, which a provider that tracks its use would revoke.
  const { product, stop } = await startLab(worker, { sandbox: true })
  try {
    const metered = await startMetered(product)
    try {
      const ids = await metered.addCopies({ count: MAILBOXES + 2, working: MAILBOXES })
      const db = await metered.db()
      const api = createApi(metered.url, product.key)
      const expired = async (callers: number): Promise<number> => {
        await db.prepare('UPDATE grants SET access_token_expires_at = 0').run()
        const paths = ids.map((id) => `/v1/mail-accounts/${id}/access-token`)
        const started = performance.now()
        const calls = Array.from({ length: callers }, () => paths).flat()
        const answers = await Promise.all(calls.map((path) => api.expect(200, 'POST', path)))
        const duration = performance.now() - started
        const refreshed = answers.filter((answer) => AccessToken.parse(answer).refreshed).length
        if (refreshed !== ids.length) throw new Error(`${refreshed} calls refreshed a token`)
        return duration
      }
      const times = await alternate(
        blocks,
        () => expired(CALLERS),
        () => expired(1),
      )
      const figure = `(l) ${MAILBOXES} expired mailboxes, ${CALLERS} callers each, ms`
      return {
        rows: [ratioRow(figure, compare(times.ours, times.baseline), { atMost: 1.5 })],
        notes: [
          '(l) baseline: one caller each. All call at once, and each token is refreshed once at the simulated Entra.',
        ],
      }
    } finally {
      await metered.stop()
    }
  } finally {
    await stop()
  }
}
