/**
 * `npm run release-data`: stores a database with data in every table, as this version writes it, under the
 * version of package.json. Run it when a version is released, and commit both files; never run it again for
 * that version. `npm test` then opens the database with every later version.
 */

import { env } from 'cloudflare:workers'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runMaintenance } from '../../api/domain/operations/maintenance/maintenance.ts'
import { hashSecret } from '../../api/hash.ts'
import { exportSql } from '../../api/node/d1-dump.ts'
import { WRANGLERS_TABLE } from '../../api/node/database-schema.ts'
import packageJson from '../../package.json' with { type: 'json' }
import { appOnlyForm } from '../api/app-only-world.ts'
import { configure, openConsole } from '../api/console-sign-in.ts'
import { createWorld } from '../api/harness.ts'
import { imapForm, type MailWorld, passwordForm, smtpForm } from '../api/mail-world.ts'
import { authorize, startSignIn } from '../api/sign-in.ts'
import { system } from '../api/system-call.ts'
import { createTestMessageWorld, pathOf, sends } from '../api/test-message-world.ts'
import { createTemporaryFolder } from '../temporary-folder.ts'
import { type ReleaseFacts, releaseSettings, sqlFileOf } from './releases.ts'
import { rowCounts } from './row-counts.ts'

const SETTINGS = '/v1/integrations/microsoft/settings'

it('stores the database of this version', async () => {
  const sql = sqlFileOf(packageJson.version)
  if (existsSync(sql)) {
    throw new Error(`${sql} exists. It must stay as the released version wrote it.`)
  }
  await storeFederatedCredential()
  const world = await createTestMessageWorld({ settings: releaseSettings, keepDatabase: true })
  const accounts = await fill(world)
  const rows = await rowCounts(env.DB)
  for (const [table, count] of Object.entries(rows)) expect(count, table).toBeGreaterThan(0)

  await recordMigrations()
  const work = createTemporaryFolder()
  const file = join(work, 'mailgrant.sqlite')
  await env.DB.exec(`VACUUM INTO '${file}'`)
  exportSql(file, sql)
  const facts: ReleaseFacts = { now: world.clock.now.toISOString(), accounts, rows }
  writeFileSync(sql.replace(/sql$/, 'json'), `${JSON.stringify(facts, null, 2)}\n`)
})

/** Sets up the integration at a public address, where Entra can read the keys of a federated credential. */
async function storeFederatedCredential(): Promise<void> {
  const publicUrl = 'https://mail.example.com'
  const world = await createWorld({ settings: { ...releaseSettings, publicUrl } })
  await configure(world)
  await world.call('POST', '/v1/integrations/microsoft/activate')
  const stored = await world.call('PUT', `${SETTINGS}/next-credential`, { type: 'federated' })
  expect(stored.status).toBe(200)
}

/** Makes at least one row in each table, through the API. Returns the accounts with the hashes of their tokens. */
async function fill(world: MailWorld): Promise<ReleaseFacts['accounts']> {
  const call = async <Body>(method: string, path: string, body?: object, headers = {}) => {
    const response = await world.call(method, path, body, headers)
    const text = await response.text()
    expect(response.status, `${method} ${path}: ${text}`).toBeLessThan(300)
    return JSON.parse(text || '{}') as Body
  }
  const issue = async (id: string) => {
    const path = `/v1/mail-accounts/${id}/access-token`
    const { access_token: token } = await call<{ access_token: string }>('POST', path)
    return { id, token_hash: hashSecret(token) }
  }

  // People sign in to the console with the home tenant.
  await configure(world)
  await call('POST', '/v1/webhooks', { url: 'https://helpdesk.example.com/hooks' })
  await call(
    'POST',
    '/v1/api-keys',
    { name: 'Mail worker', scopes: ['tokens'], customer: '4711' },
    { 'idempotency-key': 'release' },
  )

  const imap = await world.save(imapForm(await world.grant('alice@contoso.test')))
  const smtp = await world.save(smtpForm(await world.grant('alice@contoso.test')))
  const extra = await world.save(
    imapForm(await world.grant('alice@contoso.test'), { host: 'imap.contoso.test' }),
  )
  const appOnly = await world.save(appOnlyForm())
  const password = await world.save(passwordForm())
  const broken = await world.save(
    imapForm(await world.grant('frank@contoso.test'), { username: 'frank@contoso.test' }),
  )
  for (const { id } of [imap, smtp, extra, password]) await world.validateSaved(id)
  await call('POST', pathOf(smtp.id), { to: 'bob@contoso.test' })
  world.login.probe = sends

  await authorize(world)
  await startSignIn(world)
  await call('POST', '/v1/integrations/microsoft/admin-consent', { tenant: 'contoso.test' })
  await call('POST', '/v1/grants', {
    refresh_token: world.entra.control.signInElsewhere({ username: 'bob@contoso.test' }),
    username: 'bob@contoso.test',
  })
  await openConsole(world, 'admin@contoso.test')
  await world.call('POST', '/console/session')

  // Frank's refresh token is refused, which is an event and a message for the webhook.
  world.advance(2 * 3600)
  const refused = await world.call('POST', `/v1/mail-accounts/${broken.id}/access-token`)
  expect(refused.status).toBe(409)
  await runMaintenance(world.services, system)
  return Promise.all([imap, smtp, appOnly].map(({ id }) => issue(id)))
}

/** Wrangler's table of migrations, which the tests' database lacks. */
async function recordMigrations(): Promise<void> {
  await env.DB.prepare(WRANGLERS_TABLE).run()
  const insert = env.DB.prepare('INSERT INTO d1_migrations (name) VALUES (?)')
  await env.DB.batch(env.MIGRATIONS.map(({ name }) => insert.bind(name)))
}
