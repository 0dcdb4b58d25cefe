/**
 * SIGKILL of the product in Node at random moments, on one folder, while tokens are refreshed, people sign in and
 * records are written. After each start, all acknowledged writes are there, every grant refreshes at Entra, and the
 * file is sound. In the end, every event has reached the webhook.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { WebhookEvent } from '../../schema/webhook.ts'
import { passwordForm } from '../api/mail-world.ts'
import { serveHttp } from '../sandbox/http-server.ts'
import { alice, type Person } from '../sandbox/personas.ts'
import { seeded } from '../seeded.ts'
import { createTally, type Kind, SEED, type Size } from './kinds.ts'
import { type OwnServer, startOwnServer } from './own-server.ts'
import type { ConnectedAccount } from './product-client.ts'

const KILLS: Record<Size, number> = { small: 3, full: 100 }
/** Most acknowledged writes between a start and the kill, and the longest time after the last of them. */
const WRITES = 60
const AFTER_WRITE_MS = 30
/** Time that Entra takes to respond, so that kills meet requests under way. */
const ENTRA_MS = 20
/** Accounts in use all the time. */
const IN_USE = 3
/** Accounts of people who have signed in meanwhile; older ones are deleted. */
const NEWEST = 4
/** Longest wait for the messages that are left in the end. */
const DELIVERY_MS = 30_000

const person = (name: string): Person => ({
  ...alice,
  username: `${name}@contoso.test`,
  mailbox: `${name}@contoso.test`,
  oid: crypto.randomUUID(),
})
const anna = person('anna')
/** A person who revokes her consent and signs in again, over and over. */
const vera = person('vera')

/** Writes that the product has acknowledged so far. One under way when it was killed may be there or not. */
type Journal = {
  webhookUrl: string
  accounts: ConnectedAccount[]
  /** Position in `issued` of the newest token issued, by account. */
  newest: Map<string, number>
  renamed: { path: string; to: Set<string> }
  /** Paths that return 200, and those that return 404. */
  present: Set<string>
  gone: Set<string>
  validKeys: Set<string>
  revokedKeys: Set<string>
  revocable: { account: ConnectedAccount; connected: boolean }
  /** Number of acknowledged writes. */
  writes: number
  /** Called after each of them. */
  onWrite: () => void
}

export async function nodeKills(size: Size): Promise<Kind[]> {
  const tally = createTally()
  const random = seeded(SEED)
  const server = await startOwnServer({ entra: { people: [anna, vera] } })
  const receiver = await startReceiver()
  try {
    const journal = await begin(server, receiver.url)
    for (let round = 1; round <= KILLS[size]; round += 1) {
      const moment = { writes: 1 + random(WRITES), ms: random(AFTER_WRITE_MS) }
      const locate = (failures: readonly string[]) =>
        failures.map(
          (failure) =>
            `killed ${moment.ms} ms after write ${moment.writes} of round ${round}: ${failure}`,
        )
      const before = journal.writes
      await tally.trial('SIGKILL of the own server', async () =>
        locate([...(await workUntilKilled(server, journal, moment)), ...unsoundFile(server)]),
      )
      const writes = journal.writes - before
      tally.add('acknowledged write', writes, locate(await lostWrites(server, journal)))
      const grants = await unusableGrants(server, journal)
      tally.add('grant asked for a token afterwards', grants.asked, locate(grants.failures))
    }
    const messages = await unsentMessages(server, journal, receiver.notified)
    tally.add('event for the webhook', messages.events, messages.failures)
  } finally {
    await server.stop()
    await receiver.stop()
  }
  return tally.kinds()
}

/** Starts an endpoint for webhooks. */
async function startReceiver() {
  /** Ids of the events whose message has arrived. */
  const notified = new Set<string>()
  const { url, stop } = await serveHttp(async (request) => {
    const { data } = (await request.json()) as { data: { event_id: string } }
    notified.add(data.event_id)
    return new Response(null, { status: 204 })
  })
  return { url: `${url}/hooks`, stop, notified }
}

async function begin(server: OwnServer, webhookUrl: string): Promise<Journal> {
  server.network.delayMs = ENTRA_MS
  await server.expectStatus(201, 'POST', '/v1/webhooks', { url: webhookUrl })
  const accounts: ConnectedAccount[] = []
  for (let at = 0; at < IN_USE; at += 1) accounts.push(await server.connect(anna.username))
  const { id } = await server.expectStatus(201, 'POST', '/v1/mail-accounts', form('desk_0'))
  return {
    webhookUrl,
    accounts,
    newest: new Map(),
    renamed: { path: `/v1/mail-accounts/${id}`, to: new Set(['desk_0@example.org']) },
    present: new Set(),
    gone: new Set(),
    validKeys: new Set(),
    revokedKeys: new Set(),
    revocable: { account: await server.connect(vera.username), connected: true },
    writes: 0,
    onWrite: () => {},
  }
}

const form = (name: string) => passwordForm({ username: `${name}@example.org` })

