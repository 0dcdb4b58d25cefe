/** Databases that released versions wrote, opened by this one. This folder holds them. */
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { hashSecret } from '../../api/hash.ts'
import { loadDump } from '../../api/node/d1-dump.ts'
import { openDatabaseFile } from '../../api/node/database.ts'
import { takeRows } from '../../api/node/take-rows.ts'
import type { Readiness } from '../../schema/health.ts'
import type { MailAccount } from '../../schema/mail-account.ts'
import { createMailWorld } from '../api/mail-world.ts'
import { MIGRATIONS } from '../api/node/database-folder.ts'
import { createTemporaryFolder } from '../temporary-folder.ts'
import { type Release, readReleases, releaseSettings, sqlFileOf } from './releases.ts'
import { rowCounts } from './row-counts.ts'

/** Imports the database, and applies the migrations that are new since the release. */
function upgrade({ version }: Release): D1Database {
  const file = join(createTemporaryFolder(), 'mailgrant.sqlite')
  loadDump(sqlFileOf(version), `${file}.loaded`)
  takeRows(`${file}.loaded`, file, MIGRATIONS)
  const { d1, close } = openDatabaseFile(file, MIGRATIONS)
  onTestFinished(close)
  return d1
}

it.each(readReleases())(
  'serves the database of $version, and reads each of its lists',
  async (release) => {
    const db = upgrade(release)
    const { now, accounts, rows } = release.facts
    expect(await rowCounts(db)).toMatchObject(rows)

    const world = await createMailWorld({ db, keepDatabase: true, settings: releaseSettings })
    world.clock.now = new Date(now)
    const read = async <Body>(method: string, path: string): Promise<Body> => {
      const response = await world.call(method, path)
      expect(response.status, `${method} ${path}`).toBeLessThan(300)
      return response.json()
    }

    const { checks } = await read<Readiness>('GET', '/readyz')
    expect(checks).toMatchObject({ database: { status: 'ok' }, key_ring: { status: 'ok' } })
    const { data } = await read<{ data: MailAccount[] }>('GET', '/v1/mail-accounts')
    expect(data).toHaveLength(rows.mail_accounts ?? 0)
    const lists = {
      '/v1/grants': 'grants',
      '/v1/api-keys': 'api_keys',
      '/v1/webhooks': 'webhooks',
      '/v1/console-sessions': 'console_sessions',
      '/v1/events?limit=200': 'events',
    }
    for (const [path, table] of Object.entries(lists)) {
      const { data: list } = await read<{ data: unknown[] }>('GET', path)
      expect(list.length, path).toBe(rows[table])
    }
    for (const path of ['/v1/history', '/v1/key-ring', '/v1/integrations/microsoft', '/metrics']) {
      expect((await world.call('GET', path)).status, path).toBe(200)
    }
    for (const { id, token_hash: hash } of accounts) {
      const path = `/v1/mail-accounts/${id}/access-token`
      const { access_token: token } = await read<{ access_token: string }>('POST', path)
      expect(hashSecret(token), path).toBe(hash)
    }
    for (const { id } of data.filter(({ authentication }) => authentication.type === 'password')) {
      expect(await world.validateSaved(id)).toMatchObject({ outcome: 'passed' })
    }
    expect(await world.validateSaved(accounts[0]?.id ?? '')).toMatchObject({ outcome: 'passed' })
  },
)
