import { describe, expect, it } from 'vitest'
import {
  HEALTH_BY_URGENCY,
  type MailAccount,
  type MailAccountOwners,
  type MailAccountSummary,
} from '../../../schema/mail-account.ts'
import {
  type Call,
  insertAccounts,
  mailboxPages,
  mixedWorld,
  numbered,
  page,
  pages,
} from '../account-rows.ts'
import { callerOf, createKey } from '../keys.ts'
import { createMailWorld, imapAccountWorld, passwordForm, smtpForm } from '../mail-world.ts'
import { rows } from '../sql.ts'

describe('the list of mail accounts', () => {
  it('has 50 by default, and no next page when the last page is exactly full', async () => {
    const world = await createMailWorld()
    await insertAccounts(world, Array(60).fill({}))
    expect((await page(world.call, '')).data).toHaveLength(50)
    expect((await page(world.call, 'limit=59')).next_cursor).not.toBeNull()
    expect((await page(world.call, 'limit=60')).next_cursor).toBeNull()
  })

  it.each(['limit=201', 'grant_id=x', 'protocol=pop3'])('rejects ?%s', async (query) => {
    const world = await createMailWorld()
    const { errors } = await world.problem('GET', `/v1/mail-accounts?${query}`)
    expect(errors).toMatchObject([{ pointer: `?${query.split('=')[0]}` }])
  })

  it('is filtered by grant', async () => {
    const { world, grant, id } = await imapAccountWorld()
    const { id: sender } = await world.save(smtpForm(grant))
    await world.save(passwordForm())
    const found = async (query: string) => (await pages(world.call, query)).map(({ id }) => id)
    expect((await found(`grant_id=${grant}`)).sort()).toEqual([id, sender].sort())
    expect(await found(`grant_id=${grant}&protocol=imap`)).toEqual([id])
  })

  it.each([
    ['direction=read', ['imap']],
    ['direction=send', ['graph_send', 'smtp']],
    ['protocol=graph_send', ['graph_send']],
    ['direction=send&protocol=smtp', ['smtp']],
    ['direction=read&protocol=smtp', []],
  ])('?%s finds the accounts for it, and counts them', async (query, protocols) => {
    const world = await createMailWorld()
    const made = ['imap', 'smtp', 'graph_send'].map((protocol, n) => ({
      protocol,
      username: `${n}@contoso.test`,
      createdAt: n,
    }))
    await insertAccounts(world, made)
    expect((await pages(world.call, query)).map(({ protocol }) => protocol)).toEqual(protocols)
    const { total } = await world.get<{ total: number }>(`/v1/mail-accounts/summary?${query}`)
    expect(total).toBe(protocols.length)
  })
})

