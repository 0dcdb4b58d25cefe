/**
 * Every filter over a database in which few rows match, and these are the oldest. A page must read its own rows, not
 * all that come before them. Only a page by health reads every account. D1 counts the rows that each statement reads;
 * on node:sqlite, which does not, only the responses are checked.
 */
import { env } from 'cloudflare:workers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import openapi from '../../../schema/openapi.json' with { type: 'json' }
import { enqueue, register } from '../domain/webhooks/webhook-world.ts'
import { activeWorld, createWorld, type World } from '../harness.ts'
import { interceptD1 } from '../intercept-d1.ts'
import { createKey } from '../keys.ts'
import { grantWorld, imapForm, passwordForm } from '../mail-world.ts'
import { pathsWithParts } from '../openapi-reading.ts'
import { scansOf } from '../query-plans.ts'
import { authorize } from '../sign-in.ts'
import { rows } from '../sql.ts'

const ROWS = 3000
/** The oldest rows, which differ from all others in every filter. */
const RARE = 7
/** Grant of many accounts. */
const SHARED = `gr_${'2'.repeat(26)}`
/** Rows that a page of 20 may read, each with its grant, and the index entries that lead to them. */
const MAX_READ = 400

/** A D1 that adds up the rows that its statements read. */
function measuringDatabase() {
  const read = { rows: 0 }
  const db = interceptD1(env.DB, async ({ statements, isBatch, run }) => {
    const result = await run()
    const results = isBatch ? (result as unknown[]) : [result]
    for (const [index, one] of results.entries()) {
      // A response in arrays has no meta, so the statement runs once more.
      const { sql = '', values = [] } = statements[index] ?? {}
      const again = () =>
        env.DB.prepare(sql)
          .bind(...values)
          .all()
      const counted = (Array.isArray(one) ? await again() : one) as { meta?: D1Meta } | null
      read.rows += counted?.meta?.rows_read ?? 0
    }
    return result
  })
  return { db, read }
}

async function fill(world: World): Promise<void> {
  const original = await world.grant('alice@contoso.test')
  const numbers = `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${ROWS})`
  const rare = `(n.i <= ${RARE})`
  // The digits of an id are 2 to 7.
  const id = ['0a', '1b', '8c', '9d'].reduce(
    (sql, [digit, letter]) => `replace(${sql}, '${digit}', '${letter}')`,
    "printf('%026d', n.i)",
  )
  // Accounts get that of their grant.
  const customer = `iif(${rare}, 'rare', 'c' || i % 99)`
  await rows(
    `${numbers} INSERT INTO grants (id, customer, state, saved_at, created_at, client_id, cloud, tenant_id, object_id,
       account_type, signed_in_as, scopes, refreshed_at, refresh_token_sealed)
     SELECT 'gr_' || ${id}, ${customer}, iif(${rare}, 'blocked', 'active'), saved_at, created_at + i,
       iif(${rare}, 'another', client_id), cloud, tenant_id, object_id, account_type,
       iif(${rare}, 'Rare@contoso.test', 'user' || i || '@contoso.test'), scopes, created_at,
       refresh_token_sealed || i
     FROM grants, n WHERE grants.id = ?`,
    original,
  )
  await rows(
    `${numbers} INSERT INTO grant_tokens (grant_id, resource, protocols, state, retry_at)
     SELECT 'gr_' || ${id}, 'outlook', 'imap smtp', iif(${rare}, 'blocked', 'active'), iif(${rare}, i, NULL)
     FROM n`,
  )
  await rows(
    `${numbers} INSERT INTO mail_accounts (id, owner_type, owner_id, protocol, host, port, security,
       username, authentication, grant_id, last_validation_outcome, created_at, updated_at)
     SELECT 'ma_' || ${id}, iif(${rare}, 'brand', 'department'), iif(${rare}, 'rare', 'd' || i % 9),
       iif(${rare}, 'smtp', 'imap'), 'h', 993, 'tls',
       iif(${rare}, 'Rare@contoso.test', 'user' || i || '@contoso.test'), 'oauth', 'gr_' || ${id}, 'passed', i, i
     FROM n`,
  )
  await rows(
    `${numbers} INSERT INTO events (id, customer, type, at, actor_type, subject, data)
     SELECT 'ev_' || i, ${customer}, iif(${rare}, 'api_key.created', 'validation.passed'), i, 'system',
       iif(${rare}, 'key_rare', 'ma_' || i % 9),
       json_object('username', iif(${rare}, 'Rare@contoso.test', 'user@contoso.test')) FROM n`,
  )
}

