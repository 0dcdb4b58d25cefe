import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { UNLIMITED } from '../../../api/model/access.ts'
import type { MailAccount } from '../../../schema/mail-account.ts'
import { MAX_BULK_ITEMS, MailAccountBulkResults } from '../../../schema/mail-account-bulk.ts'
import type { Protocol } from '../../../schema/mail-servers.ts'
import { D1_MESSAGES, faultyD1 } from '../../faults/d1-faults.ts'
import { appOnlyForm, smtpAppOnly } from '../app-only-world.ts'
import { enableGraph, graphForm } from '../graph-world.ts'
import type { World } from '../harness.ts'
import { problemOf } from '../harness.ts'
import {
  activeMailWorld,
  createMailWorld,
  imapForm,
  passwordForm,
  smtpForm,
} from '../mail-world.ts'
import { recordingDatabase } from '../recording-database.ts'

const PATH = '/v1/mail-accounts/bulk'

const post = (world: World, items: readonly unknown[], key = 'import-1') =>
  world.call('POST', PATH, { items }, { 'idempotency-key': key })

async function resultsOf(response: Response): Promise<MailAccountBulkResults> {
  const text = await response.text()
  expect(response.status, text).toBe(200)
  return MailAccountBulkResults.parse(JSON.parse(text))
}

const failuresIn = ({ results }: MailAccountBulkResults) =>
  results.flatMap((result) =>
    result.status === 'failed'
      ? [[result.index, result.problem.code, result.problem.errors?.[0]?.pointer]]
      : [],
  )

const accountsIn = ({ results }: MailAccountBulkResults): MailAccount[] =>
  results.flatMap((result) => (result.status === 'created' ? [result.mail_account] : []))

async function countAccounts(): Promise<number> {
  const row = await env.DB.prepare('SELECT count(*) AS n FROM mail_accounts').first<{ n: number }>()
  return row?.n ?? 0
}

const numbered = <Form>(count: number, form: (username: string) => Form): Form[] =>
  Array.from({ length: count }, (_, index) => form(`mailbox-${index}@contoso.test`))