describe('the search in mail accounts', () => {
  async function searchWorld() {
    const world = await createMailWorld()
    await insertAccounts(world, [
      { username: 'Support@contoso.test' },
      { username: 'b@contoso.test', delegate: 'alice@contoso.test' },
      { username: 'c@contoso.test', name: 'Ärzte 100 % in_Übergrößen' },
      { username: 'd@contoso.test', owner: 'dep_42' },
    ])
    const key = await createKey(world, { scopes: ['read'], mail_accounts: [1, 2].map(numbered) })
    const found = async (q: string, call: Call = world.call) =>
      (await pages(call, `limit=1&sort=username&q=${encodeURIComponent(q)}`)).map(
        ({ username }) => username[0],
      )
    return { world, found, restricted: callerOf(world, key.key) as Call }
  }

  it.each(['', '/summary', '/owners'])(
    'stays within what D1 can bind with every filter, in a list%s',
    async (list) => {
      const { world, grant } = await imapAccountWorld()
      await insertAccounts(world, [{}, {}])
      const key = await createKey(world, { mail_accounts: [0, 1].map(numbered) })
      const call: Call = callerOf(world, key.key)
      const sort = list === '' ? `sort=health&health=${HEALTH_BY_URGENCY}&limit=1` : ''
      const first = list === '' ? await page(call, sort) : null
      // This text is searched for in four forms, since SQLite's lower() changes only ASCII letters.
      const q = encodeURIComponent('öÄ xÖ')
      const filters = `q=${q}&owner_type=other&owner_id=x&direction=read&protocol=imap&username=x@contoso.test&grant_id=${grant}&duplicate=true`
      const cursor = first === null ? '' : `&cursor=${first.next_cursor}`
      const path = `/v1/mail-accounts${list}?${filters}&${sort}${cursor}`
      expect((await call('GET', path)).status).toBe(200)
    },
  )

  it('finds a part of address, delegate, name or owner id, in upper or lower case', async () => {
    const { found } = await searchWorld()
    expect(await found('SUPP')).toEqual(['S'])
    expect(await found(' Alice@ ')).toEqual(['b'])
    expect(await found('DEP_42')).toEqual(['d'])
    expect(await found('contoso.test')).toEqual(['b', 'c', 'd', 'S'])
    for (const q of ['ärzte', 'ÄRZTE', 'Übergrößen', 'ärzte 100', 'GRÖ']) {
      expect([q, await found(q)]).toEqual([q, ['c']])
    }
    expect(await found('nothing')).toEqual([])
    expect(await found('')).toHaveLength(4)
  })

  it('takes every character literally', async () => {
    const { found } = await searchWorld()
    expect(await found('100 %')).toEqual(['c'])
    expect(await found('in_')).toEqual(['c'])
    for (const q of ['%', '_', '*', '?', '[a]', "'", '\\']) {
      const expected = { '%': ['c'], _: ['b', 'c', 'd', 'S'] }[q] ?? []
      expect([q, await found(q)]).toEqual([q, expected])
    }
  })

  it('takes 100 characters, no more', async () => {
    const { world, found } = await searchWorld()
    expect(await found('é'.repeat(100))).toEqual([])
    const problem = await world.problem('GET', `/v1/mail-accounts?q=${'x'.repeat(101)}`)
    expect(problem).toMatchObject({
      status: 422,
      errors: [{ pointer: '?q', message: 'must have at most 100 characters' }],
    })
  })

  it('finds only what a restricted key may see', async () => {
    const { found, restricted } = await searchWorld()
    expect(await found('contoso', restricted)).toEqual(['b', 'c'])
    expect(await found('support', restricted)).toEqual([])
  })
})

describe('the health filter of mail accounts', () => {
  it('finds the accounts that have this health, before and after activation', async () => {
    const { world } = await mixedWorld()
    for (const step of ['activate', 'deactivate']) {
      await world.call('POST', `/v1/integrations/microsoft/${step}`)
      const every = await pages(world.call, 'limit=200')
      for (const health of HEALTH_BY_URGENCY) {
        const found = await pages(world.call, `limit=200&health=${health}`)
        expect(found).toEqual(every.filter((account) => account.health === health))
      }
    }
  })

  it('takes several values, and says which it knows', async () => {
    const { world } = await mixedWorld()
    const found = await pages(world.call, 'health=ok,unverified&limit=4')
    expect(new Set(found.map(({ health }) => health))).toEqual(new Set(['ok', 'unverified']))
    for (const health of ['fine', 'ok,fine', 'ok,', ',']) {
      const problem = await world.problem('GET', `/v1/mail-accounts?health=${health}`)
      expect(problem).toMatchObject({
        status: 422,
        errors: [
          {
            pointer: '?health',
            message:
              'must be one or more of ok, unverified, failing, cooling_down, reconnect_required, blocked, inactive, separated by commas',
          },
        ],
      })
    }
  })
})

