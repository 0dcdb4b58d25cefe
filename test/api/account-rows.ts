/** Rows of mail accounts of every health. They are inserted rather than saved, since there are many. */
import { expect } from 'vitest'
import type { MailAccount, Mailbox } from '../../schema/mail-account.ts'
import { app } from '../sandbox/personas.ts'
import { callerOf, createKey } from './keys.ts'
import { activeMailWorld, type MailWorld } from './mail-world.ts'
import { rows } from './sql.ts'

type List<Item> = { data: Item[]; next_cursor: string | null }
export type Call = (method: string, path: string) => Promise<Response>

export async function page<Item = MailAccount>(
  call: Call,
  query: string,
  path = 'mail-accounts',
): Promise<List<Item>> {
  const response = await call('GET', `/v1/${path}?${query}`)
  expect(response.status, query).toBe(200)
  return response.json()
}

/** Reads all pages; `between` runs after each. */
export async function pages<Item = MailAccount>(
  call: Call,
  query: string,
  between = async () => {},
  path = 'mail-accounts',
): Promise<Item[]> {
  const data: Item[] = []
  let cursor: string | null = ''
  while (cursor !== null) {
    const next: List<Item> = await page(call, query + (cursor && `&cursor=${cursor}`), path)
    data.push(...next.data)
    const limit = Number(new URLSearchParams(query).get('limit') ?? next.data.length)
    if (next.next_cursor !== null) expect(next.data).toHaveLength(limit)
    cursor = next.next_cursor
    await between()
  }
  return data
}

type Row = {
  username?: string
  delegate?: string
  name?: string
  owner?: string
  protocol?: string
  authentication?: string
  grant?: string | null
  tenant?: string | null
  outcome?: string | null
  checkedAt?: number | null
  createdAt?: number
}

export const mailboxPages = (call: Call, query: string) =>
  pages<Mailbox>(call, query, undefined, 'mailboxes')

/** Returns the id of the account with this number; ids are not in the order of their numbers. */
export const numbered = (n: number) =>
  `ma_${(n * 7919).toString(26).replace(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '')}`.padEnd(
    29,
    '2',
  )

export const insertAccounts = (world: MailWorld, rows: Row[], first = 0) =>
  world.db.batch(
    rows.map((row, n) =>
      world.db
        .prepare(
          `INSERT INTO mail_accounts (id, username, delegate, name, owner_type, owner_id, protocol, host, port,
             security, authentication, grant_id, tenant, last_validation_id, last_validation_outcome,
             last_validation_at, created_at, updated_at)
           VALUES (?, ?, ?, ?, 'department', ?, ?, 'h', 993, 'tls', ?, ?, ?, ?, ?, ?, ?, 0)`,
        )
        .bind(
          numbered(first + n),
          row.username ?? `${n}@example.org`,
          row.delegate ?? null,
          row.name ?? null,
          row.owner ?? 'dep_1',
          row.protocol ?? 'imap',
          row.authentication ?? 'password',
          row.grant ?? null,
          row.tenant ?? null,
          row.checkedAt == null ? null : `va_${'a'.repeat(26)}`,
          row.outcome ?? null,
          row.checkedAt ?? null,
          row.createdAt ?? 0,
        ),
    ),
  )

/** Creates 60 accounts of every health, with many ties in each order, and a key that may see every second of them. */
export async function mixedWorld() {
  const world = await activeMailWorld()
  const grants: (string | null)[] = [null]
  for (const state of ['active', 'cooling_down', 'reconnect_required', 'blocked']) {
    const grant = await world.grant('alice@contoso.test')
    await rows('UPDATE grant_tokens SET state = ? WHERE grant_id = ?', state, grant)
    grants.push(grant)
  }
  await rows(
    "INSERT INTO app_tokens (id, client_id, cloud, tenant, resource, state) VALUES (?1 || '|global|t1|outlook', ?1, 'global', 't1', 'outlook', 'blocked')",
    app.clientId,
  )
  const outcomes = [null, 'passed', 'failed', 'inconclusive']
  await insertAccounts(
    world,
    Array.from({ length: 60 }, (_, n) => {
      const authentication = ['oauth', 'password', 'app_only'][n % 3] ?? ''
      const outcome = outcomes[n % 4] ?? null
      return {
        username: `${n % 2 ? 'U' : 'u'}ser${n % 10}@example.org`,
        authentication,
        grant: authentication === 'oauth' ? (grants[n % 5] ?? null) : null,
        tenant: authentication === 'app_only' ? `t${n % 2}` : null,
        outcome,
        checkedAt: outcome === null ? null : n % 6,
        protocol: n % 7 === 0 ? 'smtp' : n % 7 === 3 ? 'graph_send' : 'imap',
        createdAt: n % 8,
      }
    }),
  )
  const every = await pages(world.call, 'limit=200')
  const mail_accounts = every.map(({ id }) => id).filter((_, n) => n % 2)
  const key = await createKey(world, { scopes: ['read'], mail_accounts })
  return { world, every, mail_accounts, restricted: callerOf(world, key.key) as Call }
}