/** Works in several streams at once until the process is killed, then starts it again. */
async function workUntilKilled(
  server: OwnServer,
  journal: Journal,
  moment: { writes: number; ms: number },
): Promise<string[]> {
  let killed = false
  const failures: string[] = []
  /** Repeats the work until the kill breaks its connection. */
  const stream = async (work: () => Promise<void>): Promise<void> => {
    try {
      while (!killed) await work()
    } catch (error) {
      if (!killed) failures.push(error instanceof Error ? (error.stack ?? '') : String(error))
    }
  }
  const inUse = journal.accounts.slice(0, IN_USE)
  const streams = [
    ...inUse.map((account) => stream(() => refresh(server, journal, account))),
    stream(() => rename(server, journal)),
    stream(() => writeRecords(server, journal)),
    stream(() => signIn(server, journal)),
    stream(() => revokeAndReconnect(server, journal)),
  ]
  const target = journal.writes + moment.writes
  await new Promise<void>((resolve) => {
    journal.onWrite = () => {
      if (journal.writes >= target || failures.length > 0) resolve()
    }
  })
  await sleep(moment.ms)
  killed = true
  await server.kill()
  await Promise.all(streams)
  await server.start()
  return failures
}

function acknowledge(journal: Journal): void {
  journal.writes += 1
  journal.onWrite()
}

/** Lets a token expire and has two callers ask for it, of whom one waits for the other's refresh. */
async function refresh(
  server: OwnServer,
  journal: Journal,
  account: ConnectedAccount,
): Promise<void> {
  expire(server, account)
  const ask = () => expectStatus(server, 200, 'POST', account.path, {})
  const [{ body }] = await Promise.all([ask(), ask()])
  const position = server.issued.findIndex(({ access }) => access === body.access_token)
  journal.newest.set(account.id, Math.max(position, journal.newest.get(account.id) ?? 0))
  acknowledge(journal)
}

const expire = (server: OwnServer, { grant }: ConnectedAccount) =>
  server.query(
    `UPDATE grant_tokens SET access_token_expires_at = 1, issued_at = 0 WHERE grant_id = '${grant}'`,
  )

/** Throws for another status. */
async function expectStatus(
  server: OwnServer,
  status: number,
  ...request: [method: string, path: string, body?: unknown]
) {
  const response = await server.call(0, ...request)
  if (response.status === status) return response
  throw new Error(`${request[0]} ${request[1]} returns ${response.status}: ${response.text}`)
}

async function rename(server: OwnServer, journal: Journal): Promise<void> {
  const { renamed } = journal
  const name = `desk_${journal.writes}`
  const username = `${name}@example.org`
  renamed.to.add(username)
  await expectStatus(server, 200, 'PUT', renamed.path, form(name))
  renamed.to = new Set([username])
  acknowledge(journal)
}

/** Creates an account, a webhook and an API key, and deletes what it has created before. */
async function writeRecords(server: OwnServer, journal: Journal): Promise<void> {
  const { present, gone, validKeys, revokedKeys } = journal
  const create = async (path: string, body: unknown) => {
    const created = await expectStatus(server, 201, 'POST', path, body)
    acknowledge(journal)
    return created.body
  }
  const remove = async (path: string) => {
    present.delete(path)
    await expectStatus(server, 204, 'DELETE', path)
    gone.add(path)
    acknowledge(journal)
  }
  const account = await create('/v1/mail-accounts', form('record'))
  present.add(`/v1/mail-accounts/${account.id}`)
  const hook = await create('/v1/webhooks', {
    url: journal.webhookUrl,
    events: ['integration.secret_expired'],
  })
  present.add(`/v1/webhooks/${hook.id}`)
  const { id, key } = await create('/v1/api-keys', { name: 'kills', scopes: ['read'] })
  validKeys.add(String(key))
  for (const path of [...present].slice(0, -2)) await remove(path)
  if (validKeys.size < 3) return
  validKeys.delete(String(key))
  await expectStatus(server, 204, 'DELETE', `/v1/api-keys/${id}`)
  revokedKeys.add(String(key))
  acknowledge(journal)
}

/** Signs a person in and saves the account. Deletes the oldest one that a sign-in has made. */
async function signIn(server: OwnServer, journal: Journal): Promise<void> {
  journal.accounts.push(await server.connect(anna.username))
  acknowledge(journal)
  if (journal.accounts.length <= IN_USE + NEWEST) return
  const [oldest] = journal.accounts.splice(IN_USE, 1)
  await expectStatus(server, 204, 'DELETE', `/v1/mail-accounts/${oldest?.id}`)
  journal.gone.add(`/v1/mail-accounts/${oldest?.id}`)
  journal.gone.add(`/v1/grants/${oldest?.grant}`)
  acknowledge(journal)
}

