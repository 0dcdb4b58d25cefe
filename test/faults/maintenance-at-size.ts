/**
 * Maintenance of 100,000 mailboxes on a simulated clock. With everything due at once, each task must do
 * its share of a day in the minutes simulated, within the limits of each invocation, and nothing twice. A
 * trial is a run. Assumed: D1 responds within 10 ms, Entra within 300 ms, and a login takes 2 s.
 */

import type { DatabaseSync } from 'node:sqlite'
import { runMaintenance } from '../../api/domain/operations/maintenance/maintenance.ts'
import { createSealer, labelOf } from '../../api/store/seal.ts'
import { factsOf, sealCredential } from '../../api/store/settings.ts'
import { createApp as createChecker } from '../../checker/app.ts'
import { KeyRingSetting } from '../../schema/settings.ts'
import { system } from '../api/system-call.ts'
import { probeFailure } from '../probe-failure.ts'
import { CHECKER_KEY, CHECKER_URL, createSimulation } from './invocation.ts'
import type { Kind, Size } from './kinds.ts'

const MINUTE_MS = 60_000
const DAY_MS = 1440 * MINUTE_MS
const ENTRA_MS = 300
const LOGIN_MS = 2000
const MAX_RUN_MS = 15 * MINUTE_MS
/** Mailboxes of the deployment for which a day must suffice. */
const FLEET = 100_000
const CLIENT_ID = '3f2504e0-4f89-41d3-9a0c-0305e82c3301'
const SCOPE = 'https://outlook.office.com/IMAP.AccessAsUser.All'
const APP = {
  clientId: CLIENT_ID,
  cloud: 'global',
  tenant: 'common',
  homeTenant: null,
  homeTenantId: null,
} as const
const SECRET = {
  type: 'client_secret',
  secret: 'secret',
  hint: '',
  certificate: null,
  expiresAt: null,
  lifetimeDays: null,
} as const
const SIZES = {
  small: { mailboxes: 4000, minutes: 5 },
  full: { mailboxes: FLEET, minutes: 30 },
} as const

/** Tasks that are due for every mailbox when the simulation starts. `refused`: the server refuses each login. */
type Due = { refresh?: true; validate?: true; reencrypt?: true; refused?: true }

const scenarios: readonly [name: string, due: Due][] = [
  ['refresh of idle grants', { refresh: true }],
  ['scheduled validations', { validate: true }],
  ['refused validations', { validate: true, refused: true }],
  ['re-encryption', { reencrypt: true }],
  ['all at once', { refresh: true, validate: true, reencrypt: true }],
]

const REFUSAL = probeFailure({ reply: 'NO AUTHENTICATE failed.', imap_status: 'NO' })

export async function maintenanceAtSize(size: Size): Promise<Kind[]> {
  const kinds: Kind[] = []
  for (const [name, due] of scenarios) kinds.push(await simulate(name, due, SIZES[size]))
  return kinds
}

