/** Grants that cannot be refreshed must never keep the others from being refreshed. */
import { describe, expect, it } from 'vitest'
import { sealWithLostKey } from '../../../rotation.ts'
import { eventsOf, rows } from '../../../sql.ts'
import { DAY, grantRow, HOUR, idleWorld, run, runAfter, stateOf } from './run.ts'

/** Adds older copies of the only grant. Their tokens do not open, since they were sealed for another row. */
async function addDamaged(count: number, { failures = 0, retryAt = null as number | null } = {}) {
  await rows(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
     INSERT INTO grants (id, state, saved_at, created_at, client_id, cloud, tenant_id, object_id,
       account_type, signed_in_as, scopes, refresh_token_sealed, refreshed_at)
     SELECT 'gr_' || i, state, saved_at, created_at, client_id, cloud, tenant_id, object_id,
       account_type, signed_in_as, scopes, refresh_token_sealed, refreshed_at - i
     FROM grants, n`,
    count,
  )
  await rows(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1)
     INSERT INTO grant_tokens (grant_id, resource, protocols, state, failures, retry_at)
     SELECT 'gr_' || i, resource, protocols, state, ?2, ?3 FROM grant_tokens, n`,
    count,
    failures,
    retryAt,
  )
}

const failureLines = (lines: string[]) => lines.filter((line) => line.includes('refresh_failed'))

describe('the refresh of idle grants', { timeout: 30_000 }, () => {
  it('reaches the grants behind damaged ones in the next run', async () => {
    const { world, ids } = await idleWorld(1)
    const [last = ''] = ids
    await addDamaged(100)
    world.advance(21 * DAY)
    expect((await run(world)).refresh).toMatchObject({ level: 'warn', count: 0, more: true })
    expect(failureLines(world.lines)).toHaveLength(80)
    expect((await grantRow(last))?.refreshed_at).not.toBe(world.clock.now.getTime())
    world.advance(HOUR)
    expect((await run(world)).refresh).toMatchObject({ count: 1 })
    expect((await grantRow(last))?.refreshed_at).toBe(world.clock.now.getTime())
    expect(world.entra.counts().token.refresh_token).toBe(1)
    // Each is reported once, and not visited again.
    expect(failureLines(world.lines)).toHaveLength(100)
    expect(await eventsOf('gr_1')).toEqual(['grant.reconnect_required'])
    expect(await stateOf('gr_1')).toBe('reconnect_required')
    await runAfter(world, 7 * DAY)
    expect(failureLines(world.lines)).toHaveLength(100)
  })

  it('reaches the grants beside one with a value that JSON cannot hold', async () => {
    const { world, ids } = await idleWorld(2)
    const [first = ''] = ids
    await rows("UPDATE grant_tokens SET problem_detail = x'00ff' WHERE grant_id = ?", first)
    world.advance(21 * DAY)
    expect((await run(world)).refresh).toMatchObject({ count: 2, more: false })
  })

  it('reaches a grant whose state is not that of its token, and puts it right', async () => {
    const { world, ids } = await idleWorld(2)
    const [first = '', second = ''] = ids
    const stateOfGrant = async (id: string) =>
      (await rows<{ state: string }>('SELECT state FROM grants WHERE id = ?', id))[0]?.state
    await rows("UPDATE grant_tokens SET state = 'cooling_down' WHERE grant_id = ?", first)
    await rows("UPDATE grant_tokens SET state = 'reconnect_required' WHERE grant_id = ?", second)
    await rows(
      "UPDATE grants SET state = 'active', refresh_token_sealed = (SELECT refresh_token_sealed FROM grants WHERE id = ?)",
      first,
    )
    world.advance(21 * DAY)
    expect((await run(world)).refresh).toMatchObject({ count: 1 })
    expect([await stateOfGrant(first), await stateOf(first)]).toEqual(['active', 'active'])
    expect(await stateOfGrant(second)).toBe('reconnect_required')
    expect((await runAfter(world, HOUR)).refresh).toMatchObject({ count: 0, more: false })
  })

  it('reaches the failed grants behind damaged ones', async () => {
    const { world, ids } = await idleWorld(1)
    const [last = ''] = ids
    await rows("UPDATE grant_tokens SET state = 'cooling_down', failures = 2, retry_at = 9")
    await addDamaged(110, { failures: 2, retryAt: 8 })
    await run(world)
    expect(await stateOf(last)).toBe('cooling_down')
    await runAfter(world, HOUR)
    expect(await stateOf(last)).toBe('active')
    expect(await stateOf('gr_1')).toBe('reconnect_required')
  })

  it('refreshes no grant while the key of the credential is missing, and logs it once', async () => {
    const { world } = await idleWorld(8)
    world.advance(21 * DAY)
    await sealWithLostKey('integrations', 'credential', 'microsoft')
    expect((await run(world)).refresh).toMatchObject({
      level: 'error',
      event: 'maintenance_failed',
    })
    expect(failureLines(world.lines)).toEqual([])
    expect(await rows('SELECT grant_id FROM grant_tokens WHERE failures > 0')).toEqual([])
  })

  it('skips grants whose previous token was sealed with a missing key, and does not change them', async () => {
    const { world, ids } = await idleWorld(3)
    const [first = ''] = ids
    await sealWithLostKey('grants', 'previous_refresh_token', first)
    const before = await grantRow(first)
    world.advance(21 * DAY)
    expect((await run(world)).refresh).toMatchObject({ count: 2, more: false })
    expect(await grantRow(first)).toEqual(before)
    expect(failureLines(world.lines)).toEqual([])
  })
})
