/** Daily histories (UTC) of one email account, and of all accounts that a caller may see. */
import type { ListQuery } from '../../../schema/common.ts'
import { DAY_MS } from '../../../schema/durations.ts'
import type { DayState, HistoryDay, MailAccountHistory } from '../../../schema/history.ts'
import type { TokenUse, TokenUseList } from '../../../schema/token-use.ts'
import { byScope, isLimited } from '../../model/access.ts'
import type { AccountDay, Day } from '../../model/event.ts'
import { accountHealth, type LoadedMailAccount } from '../../model/loaded-mail-account.ts'
import { ok, type Result } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { diagnoseValidation } from '../failures/login.ts'
import { noSuchAccount } from '../mail-accounts/mail-accounts.ts'
import { buildTimeline, groupChecks } from './timeline.ts'

/** Returns the last `count` days of an account, with its events and validations. */
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
  return ok({
    days: daysOf(account, days, found.days),
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
        // A customer sees its own keys. Uses by other keys are listed without key and address.
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

/** Reads the days of these accounts. Returns a function from an account to the states of its last days. */
export async function readDayStates(
  { store, now }: Services,
  accounts: readonly LoadedMailAccount[],
  count: number,
): Promise<(account: LoadedMailAccount) => DayState[]> {
  const days = lastDays(count, now())
  const ids = accounts.map(({ id }) => id)
  const found = Map.groupBy(
    await store.history.readDays(ids, days[0] ?? 0),
    ({ subject }) => subject,
  )
  return (account) => daysOf(account, days, found.get(account.id) ?? []).map(({ state }) => state)
}

/** Returns the state of the account on each of these days, the last of which is today. */
function daysOf(
  account: LoadedMailAccount,
  days: readonly Day[],
  counted: readonly AccountDay[],
): HistoryDay[] {
  // The schedule marks waiting accounts within a minute, but the page shows it at once.
  const health = accountHealth(account)
  const waits = health === 'reconnect_required' || health === 'blocked'
  const byDay = new Map(counted.map((one) => [one.day, one]))
  return days.map((day) => {
    const { passed = 0, failed = 0, inconclusive = 0, waited = 0 } = byDay.get(day) ?? {}
    const hasWaited = waited > 0 || (waits && day === days.at(-1))
    const state = hasWaited
      ? 'waited'
      : failed > 0
        ? 'failed'
        : passed > 0
          ? 'worked'
          : 'not_checked'
    return { date: dateOf(day), state, passed, failed, inconclusive }
  })
}

/** Returns the last `count` days of all accounts in the caller's access scope. */
export async function readHistory({ store, now }: Services, { accessScope }: Call, count: number) {
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
        // Counts the whole deployment.
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