describe('the list of mailboxes', () => {
  const addressOf = ({ username }: Pick<MailAccount, 'username'>) => username.toLowerCase()

  it('has each with an account that matches, and all that the key may see of it, on pages of any size', async () => {
    const { world, every, mail_accounts, restricted } = await mixedWorld()
    const some = every.filter(({ id }) => mail_accounts.includes(id))
    const urgent = (accounts: readonly MailAccount[]) =>
      HEALTH_BY_URGENCY.find((health) => accounts.some((account) => account.health === health))
    const isBroken = (accounts: readonly MailAccount[]) =>
      ['failing', 'blocked'].includes(urgent(accounts) ?? '')
    const isSender = ({ protocol }: MailAccount) => protocol !== 'imap'
    type Filter = [
      query: string,
      matches: (account: MailAccount) => boolean,
      isWanted?: (accounts: readonly MailAccount[]) => boolean,
    ]
    const filters: Filter[] = [
      ['', () => true],
      ['&direction=send', isSender],
      ['&q=SER3', (account) => addressOf(account).includes('ser3')],
      ['&username=USER3@example.org', (account) => addressOf(account) === 'user3@example.org'],
      ['&health=failing,blocked', () => true, isBroken],
      ['&health=failing,blocked&direction=send', isSender, isBroken],
    ]
    for (const [call, all] of [[world.call, every] as const, [restricted, some] as const]) {
      for (const [query, matches, isWanted = () => true] of filters) {
        const found = Map.groupBy(all.filter(matches), addressOf)
        const wanted = [...found].filter(([, accounts]) => isWanted(accounts))
        const names = wanted.map(([name]) => name).sort()
        expect(names).not.toEqual([])
        for (const limit of [3, 200]) {
          const listed = await mailboxPages(call, `limit=${limit}${query}`)
          expect([query, listed.map(addressOf)]).toEqual([query, names])
          for (const { username, accounts } of listed) {
            const own = all.filter((account) => addressOf(account) === username.toLowerCase())
            expect(accounts).toEqual(expect.arrayContaining(own))
            expect(accounts).toHaveLength(own.length)
            expect(username).toBe(accounts[0]?.username)
            const times = accounts.map(({ created_at }) => created_at)
            expect(times).toEqual(times.toSorted())
          }
        }
      }
    }
  })

  it('has one for each customer with the same address, and of each its 20 most urgent accounts', async () => {
    const world = await createMailWorld()
    const customers = [null, 'Acme', 'acme.b']
    await insertAccounts(
      world,
      Array.from({ length: 75 }, (_, n) => ({
        username: 'one@x.org',
        authentication: 'password',
        outcome: n < 72 ? null : 'failed',
        createdAt: n,
      })),
    )
    for (const [n, customer] of customers.entries()) {
      const values = [customer, n, customers.length]
      await rows('UPDATE mail_accounts SET customer = ? WHERE created_at % ?3 = ?2', ...values)
    }
    for (const limit of [1, 2, 50]) {
      const listed = await mailboxPages(world.call, `limit=${limit}&q=one`)
      expect(listed.map(({ customer }) => customer)).toEqual(customers)
      for (const [n, { accounts }] of listed.entries()) {
        const first = Array.from({ length: 19 }, (_, place) => numbered(n + 3 * place))
        expect(accounts.map(({ id }) => id)).toEqual([...first, numbered(72 + n)])
      }
    }
    const summary = await world.get('/v1/mail-accounts/summary')
    expect(summary).toMatchObject({ mailboxes: { total: 3 }, total: 75 })
    const ofAcme = await mailboxPages(world.call, 'customer=Acme')
    expect(ofAcme).toMatchObject([{ customer: 'Acme', accounts: { length: 20 } }])
  })

  it('goes on after the longest address', async () => {
    const world = await createMailWorld()
    const name = '\u4e2d'.repeat(307)
    await insertAccounts(
      world,
      [1, 2].map((n) => ({ username: `${name}${n}@example.org` })),
    )
    await rows('UPDATE mail_accounts SET customer = ?', 'a'.repeat(64))
    for (const path of ['mailboxes', 'mail-accounts']) {
      const found = await pages(
        world.call,
        path === 'mailboxes' ? 'limit=1' : 'limit=1&sort=username',
        undefined,
        path,
      )
      expect(found).toHaveLength(2)
    }
  })

  it('rejects the cursor of another list', async () => {
    const { world } = await mixedWorld()
    const { next_cursor } = await page(world.call, 'sort=username&limit=5')
    for (const cursor of [next_cursor, btoa('1.ma_a'), 'x']) {
      expect(await world.problem('GET', `/v1/mailboxes?cursor=${cursor}`)).toMatchObject({
        status: 422,
        errors: [{ pointer: '?cursor', message: 'is not the `next_cursor` of this list' }],
      })
    }
    const { next_cursor: own } = await page(world.call, 'limit=5', 'mailboxes')
    await world.problem('GET', `/v1/mail-accounts?cursor=${own}`)
  })
})