describe('a page of a list', { timeout: 60_000 }, () => {
  const { db, read } = measuringDatabase()
  let world: World
  beforeAll(async () => {
    world = await activeWorld({ db })
    await fill(world)
  })
  // The next file must not find these rows slow to delete under its own time limit.
  afterAll(() => createWorld())

  async function page(path: string) {
    read.rows = 0
    const body = await world.get<{ data: unknown[]; next_cursor: string | null }>(path)
    return { ...body, read: read.rows }
  }

  it.each([
    '/v1/mail-accounts?protocol=smtp',
    '/v1/mail-accounts?direction=send',
    '/v1/mail-accounts?owner_type=brand',
    '/v1/mail-accounts?owner_id=rare',
    '/v1/mail-accounts?owner_type=brand&owner_id=rare',
    '/v1/mail-accounts?username=rare@contoso.test',
    '/v1/mail-accounts?username=rare@contoso.test&protocol=smtp&owner_type=brand&health=blocked',
    '/v1/grants?status=blocked',
    '/v1/grants?username=rare@contoso.test',
    '/v1/grants?username=rare@contoso.test&status=blocked',
    '/v1/events?subject=key_rare',
    '/v1/events?subject=key_rare&type=api_key.created',
    '/v1/events?type=api_key.created',
    '/v1/events?username=rare@contoso.test',
    '/v1/events?username=rare@contoso.test&type=api_key.created',
    '/v1/mail-accounts?customer=rare',
    '/v1/mail-accounts?customer=rare&sort=username',
    '/v1/mail-accounts?customer=rare&sort=health&health=blocked',
    '/v1/mail-accounts?customer=rare&q=rare&protocol=smtp',
    '/v1/grants?customer=rare',
    '/v1/grants?customer=rare&status=blocked&username=rare@contoso.test',
    '/v1/events?customer=rare',
    '/v1/events?customer=rare&type=api_key.created',
    '/v1/events?customer=rare&subject=key_rare',
    '/v1/events?customer=rare&username=rare@contoso.test',
  ])('finds few rows among many: %s', async (path) => {
    const found = await page(`${path}&limit=20`)
    expect(found).toMatchObject({ data: { length: RARE }, next_cursor: null })
    expect(found.read).toBeLessThan(MAX_READ)
  })

  it.each([
    '/v1/mail-accounts?',
    '/v1/mail-accounts?protocol=imap',
    '/v1/mail-accounts?direction=read&sort=username',
    '/v1/mail-accounts?owner_type=department',
    '/v1/mail-accounts?sort=created_at',
    '/v1/mail-accounts?sort=username',
    '/v1/mail-accounts?sort=-username&protocol=imap',
    '/v1/mail-accounts?sort=checked_at',
    '/v1/mail-accounts?sort=-checked_at&owner_type=department',
    '/v1/mailboxes?',
    '/v1/mailboxes?direction=read&q=user',
    '/v1/mailboxes?health=inactive,ok',
    '/v1/grants?',
    '/v1/grants?status=active',
    '/v1/events?',
    '/v1/events?type=validation.passed',
    '/v1/events?username=user@contoso.test',
    '/v1/events?before=2100-01-01T00:00:00Z',
  ])('reads no more than the first one when it is far down: %s', async (path) => {
    // Cursors are opaque, so follow them with large pages, then measure a small one.
    let cursor = ''
    for (let skipped = 0; skipped < 2000; skipped += 200) {
      const next = await page(`${path}&limit=200${cursor}`)
      cursor = `&cursor=${next.next_cursor}`
    }
    const found = await page(`${path}&limit=20${cursor}`)
    expect(found.data).toHaveLength(20)
    expect(found.read).toBeLessThan(MAX_READ)
  })

  it.each(['username=rare@contoso.test', 'customer=rare', 'customer=rare&health=blocked&q=rare'])(
    'of mailboxes finds one among many: ?%s',
    async (query) => {
      const found = await page(`/v1/mailboxes?${query}&limit=20`)
      expect(found).toMatchObject({ data: [{ accounts: { length: RARE } }], next_cursor: null })
      expect(found.read).toBeLessThan(MAX_READ)
    },
  )

  it('of unsaved grants reads none of the saved ones', async () => {
    const found = await page('/v1/grants?status=unsaved&limit=20')
    expect(found.data).toEqual([])
    expect(found.read).toBeLessThan(MAX_READ)
  })

  it('is not needed to find which keys are in use, or what new settings affect', async () => {
    const { keyRing, grants, maintenance } = world.services.store
    read.rows = 0
    expect(await keyRing.kidsInUse()).toEqual(['k1'])
    expect(read.rows).toBeLessThan(MAX_READ)
    read.rows = 0
    const { clientId, cloud } = await world.services.store.integrations.read()
    expect(await grants.countFromOtherApps(clientId ?? '', cloud)).toBe(RARE)
    expect(read.rows).toBeLessThan(MAX_READ)
    read.rows = 0
    const app = { clientId, cloud }
    expect(await maintenance.failedGrants(app, world.clock.now, 50)).toEqual([])
    expect(read.rows).toBeLessThan(MAX_READ)
  })

  it('read in the middle of a list is caught by the watch on all statements', async () => {
    const statement = 'SELECT id FROM mail_accounts m WHERE m.host = ? LIMIT 1'
    expect(await scansOf(statement)).toEqual(['SCAN m'])
  })
})

