/** Histories by day, UTC, of one email account, and of all that a caller may see. */

import type { ListQuery } from '../../../schema/common.ts'
import { DAY_MS } from '../../../schema/durations.ts'
import type { History, HistoryDay, MailAccountHistory } from '../../../schema/history.ts'
import type { TokenUse, TokenUseList } from '../../../schema/token-use.ts'
import { byScope, isLimited } from '../../model/access.ts'
import type { AccountDay, Day } from '../../model/event.ts'
import { accountHealth } from '../../model/loaded-mail-account.ts'
import { ok, type Result } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { diagnoseValidation } from '../failures/login.ts'
import { noSuchAccount } from '../mail-accounts/mail-accounts.ts'
import { buildTimeline, groupChecks } from './timeline.ts'

export async function readAccountHistory(
  services: Services,
  call: Call,
  id: string,
  count: number,
): Promise<Result<MailAccountHistory>> {
  const { store, now, settings } = services
  const days = lastDays(count, now())
  const [first = 0] = days
  const from = new Date(first * DAY_MS)
  const [account, found] = await Promise.all([
    store.mailAccounts.read(id, call.accessScope),
    store.history.readAccount(id, from, first, call.accessScope),
  ])
  if (!account) return noSuchAccount
  const runs = groupChecks(found.checks)
  const causes = found.failures.flatMap((validation): [number, string][] => {
    const title = diagnoseValidation(validation, settings)?.candidates[0]?.title
    return title === undefined ? [] : [[validation.checkedAt.getTime(), title]]
  })
  // The schedule marks waiting accounts within a minute; the page shows it at once.
  const health = accountHealth(account)
  const waits = health === 'reconnect_required' || health === 'blocked'
  const byDay = new Map(found.days.map((day) => [day.day, day]))
  return ok({
    days: days.map((day) =>
      dayView(byDay.get(day) ?? { ...NOTHING, day }, waits && day === dayOf(now())),
    ),
    entries: buildTimeline(account, found.events, runs, {
      from,
      anonymous: isLimited(call.accessScope),
      causes: new Map(causes),
    }),
  })
}

/** Lists who fetched access tokens of the account, the newest day first. */
export async function listTokenUses(
  { store }: Services,
  { accessScope }: Call,
  id: string,
  query: ListQuery,
): Promise<Result<TokenUseList>> {
  const [account, page] = await Promise.all([
    store.mailAccounts.read(id, accessScope),
    store.tokenUses.list(id, query, accessScope),
  ])
  if (!account) return noSuchAccount
  return ok({
    data: page.data.map((use) => ({
      ...byScope<Pick<TokenUse, 'key' | 'key_name' | 'address'>>(accessScope, {
        all: () => ({ key: use.keyId, key_name: use.keyName, address: use.address }),
        mail_accounts: () => ({ key: use.keyId, key_name: null, address: use.address }),
        // The operator fetched it, or the customer that the account belonged to then.
        customer: ({ customer }) =>
          use.keyCustomer === customer
            ? { key: use.keyId, key_name: null, address: use.address }
            : { key: null, key_name: null, address: null },
      }),
      first_at: use.firstAt.toISOString(),
      last_at: use.lastAt.toISOString(),
      count: use.count,
    })),
    next_cursor: page.nextCursor,
  })
}

const NOTHING = { passed: 0, failed: 0, inconclusive: 0, waited: false }

function dayView(
  { day, passed, failed, inconclusive, waited }: AccountDay,
  waits: boolean,
): HistoryDay {
  const state =
    waited || waits ? 'waited' : failed > 0 ? 'failed' : passed > 0 ? 'worked' : 'not_checked'
  return { date: dateOf(day), state, passed, failed, inconclusive }
}

export async function readHistory(
  { store, now }: Services,
  { accessScope }: Call,
  count: number,
): Promise<History> {
  const days = lastDays(count, now())
  const found = await store.history.readDeployment(days[0] ?? 0, accessScope)
  const byDay = new Map(found.map((day) => [day.day, day]))
  return {
    days: days.map((day) => {
      const { passed = 0, failed = 0, inconclusive = 0, waited = 0, tokens } = byDay.get(day) ?? {}
      return {
        date: dateOf(day),
        passed,
        failed,
        inconclusive,
        waited,
        token_requests: isLimited(accessScope)
          ? null
          : (tokens ?? { succeeded: 0, refused: 0, failed: 0 }),
      }
    }),
  }
}

export const dayOf = (time: Date): Day => Math.floor(time.getTime() / DAY_MS)

/** Formats a day as `2026-11-26`. */
const dateOf = (day: Day): string => new Date(day * DAY_MS).toISOString().slice(0, 10)

/** Returns the last `count` days, oldest first; the last one is that of `now`. */
export const lastDays = (count: number, now: Date): Day[] =>
  Array.from({ length: count }, (_, index) => dayOf(now) - count + 1 + index)