describe('the summary of mail accounts', () => {
  const summary = async (call: Call, query = '') => {
    const response = await call('GET', `/v1/mail-accounts/summary${query}`)
    expect(response.status).toBe(200)
    return response.json<MailAccountSummary>()
  }

  it('counts what the list has, with any filter and key, before and after activation', async () => {
    const { world, restricted } = await mixedWorld()
    for (const step of ['activate', 'deactivate']) {
      await world.call('POST', `/v1/integrations/microsoft/${step}`)
      for (const call of [world.call, restricted]) {
        for (const query of ['', '?q=ser3', '?protocol=smtp', '?owner_id=dep_1&q=5@']) {
          const listed = await pages(call, query.slice(1))
          const health = Object.fromEntries(
            HEALTH_BY_URGENCY.map((name) => [
              name,
              listed.filter((account) => account.health === name).length,
            ]),
          )
          const counted = await summary(call, query)
          expect(counted).toMatchObject({ total: listed.length, health })
          const sizeOf = async (filter: string) =>
            (await mailboxPages(call, `limit=7&${query.slice(1)}${filter}`)).length
          expect(counted.mailboxes.total).toBe(await sizeOf(''))
          for (const name of HEALTH_BY_URGENCY) {
            expect(counted.mailboxes.health[name]).toBe(await sizeOf(`&health=${name}`))
          }
        }
      }
    }
  })

  it('counts and leads to accounts that one owner has twice, as far as the key may see them', async () => {
    const world = await createMailWorld()
    await insertAccounts(world, [
      { username: 'a@x.org' },
      { username: 'A@x.org' },
      { username: 'a@x.org', protocol: 'smtp' },
      { username: 'a@x.org', owner: 'dep_2' },
      { username: 'b@x.org' },
    ])
    expect(await summary(world.call)).toMatchObject({
      total: 5,
      mailboxes: { total: 2, health: { unverified: 2 } },
      duplicates: 1,
    })
    const duplicates = async (call: Call, query = '') =>
      (await pages(call, `duplicate=true${query}`)).map(({ id }) => id).sort()
    expect(await duplicates(world.call)).toEqual([0, 1].map(numbered).sort())
    expect(await duplicates(world.call, '&sort=health&q=a@')).toHaveLength(2)
    expect(await duplicates(world.call, '&sort=health')).toHaveLength(2)
    const mail_accounts = [1, 2, 3, 4].map(numbered)
    const key = await createKey(world, { scopes: ['read'], mail_accounts })
    expect(await duplicates(callerOf(world, key.key) as Call)).toEqual([])
  })

  it('of no accounts is all zeros', async () => {
    const world = await createMailWorld()
    const health = Object.fromEntries(HEALTH_BY_URGENCY.map((name) => [name, 0]))
    const mailboxes = { total: 0, health }
    expect(await summary(world.call)).toEqual({ total: 0, health, mailboxes, duplicates: 0 })
  })
})

describe('the owners of mail accounts', () => {
  const owners = async (call: Call, query = '') => {
    const response = await call('GET', `/v1/mail-accounts/owners${query}`)
    expect(response.status).toBe(200)
    const { data } = await response.json<MailAccountOwners>()
    return data.map(({ owner, mail_accounts }) => [
      owner?.type,
      owner && 'id' in owner ? owner.id : null,
      mail_accounts,
    ])
  }

  it('are listed with the number of their accounts, as far as the key may see them', async () => {
    const world = await createMailWorld()
    await insertAccounts(world, [
      { owner: 'Support' },
      { owner: 'Sales' },
      { owner: 'Support' },
      { owner: 'Shop', protocol: 'smtp' },
    ])
    await rows(
      "UPDATE mail_accounts SET owner_type = 'global', owner_id = NULL WHERE protocol = 'smtp'",
    )
    expect(await owners(world.call)).toEqual([
      ['department', 'Sales', 1],
      ['department', 'Support', 2],
      ['global', null, 1],
    ])
    expect(await owners(world.call, '?protocol=imap&q=sales')).toEqual([['department', 'Sales', 1]])
    const key = await createKey(world, { scopes: ['read'], mail_accounts: [numbered(0)] })
    expect(await owners(callerOf(world, key.key) as Call)).toEqual([['department', 'Support', 1]])
  })
})