describe('with skewed data, a request', { timeout: 60_000 }, () => {
  const { db, read } = measuringDatabase()
  let world: World
  beforeAll(async () => {
    world = await activeWorld({ db })
    await fill(world)
    // All accounts of one owner, each mailbox twice, one grant for a third of them, all events of one account.
    await world.db.batch(
      [
        `UPDATE mail_accounts SET owner_type = 'department', owner_id = 'one', username = 'User' || (created_at / 2) || '@contoso.test',
           protocol = iif(created_at % 2 AND created_at > ${2 * RARE}, 'smtp', 'imap')`,
        `UPDATE mail_accounts SET grant_id = '${SHARED}' WHERE created_at % 3 = 0`,
        `UPDATE events SET subject = 'ma_1', type = 'mail_account.updated', data = '{"grant":"gr_1","username":"a@b.test"}'`,
      ].map((sql) => world.db.prepare(sql)),
    )
  })
  afterAll(() => createWorld())

  const one = 'mail-accounts?owner_id=one'
  it.each([
    ['mail-accounts?duplicate=true', 4],
    ['mail-accounts?duplicate=true&sort=health', 4],
    ['mail-accounts?q=nothing', 2],
    ['mail-accounts?q=user', 3],
    [one, 2],
    [`${one}&sort=username`, 2],
    [`${one}&sort=checked_at`, 2],
    [`${one}&sort=health&health=failing`, 2],
    ['mail-accounts?sort=health', 3],
    ['mail-accounts?health=ok', 2],
    ['mail-accounts?sort=username&health=inactive', 2],
    ['mailboxes?q=nothing', 2],
    ['mailboxes?duplicate=true', 4],
    ['mailboxes?health=failing', 2],
    [`mailboxes?grant_id=${SHARED}`, 2],
    ['mail-accounts/owners', 2],
    ['mail-accounts/owners?q=user', 2],
    ['mail-accounts/owners?duplicate=true', 4],
    ['mail-accounts/summary', 5],
    ['mail-accounts/summary?owner_id=one', 5],
    ['mail-accounts/summary?q=user', 5],
    ['mail-accounts/summary?duplicate=true', 12],
    [`mail-accounts/summary?grant_id=${SHARED}`, 5],
    ['events?subject=ma_1&type=mail_account.deleted', 2],
    ['events?username=a@b.test&type=mail_account.deleted', 2],
    ['metrics', 4],
  ])('reads no more than a few times what there is: %s', async (path, times) => {
    read.rows = 0
    const response = await world.call('GET', path === 'metrics' ? '/metrics' : `/v1/${path}`)
    expect(response.status).toBe(200)
    expect(read.rows).toBeLessThan(times * ROWS)
  })
})

it('a statement that repeats a search by a column that all rows can share is caught', async () => {
  const statement = `SELECT id FROM mail_accounts m WHERE m.id IN ('ma_1') AND EXISTS (SELECT 1 FROM mail_accounts other
    WHERE other.owner_type = m.owner_type AND other.host = m.host)`
  expect((await scansOf(statement)).join()).toContain('(owner_type=?)')
})

/** Creates a world in which every list has several rows. `ids` are those of the paths below which there are lists. */
async function worldOfLists() {
  const { world, grant } = await grantWorld()
  await world.grant('bob@contoso.test')
  const { id } = await world.save(imapForm(grant))
  for (const [customer, address] of [
    ['acme', '203.0.113.7'],
    ['globex', '203.0.113.8'],
  ] as const) {
    await world.save(passwordForm({ customer, username: `${customer}@example.org` }))
    await createKey(world, { customer })
    await authorize(world, { customer })
    world.advance(3600)
    const from = { 'cf-connecting-ip': address }
    const response = await world.call('POST', `/v1/mail-accounts/${id}/access-token`, {}, from)
    expect(response.status).toBe(200)
  }
  const hook = await register(world)
  await register(world)
  await enqueue(world, hook, 2)
  // Some of these ids have a capital letter or a hyphen.
  for (const _ of Array(8)) await world.call('POST', '/console/session')
  const ids: Record<string, string> = { 'mail-accounts': id, webhooks: hook }
  return { world, ids }
}

describe('every list of the document', () => {
  const lists = Object.entries(pathsWithParts(openapi))
    .filter(([, { get }]) => JSON.stringify(get?.parameters ?? []).includes('"name":"cursor"'))
    .map(([path]) => path)
  let filled: Awaited<ReturnType<typeof worldOfLists>>
  beforeAll(async () => {
    filled = await worldOfLists()
  })

  it.each(lists)('has the same rows in pages of one, the newest first: %s', async (template) => {
    const { ids, world } = filled
    type Row = { created_at?: string; opened_at?: string; at?: string }
    type Page = { data: Row[]; next_cursor: string | null }
    const path = template.replace(/([^/]+)\/\{id\}/, (_, kind: string) => `${kind}/${ids[kind]}`)
    const { data } = await world.get<Page>(path)
    expect(data.length).toBeGreaterThan(1)
    const times = data.map((row) => row.created_at ?? row.opened_at ?? row.at ?? '')
    expect(times).toEqual(times.toSorted().reverse())
    const paged: Row[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page: Page = await world.get(`${path}?limit=1${cursor && `&cursor=${cursor}`}`)
      expect(page.data).toHaveLength(1)
      paged.push(...page.data)
      cursor = page.next_cursor
    }
    expect(paged).toEqual(data)
  })
})
