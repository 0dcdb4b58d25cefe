import { describe, expect, it } from 'vitest'
import {
  HEALTH_BY_URGENCY,
  type MailAccount,
  type MailAccountSort,
} from '../../../schema/mail-account.ts'
import { tenthOf } from '../../sample.ts'
import { insertAccounts, mixedWorld, page, pages } from '../account-rows.ts'
import { createMailWorld } from '../mail-world.ts'
import { rows } from '../sql.ts'

const urgency = ({ health }: MailAccount) => HEALTH_BY_URGENCY.indexOf(health)
const lowered = ({ username }: MailAccount) => username.toLowerCase()
const compareText = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
const created = ({ created_at }: MailAccount) => Date.parse(created_at)
const checked = ({ last_validation }: MailAccount) =>
  Date.parse(last_validation?.checked_at ?? '') || 0

/** The orders, by creation time and id where accounts tie. */
const orders: Record<string, (a: MailAccount, b: MailAccount) => number> = {
  created_at: (a, b) => created(a) - created(b) || compareText(a.id, b.id),
  username: (a, b) =>
    compareText(lowered(a), lowered(b)) || created(a) - created(b) || compareText(a.id, b.id),
  health: (a, b) => urgency(a) - urgency(b) || created(b) - created(a) || compareText(b.id, a.id),
  checked_at: (a, b) =>
    checked(a) - checked(b) || created(a) - created(b) || compareText(a.id, b.id),
}

describe('the sorted list of mail accounts', () => {
  it('has every account once and in order, with any filter, on pages of any size', async () => {
    const { world, every, mail_accounts, restricted } = await mixedWorld()
    const some = every.filter(({ id }) => mail_accounts.includes(id))
    const callers = [
      { call: world.call, all: every },
      { call: restricted, all: some },
    ]
    expect(new Set(every.map(({ health }) => health)).size).toBe(6)
    const urgent = ['failing', 'blocked']
    const filters: [string, (account: MailAccount) => boolean][] = [
      ['', () => true],
      ['&protocol=smtp', ({ protocol }) => protocol === 'smtp'],
      ['&username=user3@example.org', (account) => lowered(account) === 'user3@example.org'],
      ['&health=failing,blocked', ({ health }) => urgent.includes(health)],
      ['&q=SER3', (account) => lowered(account).includes('ser3')],
      ['&q=user&health=failing,blocked&owner_id=dep_1', ({ health }) => urgent.includes(health)],
    ]
    const cases = Object.entries(orders).flatMap(([sort, compare]) =>
      filters.flatMap(([filter, matches]) =>
        callers.flatMap((caller) =>
          [7, 60].map((limit) => ({ sort, compare, filter, matches, ...caller, limit })),
        ),
      ),
    )
    for (const { sort, compare, filter, matches, call, all, limit } of tenthOf(cases)) {
      const expected = all.filter(matches).toSorted(compare)
      expect(expected.length).toBeGreaterThan(0)
      const names = (list: MailAccount[]) => list.map(({ id }) => id)
      const forth = await pages(call, `sort=${sort}&limit=${limit}${filter}`)
      expect([sort, filter, names(forth)]).toEqual([sort, filter, names(expected)])
      const back = await pages(call, `sort=-${sort}&limit=${limit}${filter}`)
      expect(names(back)).toEqual(names(expected).toReversed())
    }
  }, 60_000)

  it.each([
    'created_at',
    'username',
    'health',
    'checked_at',
    '-health',
  ] satisfies MailAccountSort[])(
    'by %s has every unchanged account once while others change, come and go',
    async (sort) => {
      const { world } = await mixedWorld()
      const before = await pages(world.call, 'limit=200')
      const touched = new Set<string>()
      const changes = [
        `UPDATE mail_accounts SET last_validation_outcome = 'failed', last_validation_at = 9, last_validation_id = 'va_${'b'.repeat(26)}' WHERE id = ?`,
        "UPDATE mail_accounts SET username = 'zoe@example.org' WHERE id = ?",
        'DELETE FROM mail_accounts WHERE id = ?',
      ]
      let turn = 0
      const seen = await pages(world.call, `sort=${sort}&limit=5`, async () => {
        const id = before[(turn * 11) % before.length]?.id ?? ''
        touched.add(id)
        await rows(changes[turn % 3] ?? '', id)
        await insertAccounts(world, [{ createdAt: turn }], 100 + turn)
        turn += 1
      })
      const unchanged = before.map(({ id }) => id).filter((id) => !touched.has(id))
      const counts = unchanged.map((id) => seen.filter((account) => account.id === id).length)
      expect(counts).toEqual(unchanged.map(() => 1))
    },
  )

  it('continues after the last row of a page although that row was deleted', async () => {
    const { world } = await mixedWorld()
    const expected = await pages(world.call, 'sort=username&limit=200')
    const first = await page(world.call, 'sort=username&limit=5')
    await rows('DELETE FROM mail_accounts WHERE id = ?', expected[4]?.id)
    const second = await page(world.call, `sort=username&limit=5&cursor=${first.next_cursor}`)
    expect(second.data.map(({ id }) => id)).toEqual(expected.slice(5, 10).map(({ id }) => id))
  })

  it('rejects the cursor of another order, and one that was made up', async () => {
    const { world } = await mixedWorld()
    const byName = (await page(world.call, 'sort=username&limit=5')).next_cursor
    const byTime = (await page(world.call, 'limit=5')).next_cursor
    const madeUp = btoa('1.ma_a.health.x')
    for (const query of [
      `cursor=${byName}`,
      `sort=-username&cursor=${byName}`,
      `sort=health&cursor=${byTime}`,
      `sort=created_at&cursor=${byTime}`,
      `sort=health&cursor=${madeUp}`,
    ]) {
      const problem = await world.problem('GET', `/v1/mail-accounts?${query}`)
      expect(problem).toMatchObject({
        status: 422,
        errors: [
          {
            pointer: '?cursor',
            message: 'is from a list with another `sort`: start again without `cursor`',
          },
        ],
      })
    }
    for (const path of ['/v1/events', '/v1/grants']) {
      const problem = await world.problem('GET', `${path}?cursor=${byName}`)
      expect(problem).toMatchObject({ status: 422, errors: [{ pointer: '?cursor' }] })
    }
  })

  it('follows addresses with letters outside ASCII', async () => {
    const world = await createMailWorld()
    const usernames = ['a?~@x.org', 'Ärger@x.org', 'z@x.org', 'ärger@x.org', 'ß>@x.org']
    await insertAccounts(
      world,
      usernames.map((username) => ({ username })),
    )
    const seen = await pages(world.call, 'sort=username&limit=1')
    expect(seen.map(({ username }) => username)).toEqual([
      'a?~@x.org',
      'z@x.org',
      'Ärger@x.org',
      'ß>@x.org',
      'ärger@x.org',
    ])
  })
})