/** Causes two events: the product notices a revocation, and the person signs in again. */
async function revokeAndReconnect(server: OwnServer, journal: Journal): Promise<void> {
  const { revocable } = journal
  const { account } = revocable
  revocable.connected = false
  server.entra.control.revoke(vera.username)
  expire(server, account)
  await expectStatus(server, 409, 'POST', account.path, {})
  const started = await server.startSignIn(
    { mail_account_id: account.id, apply: 'at_once' },
    vera.username,
  )
  await server.visit(0, started.path, started.cookie)
  const { status } = await server.expectStatus(200, 'GET', `/v1/authorizations/${started.id}`)
  if (status !== 'completed') throw new Error(`the sign-in is ${status}`)
  revocable.connected = true
  acknowledge(journal)
}

/** Returns what was acknowledged and is not there. */
async function lostWrites(server: OwnServer, journal: Journal): Promise<string[]> {
  const { present, gone, validKeys, revokedKeys, renamed } = journal
  const failures: string[] = []
  const expect = async (path: string, status: number) => {
    const response = await server.call(0, 'GET', path)
    if (response.status !== status)
      failures.push(`GET ${path} returns ${response.status}, not ${status}`)
  }
  for (const path of present) await expect(path, 200)
  for (const path of gone) await expect(path, 404)
  const statusFor = async (key: string) =>
    (await server.call(0, 'GET', '/v1/grants', undefined, { authorization: `Bearer ${key}` }))
      .status
  for (const key of validKeys) {
    if ((await statusFor(key)) !== 200) failures.push('an API key is lost')
  }
  for (const key of revokedKeys) {
    if ((await statusFor(key)) !== 401) failures.push('a revoked API key works again')
  }
  for (const checked of [gone, validKeys, revokedKeys]) checked.clear()
  const { username } = await server.expectStatus(200, 'GET', renamed.path)
  if (!renamed.to.has(String(username))) failures.push(`the account is called ${username}`)
  renamed.to = new Set([String(username)])
  return [...failures, ...(await lostTokens(server, journal))]
}

/** Asks Entra for a new token of each grant. */
async function unusableGrants(server: OwnServer, { accounts, revocable }: Journal) {
  // The leases of the killed process expire after 10 s; here they have.
  server.query('UPDATE grants SET lease_expires_at = 1 WHERE lease_expires_at IS NOT NULL')
  const failures: string[] = []
  const usable = revocable.connected ? [...accounts, revocable.account] : accounts
  for (const account of usable) {
    expire(server, account)
    const { status, body } = await server.call(0, 'POST', account.path, {})
    if (status !== 200) failures.push(`a grant is lost: ${status} ${body.code}`)
  }
  return { asked: usable.length, failures }
}

function unsoundFile(server: OwnServer): string[] {
  const rows = server.query<{ integrity_check: string }>('PRAGMA integrity_check')
  const broken = server.query('PRAGMA foreign_key_check')
  return [
    ...rows.map((row) => row.integrity_check).filter((text) => text !== 'ok'),
    ...broken.map((row) => `broken reference: ${JSON.stringify(row)}`),
  ]
}

/** Returns the grants whose tokens are not from the same response of Entra, or older than one already issued. */
async function lostTokens(server: OwnServer, { accounts, newest }: Journal): Promise<string[]> {
  const failures: string[] = []
  const grants = server.query<Record<string, string>>(
    'SELECT * FROM grants JOIN grant_tokens ON grant_id = id',
  )
  for (const { id, grant } of accounts) {
    const row = grants.find((one) => one.id === grant)
    if (!row) {
      failures.push(`the grant ${grant} is not there`)
      continue
    }
    const open = (column: 'access_token' | 'refresh_token') =>
      server.open(row[`${column}_sealed`] ?? '', grant, column)
    const [access, refresh] = [await open('access_token'), await open('refresh_token')]
    const position = server.issued.findIndex((pair) => pair.refresh === refresh)
    if (server.issued[position]?.access !== access)
      failures.push('a grant has tokens of two responses')
    if (position < (newest.get(id) ?? 0)) failures.push('a token that was issued is not stored')
  }
  return failures
}

/**
 * Kills it right after two more events, starts it when all messages are due, and returns the events whose
 * message does not arrive.
 */
async function unsentMessages(server: OwnServer, journal: Journal, notified: ReadonlySet<string>) {
  await revokeAndReconnect(server, journal)
  await server.kill()
  server.query(
    'UPDATE webhook_deliveries SET lease_expires_at = 1, next_attempt_at = 1 WHERE next_attempt_at IS NOT NULL',
  )
  await server.start()
  const types = WebhookEvent.options.map((type) => `'${type}'`).join()
  const events = server.query<{ id: string; type: string }>(
    `SELECT id, type FROM events WHERE type IN (${types})`,
  )
  const missing = () => events.filter(({ id }) => !notified.has(id))
  const deadline = Date.now() + DELIVERY_MS
  while (missing().length > 0 && Date.now() < deadline) await sleep(200)
  const failures = missing().map(({ id, type }) => `no message about ${type} ${id}`)
  return { events: events.length, failures }
}
