/**
 * One run over a large deployment with everything due at once. On a paid plan, Cloudflare allows one invocation
 * 1,000 D1 queries, which this test measures, and 10,000 subrequests.
 */
import { describe, expect, it } from 'vitest'
import { createSealer, labelOf } from '../../../../../api/store/seal.ts'
import type { KeyRing } from '../../../../../schema/settings.ts'
import { activeMailWorld } from '../../../mail-world.ts'
import { scansOf } from '../../../query-plans.ts'
import { recordingDatabase } from '../../../recording-database.ts'
import { rows } from '../../../sql.ts'
import { refused } from '../../tokens/both-kinds.ts'
import { DAY, run } from './run.ts'

const GRANTS = 10_000
/** Grants with real tokens: more than one run handles. */
const REAL = 250
const LIMIT = 1000

const key = (kid: string, byte: number) => ({ kid, key: new Uint8Array(32).fill(byte) })
const ring: KeyRing = [key('k2', 2), key('k1', 1)]

/** Creates copies of one grant and one account for which every task is due. The first `REAL` tokens open. */
async function largeWorld() {
  const { db, statements } = recordingDatabase()
  const world = await activeMailWorld({
    db,
    settings: { encryptionKeys: ring, validateEveryHours: 1 },
  })
  const original = await world.grant('alice@contoso.test')
  await rows(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
       INSERT INTO grants (id, state, saved_at, created_at, client_id, cloud, tenant_id, object_id,
         account_type, signed_in_as, scopes, refreshed_at, refresh_token_sealed,
         previous_refresh_token_sealed)
       SELECT 'gr_' || i, iif(i % 5 = 0, 'cooling_down', 'active'), saved_at, created_at, client_id,
         cloud, tenant_id, object_id, account_type, signed_in_as, scopes, refreshed_at + i,
         ?2 || '.' || i, ?2 || '.p' || i
       FROM grants, n WHERE grants.id = ?3`,
    GRANTS,
    labelOf('k1', 'grants'),
    original,
  )
  await rows(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
       INSERT INTO grant_tokens (grant_id, resource, protocols, state, issued_at, retry_at, failures,
         access_token_sealed, access_token_expires_at)
       SELECT 'gr_' || i, resource, protocols, iif(i % 5 = 0, 'cooling_down', 'active'), issued_at + i,
         iif(i % 5 = 0, issued_at + i, NULL), i % 5 = 0, ?2 || '.a' || i, access_token_expires_at
       FROM grant_tokens, n WHERE grant_id = ?3`,
    GRANTS,
    labelOf('k1', 'grant_tokens'),
    original,
  )
  await rows(`INSERT INTO mail_accounts (id, owner_type, owner_id, protocol, host, port, security, username,
         authentication, grant_id, version, created_at, updated_at)
       SELECT 'ma_' || id, 'department', 'd', 'imap', 'outlook.office365.com', 993, 'tls',
         'alice@contoso.test', 'oauth', id, 1, created_at, created_at FROM grants`)
  const refreshToken = world.entra.issuedSecrets().find((secret) => secret.startsWith('1.AXoA'))
  const old = createSealer([key('k1', 1)])
  const sealed = await Promise.all(
    Array.from({ length: REAL }, async (_, index) => {
      const id = `gr_${index + 1}`
      const context = { table: 'grants', row: id, column: 'refresh_token' }
      return { id, sealed: await old.seal(refreshToken ?? '', context) }
    }),
  )
  await rows(
    `UPDATE grants SET refresh_token_sealed = value ->> 'sealed', previous_refresh_token_sealed = NULL
       FROM json_each(?)
       WHERE grants.id = value ->> 'id'`,
    JSON.stringify(sealed),
  )
  world.advance(30 * DAY)
  statements.length = 0
  return { world, statements }
}

describe('one run over 10,000 grants, all of them due', { timeout: 60_000 }, () => {
  it('stays within the limits of one invocation and reads by index only', async () => {
    const { world, statements } = await largeWorld()
    world.entra.control.resetCounts()
    world.probes.length = 0
    const lines = await run(world)
    expect(lines.refresh).toMatchObject({ count: 110, more: true })
    expect(lines.validate?.more).toBe(true)
    expect(statements.length).toBeLessThan(LIMIT)
    // The run must use most of its limit.
    expect(statements.length).toBeGreaterThan(LIMIT / 2)

    const [{ count = 0 } = {}] = await rows<{ count: number }>(
      'SELECT count(*) AS count FROM grants WHERE refreshed_at = ?',
      world.clock.now.getTime(),
    )
    expect(count).toBeGreaterThanOrEqual(110)

    const texts = new Set(statements.map(({ sql }) => sql))
    for (const sql of texts) expect(await scansOf(sql), sql).toEqual([])
  })

  it('stays within them while one of several tenants refuses the app for each of its mailboxes', async () => {
    const { world, statements } = await largeWorld()
    await world.grant('grace@outlook.test')
    const refresh = async () => refused('unauthorized_client', 700016)
    world.services.entra = { ...world.services.entra, refresh }
    statements.length = 0
    expect((await run(world)).refresh).toMatchObject({ count: 0, more: true })
    const [{ blocked = 0 } = {}] = await rows<{ blocked: number }>(
      "SELECT count(*) AS blocked FROM grants WHERE state = 'blocked'",
    )
    expect(blocked).toBeGreaterThan(90)
    expect(statements.length).toBeLessThan(LIMIT)
  })
})