describe('many email accounts in one request', () => {
  it('are created for every kind of login, in order, as a later read shows them', async () => {
    const world = await activeMailWorld()
    await enableGraph(world)
    const protocols: Protocol[] = ['imap', 'smtp', 'graph_send']
    const grant = await world.grant('alice@contoso.test', { saved: false, protocols })
    const apps = [appOnlyForm(), smtpAppOnly(), smtpAppOnly({ protocol: 'graph_send' })]
    const items = [imapForm(grant), smtpForm(grant), graphForm(grant), ...apps, passwordForm()]
    const results = await resultsOf(await post(world, items))
    expect(results).toMatchObject({ created: 7, failed: 0 })
    expect(results.results.map(({ index }) => index)).toEqual([0, 1, 2, 3, 4, 5, 6])
    for (const account of accountsIn(results)) expect(await world.read(account.id)).toEqual(account)
    expect(await world.grantStatus(grant)).toBe('active')
    world.advance(2 * 3600)
    expect(await world.grantStatus(grant)).toBe('active')
  })

  it('fail one by one, each with the problem that it would have alone', async () => {
    const world = await activeMailWorld()
    const grant = await world.grant('alice@contoso.test', { saved: false })
    const imapOnly = await world.grant('bob@contoso.test', { protocols: ['imap'] })
    const items = [
      { ...passwordForm(), username: 'no address', colour: 'red' },
      imapForm(grant),
      imapForm(`gr_${'a'.repeat(26)}`),
      imapForm(grant, { username: 'carol@contoso.test' }),
      smtpForm(imapOnly, { username: 'bob@contoso.test' }),
      passwordForm({ owner: { type: 'global' } }),
      'not an account',
      appOnlyForm({ host: 'mail.example.com' }),
      passwordForm(),
    ]
    const results = await resultsOf(await post(world, items))
    expect(failuresIn(results)).toEqual([
      [0, 'validation_failed', '/username'],
      [2, 'validation_failed', '/authentication/grant_id'],
      [3, 'account_mismatch', undefined],
      [4, 'protocol_not_granted', undefined],
      [5, 'validation_failed', '/owner/type'],
      [6, 'validation_failed', ''],
      [7, 'mail_host_not_allowed', '/host'],
    ])
    expect(results).toMatchObject({ created: 2, failed: 7 })
    expect(await countAccounts()).toBe(2)
    for (const [index, item] of items.entries()) {
      const result = results.results[index]
      if (result?.status !== 'failed') continue
      const alone = await world.problem('POST', '/v1/mail-accounts', item)
      const { instance: _instance, request_id: _id, ...same } = alone
      // The message lists the members that are allowed, and only a request for a single account may have `unique`.
      const known = JSON.parse(JSON.stringify(same).replaceAll(', unique)', ')'))
      expect(result.problem).toMatchObject(known)
      expect(result.problem.instance).toBe(PATH)
    }
  })

  it('leave an event for each account that was created, and none for the others', async () => {
    const world = await createMailWorld()
    const results = await resultsOf(await post(world, [passwordForm(), {}, passwordForm()]))
    const type = 'mail_account.created'
    const { data } = await world.services.store.events.list({ type, limit: 10 }, UNLIMITED)
    expect(data.map(({ subject }) => subject).sort()).toEqual(
      accountsIn(results)
        .map(({ id }) => id)
        .sort(),
    )
    expect(data[0]).toMatchObject({
      actor: { type: 'key', id: 'root' },
      data: { protocol: 'imap', owner: 'department dep_7' },
    })
  })

  it('take over a validation of the same values, which belongs to one account', async () => {
    const world = await createMailWorld()
    const { id } = await world.validate(passwordForm())
    const items = [passwordForm(), passwordForm(), passwordForm({ username: 'other@example.com' })]
    const accounts = accountsIn(await resultsOf(await post(world, items)))
    expect(accounts.map(({ last_validation: last }) => last?.id)).toEqual([id, id, undefined])
    const { results } = await env.DB.prepare('SELECT saved, mail_account_id FROM validations').all()
    expect(results).toHaveLength(1)
    expect(results[0]).toMatchObject({ saved: 1 })
    expect([accounts[0]?.id, accounts[1]?.id]).toContain(results[0]?.mail_account_id)
  })

  it('fail alone if their grant is deleted in the meantime', async () => {
    const world = await activeMailWorld()
    const [lost, kept] = [
      await world.grant('alice@contoso.test', { saved: false }),
      await world.grant('alice@contoso.test', { saved: false }),
    ]
    const { grants } = world.services.store
    const { readMany } = grants
    grants.readMany = async (ids, scope) => {
      const found = await readMany(ids, scope)
      await world.call('DELETE', `/v1/grants/${lost}`)
      return found
    }
    const items = [imapForm(kept), imapForm(lost), passwordForm()]
    const results = await resultsOf(await post(world, items))
    expect(failuresIn(results)).toEqual([[1, 'validation_failed', '/authentication/grant_id']])
    expect(await countAccounts()).toBe(2)
    const events = await world.events()
    expect(events.filter((type) => type === 'mail_account.created')).toHaveLength(2)
  })
})

describe('a bulk request that is refused as a whole', () => {
  it.each([
    ['without items', {}, '/items'],
    ['with no item', { items: [] }, '/items'],
    ['with too many items', { items: Array(MAX_BULK_ITEMS + 1).fill({}) }, '/items'],
    ['with something else beside them', { items: [{}], dry_run: true }, '/dry_run'],
    ['that is a list', [passwordForm()], ''],
  ])('is one %s', async (_, body, pointer) => {
    const world = await createMailWorld()
    const problem = await world.problem('POST', PATH, body, { 'idempotency-key': 'a' })
    expect(problem).toMatchObject({ status: 422, errors: [{ pointer }] })
    expect(await countAccounts()).toBe(0)
  })

  it('is one without an Idempotency-Key, and says so', async () => {
    const world = await createMailWorld()
    const problem = await world.problem('POST', PATH, { items: [passwordForm()] })
    expect(problem).toMatchObject({
      status: 422,
      code: 'validation_failed',
      errors: [{ pointer: 'idempotency-key', message: 'is required' }],
    })
    expect(await countAccounts()).toBe(0)
  })

  it('is one of more than 1 MiB, while one of nearly 1 MiB is created whole', async () => {
    const world = await createMailWorld()
    // Each character of these passwords has four bytes, in the body and once it is sealed.
    const password = '\u{1f511}'.repeat(470)
    const items = numbered(MAX_BULK_ITEMS, (username) =>
      passwordForm({ username, authentication: { type: 'password', password } }),
    )
    const bytes = new TextEncoder().encode(JSON.stringify({ items })).length
    expect(bytes).toBeGreaterThan(1_000_000)
    expect(bytes).toBeLessThan(1024 * 1024)
    expect(await resultsOf(await post(world, items))).toMatchObject({ created: 500 })
    const larger = items.map((item) => ({ ...item, name: 'x'.repeat(100) }))
    const refused = await problemOf(post(world, larger, 'import-2'))
    expect(refused).toMatchObject({ status: 413, detail: expect.stringContaining('1048576') })
    expect(await countAccounts()).toBe(MAX_BULK_ITEMS)
  })
})