async function simulate(
  name: string,
  due: Due,
  { mailboxes, minutes }: { mailboxes: number; minutes: number },
): Promise<Kind> {
  const key = (byte: number) => Buffer.alloc(32, byte).toString('base64')
  const settings = {
    ENCRYPTION_KEYS: due.reencrypt ? `k2:${key(2)},k1:${key(1)}` : `k1:${key(1)}`,
    // A small deployment is as busy as a large one when it validates every hour.
    VALIDATE_EVERY_HOURS: due.validate ? (mailboxes < FLEET ? '1' : '24') : 'off',
  }
  const simulation = createSimulation(settings, respond)
  const { clock, sqlite, invocations, errors } = simulation
  // Only as many rows as a task can reach in these minutes hold values that can be decrypted.
  const real = Math.min(mailboxes, 1200 * minutes)
  await fill(sqlite, clock.now().getTime(), { mailboxes, real, due })

  const uninstall = clock.install()
  const used = new Map<string, number>()
  const logins = new Map<string, number>()
  const checker = createChecker({
    ring: KeyRingSetting.parse(CHECKER_KEY),
    now: clock.now,
    log: () => {},
    probe: async ({ identity }) => {
      logins.set(identity, (logins.get(identity) ?? 0) + 1)
      await clock.sleep(LOGIN_MS)
      // A refusal costs the most queries, since it reads the account's history and writes an event.
      const refused = due.refused
      return {
        outcome: refused ? 'failed' : 'passed',
        mechanism: 'XOAUTH2',
        steps: [{ name: 'connect', outcome: 'passed', duration_ms: 3, detail: null }],
        failure: refused ? REFUSAL : null,
        duration_ms: LOGIN_MS,
      }
    },
  })
  async function respond(request: Request): Promise<Response> {
    if (request.url.startsWith(CHECKER_URL)) return checker.fetch(request)
    const token = new URLSearchParams(await request.text()).get('refresh_token') ?? ''
    used.set(token, (used.get(token) ?? 0) + 1)
    await clock.sleep(ENTRA_MS)
    return Response.json({
      token_type: 'Bearer',
      scope: SCOPE,
      expires_in: 3900,
      access_token: `a.${token}.${'x'.repeat(1500)}`,
      refresh_token: `${token}+`,
    })
  }
  try {
    for (let minute = 0; minute < minutes; minute += 1) {
      void simulation.invoke((services) => runMaintenance(services, system))
      await clock.advance(MINUTE_MS)
    }
    // The last runs may take longer than their minute.
    await clock.advance(MAX_RUN_MS)
  } finally {
    uninstall()
  }

  const count = (sql: string) => Number(Object.values(sqlite.prepare(sql).get() ?? {})[0])
  const refreshed = used.size
  const validated = count('SELECT count(*) FROM validations')
  const reencrypted = due.reencrypt
    ? count(`SELECT count(*) FROM grants WHERE refresh_token_label = '${labelOf('k2', 'grants')}'`)
    : 0
  const share = Math.min(mailboxes, Math.ceil((FLEET * minutes) / 1440))
  const isAll = due.refresh && due.validate
  const behind = (what: string, done: number, expected: number) =>
    done < expected ? [`${what} ${done} of ${expected} in ${minutes} minutes`] : []
  const twice = [...used, ...logins].filter(([, times]) => times > 1)
  const worst = (values: readonly number[]) => Math.max(0, ...values)
  const seconds = invocations.map(
    ({ startedAt, endedAt }) => ((endedAt ?? Infinity) - startedAt) / 1000,
  )
  const figures = [
    due.refresh ? `${Math.round(refreshed / minutes)} refreshed` : '',
    due.validate ? `${Math.round(validated / minutes)} validated` : '',
    due.reencrypt ? `${Math.round(reencrypted / minutes)} re-encrypted` : '',
  ].filter(Boolean)
  const queries = worst(invocations.map((one) => one.queries))
  const most = `${figures.join(', ')} a minute; a run ${queries} queries, ${Math.round(worst(seconds))} s`
  return {
    name: `${name}: ${most}`,
    trials: invocations.length,
    failures: [
      ...new Set(errors),
      ...(due.refresh ? behind('refreshed', refreshed, share) : []),
      // With a backlog of grants as well, validations get the rest of the budget.
      ...(due.validate ? behind('validated', validated, isAll ? share / 3 : share) : []),
      ...(due.reencrypt ? behind('re-encrypted', reencrypted, Math.min(3 * share, real)) : []),
      ...twice.map(([what, times]) => `${what} was used ${times} times`),
      ...(queries > 1000 ? [`a run took ${queries} queries`] : []),
      ...(worst(seconds) > MAX_RUN_MS / 1000 ? [`a run took ${worst(seconds)} s`] : []),
      ...(worst(invocations.map((one) => one.atOnce)) > 6
        ? ['more than six requests at once']
        : []),
    ],
  }
}

/** Inserts the mailboxes, each with its grant. The first `real` of them hold a refresh token that opens. */
async function fill(
  sqlite: DatabaseSync,
  now: number,
  { mailboxes, real, due }: { mailboxes: number; real: number; due: Due },
): Promise<void> {
  const sealer = createSealer([{ kid: 'k1', key: new Uint8Array(32).fill(1) }])
  const context = (table: string, row: string, column: string) => ({ table, row, column })
  sqlite
    .prepare(
      `INSERT INTO integrations (id, active, client_id, cloud, credential, credential_sealed, version)
       VALUES ('microsoft', 1, ?, 'global', ?, ?, 1)`,
    )
    .run(CLIENT_ID, JSON.stringify(factsOf(SECRET)), await sealCredential(sealer, SECRET, APP))
  const idleSince = now - (due.refresh ? 30 : 10) * DAY_MS
  const insertGrant = sqlite.prepare(
    `INSERT INTO grants (id, saved_at, created_at, client_id, cloud, tenant_id, object_id, account_type,
       signed_in_as, scopes, refreshed_at, refresh_token_sealed)
     VALUES (?, 1, ?, ?, 'global', ?, ?, 'work', ?, ?, ?, ?)`,
  )
  const insertToken = sqlite.prepare(
    "INSERT INTO grant_tokens (grant_id, resource, protocols) VALUES (?, 'outlook', 'imap')",
  )
  const insertAccount = sqlite.prepare(
    `INSERT INTO mail_accounts (id, owner_type, owner_id, protocol, host, port, security, username,
       authentication, grant_id, scheduled_at, created_at, updated_at)
     VALUES (?, 'department', 'd', 'imap', 'outlook.office365.com', 993, 'tls', ?, 'oauth', ?, ?, ?, ?)`,
  )
  sqlite.exec('BEGIN')
  for (let index = 1; index <= mailboxes; index += 1) {
    const id = `gr_${index}`
    const mailbox = `user${index}@contoso.test`
    const token =
      index <= real
        ? await sealer.seal(
            `refresh-${index}-${'x'.repeat(1200)}`,
            context('grants', id, 'refresh_token'),
          )
        : `${labelOf('k1', 'grants')}.${index}`
    insertGrant.run(id, index, CLIENT_ID, CLIENT_ID, id, mailbox, SCOPE, idleSince + index, token)
    insertToken.run(id)
    insertAccount.run(`ma_${index}`, mailbox, id, index, index, index)
  }
  sqlite.exec('COMMIT')
}
