/**
 * (l) The cost of waiting for the refresh of another caller: the tokens of many mailboxes have expired, and five callers
 * fetch each of them at once. Compared with one caller each, alone and while the other four fetch stored tokens of further
 * mailboxes: waiting should cost no more than fetching a stored token.
 */
import { AccessToken } from '../../schema/mail-account.ts'
import { createApi } from '../journeys/api.ts'
import { startLab } from './bench-setup.ts'
import { alternate, compare } from './blocks.ts'
import { startMetered } from './metered.ts'
import { type Figure, ratioRow } from './table.ts'
import type { Bundle } from './workerd.ts'

const MAILBOXES = 98
const CALLERS = 5

/** Returns the list once for every caller but the first. */
const repeat = (mailboxes: readonly string[]) =>
  Array.from({ length: CALLERS - 1 }, () => mailboxes)

export async function waiting(worker: Bundle, blocks: number): Promise<Figure> {
  // The copies share a refresh token, which a provider that tracks its use would revoke.
  const { product, stop } = await startLab(worker, { sandbox: true })
  try {
    const metered = await startMetered(product)
    try {
      const all = await metered.addCopies({ count: 2 * MAILBOXES + 2, working: 2 * MAILBOXES })
      const [expiring, fresh] = [all.slice(0, MAILBOXES), all.slice(MAILBOXES)]
      const db = await metered.db()
      const api = createApi(metered.url, product.key)
      const expire = db
        .prepare(
          `UPDATE grant_tokens SET access_token_expires_at = 0 WHERE grant_id IN (
            SELECT grant_id FROM mail_accounts JOIN json_each(?) ON mail_accounts.id = value)`,
        )
        .bind(JSON.stringify(expiring))
      /** Returns how long it takes until all callers have their tokens, in milliseconds. */
      const fetchTokens = async (callers: readonly string[]): Promise<number> => {
        await expire.run()
        const started = performance.now()
        const responses = await Promise.all(
          callers.map((id) => api.expect(200, 'POST', `/v1/mail-accounts/${id}/access-token`)),
        )
        const duration = performance.now() - started
        const refreshed = responses.filter(
          (response) => AccessToken.parse(response).refreshed,
        ).length
        if (refreshed !== MAILBOXES) throw new Error(`${refreshed} calls refreshed a token`)
        return duration
      }
      const five = () => fetchTokens([expiring, ...repeat(expiring)].flat())
      const besideStored = await alternate(blocks, five, () =>
        fetchTokens([expiring, ...repeat(fresh)].flat()),
      )
      const besideOne = await alternate(blocks, five, () => fetchTokens(expiring))
      return {
        rows: [
          ratioRow(
            `(l) ${MAILBOXES} expired mailboxes, ${CALLERS} callers each, ms`,
            compare(besideStored.ours, besideStored.baseline),
            { atMost: 1.1 },
          ),
          ratioRow('    beside one caller each, ms', compare(besideOne.ours, besideOne.baseline)),
        ],
        notes: [
          '(l) baseline: one caller each, while the other four fetch stored tokens of further mailboxes. All call at once,',
          '    and each token is refreshed once at the simulated Entra. The second row, without those four, grows as a',
          '    refresh gets cheaper.',
        ],
      }
    } finally {
      await metered.stop()
    }
  } finally {
    await stop()
  }
}