describe('a bulk request that is repeated', () => {
  it('returns the same and creates nothing again, although a failed row would now succeed', async () => {
    const world = await createMailWorld()
    const items = [passwordForm(), appOnlyForm({ host: 'mail.example.com' })]
    const first = await post(world, items)
    const again = await post(world, items)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(await again.text()).toBe(await first.text())
    expect(await countAccounts()).toBe(1)
  })

  it('returns the same even if the response is larger than a value that D1 stores', async () => {
    const world = await createMailWorld()
    const unknown = Array.from({ length: 90 }, (_, index) => [`property_${index}`, 1])
    const items = numbered(MAX_BULK_ITEMS, () => Object.fromEntries(unknown))
    const first = await post(world, items)
    const again = await post(world, items)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    const text = await first.text()
    expect(text.length).toBeGreaterThan(2_000_000)
    expect(await again.text()).toBe(text)
  })

  it.each(['before', 'after'] as const)(
    'creates no account twice if the process dies with a call of D1, %s it was applied',
    async (moment) => {
      for (let call = 1; ; call += 1) {
        const d1 = faultyD1(env.DB)
        const world = await activeMailWorld({ db: d1.db, outside: { pause: async () => {} } })
        const grant = await world.grant('alice@contoso.test', { saved: false })
        const items = [imapForm(grant), {}, smtpForm(grant), appOnlyForm(), passwordForm()]
        d1.set({ call, calls: Infinity, moment, message: D1_MESSAGES.bare })
        await post(world, items)
        const [failed, statement] = [d1.failed(), d1.calls[call - 1]]
        d1.set(null)
        world.advance(61)
        const results = await resultsOf(await post(world, items))
        expect(results, statement).toMatchObject({ created: 4, failed: 1 })
        expect(await countAccounts(), statement).toBe(4)
        const events = await world.events()
        const created = events.filter((type) => type === 'mail_account.created')
        expect(created, statement).toHaveLength(4)
        if (failed === 0) break
      }
    },
  )
})

describe('500 email accounts', () => {
  it('take 13 statements, as two accounts do', async () => {
    const { db, statements } = recordingDatabase()
    const world = await activeMailWorld({ db })
    const grants = await Promise.all(
      numbered(20, () => world.grant('alice@contoso.test', { saved: false })),
    )
    const items = numbered(MAX_BULK_ITEMS, String).map((username, index) => {
      const grant = grants[index % grants.length] ?? ''
      const kinds = [
        imapForm(grant, { username: 'alice@contoso.test' }),
        appOnlyForm({ username }),
        passwordForm({ username }),
        imapForm(
          `gr_${String(index)
            .padEnd(26, 'a')
            .replaceAll(/[0189]/g, 'b')}`,
        ),
      ]
      return kinds[index % kinds.length]
    })
    statements.length = 0
    const results = await resultsOf(await post(world, items))
    expect(results).toMatchObject({ created: 375, failed: 125 })
    const counted = statements.length
    expect(counted).toBe(13)
    expect(Math.max(...statements.map(({ values }) => values.length))).toBeLessThanOrEqual(100)
    statements.length = 0
    await post(world, [imapForm(grants[0] ?? ''), appOnlyForm()], 'two')
    expect(statements.length).toBe(counted)
  })
})
