import { describe, expect, it } from 'vitest'
import type { MailAccount } from '../../../schema/mail-account.ts'
import {
  activeMailWorld,
  createMailWorld,
  imapForm,
  type MailWorld,
  passwordForm,
  smtpForm,
} from '../mail-world.ts'

type List = { data: MailAccount[]; next_cursor: string | null }

async function list(world: MailWorld, query: string): Promise<List> {
  const response = await world.call('GET', `/v1/mail-accounts?${query}`)
  expect(response.status).toBe(200)
  return response.json()
}

const names = ({ data }: List) => data.map(({ name }) => name)

/** Inserts numbered accounts, three with the same timestamp each. */
async function insertMany(world: MailWorld, count: number) {
  const insert = world.db.prepare(
    `INSERT INTO mail_accounts (id, name, owner_type, owner_id, protocol, host, port, security,
       username, authentication, created_at, updated_at)
     VALUES (?, ?, 'department', 'd', 'imap', 'mail.example.org', 993, 'tls', ?, 'password', ?, ?)`,
  )
  await world.db.batch(
    Array.from({ length: count }, (_, at) => {
      const id = `ma_${at
        .toString()
        .padStart(26, 'a')
        .replace(/[0189]/g, 'z')}${at}`
      const when = Math.floor(at / 3)
      return insert.bind(id, String(at), `u${at}@example.org`, when, when)
    }),
  )
}

describe('listing mail accounts', () => {
  it('returns each of 250 accounts once, newest first', async () => {
    const world = await createMailWorld()
    await insertMany(world, 250)
    const pages: List[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: List = await list(world, `limit=100${cursor && `&cursor=${cursor}`}`)
      pages.push(page)
      cursor = page.next_cursor
    }
    expect(pages.map(({ data }) => data.length)).toEqual([100, 100, 50])
    const all = pages.flatMap(({ data }) => data)
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

  it('filters by health and still fills its pages', async () => {
    const world = await activeMailWorld()
    await insertMany(world, 30)
    const { results } = await world.db.prepare('SELECT id FROM mail_accounts').all<{ id: string }>()
    const checked = results.filter((_, at) => at % 3 === 0).map(({ id }) => id)
    for (const id of checked) {
      await world.db
        .prepare(
          "UPDATE mail_accounts SET last_validation_id = 'va_x', last_validation_outcome = 'passed', last_validation_at = 0 WHERE id = ?",
        )
        .bind(id)
        .run()
    }
    const first = await list(world, 'health=ok&limit=6')
    expect(first.data).toHaveLength(6)
    const second = await list(world, `health=ok&limit=6&cursor=${first.next_cursor}`)
    expect(second.data).toHaveLength(4)
    expect(second.next_cursor).toBeNull()
    expect([...first.data, ...second.data].every(({ health }) => health === 'ok')).toBe(true)
    expect((await list(world, 'health=unverified')).data).toHaveLength(20)
    expect((await list(world, 'health=blocked')).data).toEqual([])
  })
})
