import { describe, expect, it } from 'vitest'
import type { MailAccount } from '../../../schema/mail-account.ts'
import { insertAccounts, pages } from '../account-rows.ts'
import { createMailWorld, imapForm, type MailWorld, passwordForm, smtpForm } from '../mail-world.ts'

type List = { data: MailAccount[]; next_cursor: string | null }

async function list(world: MailWorld, query: string): Promise<List> {
  const response = await world.call('GET', `/v1/mail-accounts?${query}`)
  expect(response.status).toBe(200)
  return response.json()
}

const names = ({ data }: List) => data.map(({ name }) => name)

/** Inserts accounts, three with the same timestamp each. */
const insertMany = (world: MailWorld, count: number) =>
  insertAccounts(
    world,
    Array.from({ length: count }, (_, at) => ({ createdAt: Math.floor(at / 3) })),
  )

describe('listing mail accounts', () => {
  it('returns each of 250 accounts once, newest first', async () => {
    const world = await createMailWorld()
    await insertMany(world, 250)
    const all = await pages(world.call, 'limit=100')
    expect(all).toHaveLength(250)
    expect(new Set(all.map(({ id }) => id)).size).toBe(250)
    const times = all.map(({ created_at }) => Date.parse(created_at))
    expect(times).toEqual([...times].sort((a, b) => b - a))
  })

  it('has no next page when the last page is exactly full', async () => {
    const world = await createMailWorld()
    await insertMany(world, 4)
    expect((await list(world, 'limit=4')).next_cursor).toBeNull()
    expect((await list(world, 'limit=3')).next_cursor).not.toBeNull()
  })

  it('returns 50 accounts by default', async () => {
    const world = await createMailWorld()
    await insertMany(world, 60)
    expect((await list(world, '')).data).toHaveLength(50)
  })

  it.each(['limit=0', 'limit=201', 'limit=many', 'health=fine', 'grant_id=x', 'protocol=pop3'])(
    'rejects ?%s',
    async (query) => {
      const world = await createMailWorld()
      const problem = await world.problem('GET', `/v1/mail-accounts?${query}`)
      const parameter = query.split('=')[0]
      expect(problem).toMatchObject({ status: 422, errors: [{ pointer: `?${parameter}` }] })
    },
  )

  it('filters by owner, protocol, mailbox and grant', async () => {
    const world = await createMailWorld()
    const alice = await world.grant('alice@contoso.test')
    const grace = await world.grant('grace@outlook.test')
    await world.save(imapForm(alice, { name: 'a' }))
    await world.save(smtpForm(alice, { name: 'b', username: 'Alice@Contoso.test' }))
    await world.save(
      smtpForm(grace, { name: 'c', owner: { type: 'global' }, username: 'grace@outlook.test' }),
    )
    await world.save(passwordForm({ name: 'd', owner: { type: 'department', id: 'dep_8' } }))

    const found = async (query: string) => names(await list(world, query)).sort()
    expect(await found('owner_type=department')).toEqual(['a', 'd'])
    expect(await found('owner_type=department&owner_id=dep_8')).toEqual(['d'])
    expect(await found('owner_type=global')).toEqual(['c'])
    expect(await found('protocol=smtp')).toEqual(['b', 'c'])
    expect(await found('username=ALICE@contoso.test')).toEqual(['a', 'b'])
    expect(await found(`grant_id=${alice}`)).toEqual(['a', 'b'])
    expect(await found(`grant_id=${alice}&protocol=imap`)).toEqual(['a'])
    expect(await found('username=unknown@contoso.test')).toEqual([])
  })
})
