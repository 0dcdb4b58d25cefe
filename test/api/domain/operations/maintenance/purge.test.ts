import { describe, expect, it } from 'vitest'
import { RUN_LIMITS } from '../../../../../api/node/schedule.ts'
import { activeMailWorld, imapForm, passwordForm } from '../../../mail-world.ts'
import { recordingDatabase } from '../../../recording-database.ts'
import { authorize } from '../../../sign-in.ts'
import { rows } from '../../../sql.ts'
import { DAY, HOUR, run, runAfter } from './run.ts'

const idsIn = async (table: string) =>
  (await rows<{ id: string }>(`SELECT id FROM ${table}`)).map(({ id }) => id)

describe('the purge', () => {
  it('removes unsaved grants after an hour and keeps saved ones indefinitely', async () => {
    const world = await activeMailWorld()
    const saved = await world.grant('alice@contoso.test', { saved: false })
    await world.save(imapForm(saved))
    const unsaved = await world.grant('bob@contoso.test', { saved: false })
    await runAfter(world, HOUR - 1)
    expect((await idsIn('grants')).toSorted()).toEqual([saved, unsaved].toSorted())
    await runAfter(world, 2)
    expect(await idsIn('grants')).toEqual([saved])
    await runAfter(world, 400 * DAY)
    expect(await idsIn('grants')).toEqual([saved])
  })

  it('removes authorizations a day after they ended, but not a link that is still valid', async () => {
    const world = await activeMailWorld()
    await authorize(world)
    const { id: link } = await authorize(world, { expires_in: DAY })
    await runAfter(world, 600 + DAY - 1)
    expect(await idsIn('authorizations')).toHaveLength(2)
    await runAfter(world, 2)
    expect(await idsIn('authorizations')).toEqual([link])
    await runAfter(world, DAY)
    expect(await idsIn('authorizations')).toEqual([])
  })

  it('removes validations after 30 days and admin-consent links after 14', async () => {
    const world = await activeMailWorld()
    await world.validate(passwordForm())
    await world.call('POST', '/v1/integrations/microsoft/admin-consent', {})
    await runAfter(world, 14 * DAY - 1)
    expect(await idsIn('admin_consents')).toHaveLength(1)
    await runAfter(world, 2)
    expect(await idsIn('admin_consents')).toEqual([])
    expect(await idsIn('validations')).toHaveLength(1)
    await runAfter(world, 16 * DAY)
    expect(await idsIn('validations')).toEqual([])
  })

  it('removes events after their retention period, and no newer ones', async () => {
    const world = await activeMailWorld({ settings: { eventRetentionDays: 10 } })
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    world.advance(5 * DAY)
    await world.call('POST', '/v1/integrations/microsoft/activate')
    await runAfter(world, 5 * DAY - 1)
    const types = async () =>
      (await rows("SELECT type FROM events WHERE type LIKE 'integration.%'")).length
    expect(await types()).toBe(4)
    await runAfter(world, 2)
    expect(await types()).toBe(1)
  })

  it('removes expired sessions and idempotency records, and old messages that are finished', async () => {
    const world = await activeMailWorld()
    const now = world.clock.now.getTime()
    for (const [id, expires] of [
      ['old', now - 1],
      ['young', now + 1],
    ]) {
      await rows(
        "INSERT INTO console_sessions (id_hash, key_id, binding_sealed, created_at, expires_at) VALUES (?, 'root', 's', 0, ?)",
        id,
        expires,
      )
      await rows(
        "INSERT INTO idempotency_records (id, body_hash, created_at, expires_at) VALUES (?, 'h', 0, ?)",
        id,
        expires,
      )
    }
    for (const [id, state, days] of [
      ['msg_old', 'delivered', 31],
      ['msg_given_up', 'failed', 31],
      ['msg_waiting', 'pending', 31],
      ['msg_young', 'delivered', 29],
    ] as const) {
      await rows(
        "INSERT INTO webhook_deliveries (id, webhook_id, event_id, type, payload, state, created_at) VALUES (?, 'wh', 'ev', 't', '{}', ?, ?)",
        id,
        state,
        now - days * DAY * 1000,
      )
    }
    await run(world)
    expect(await rows('SELECT id_hash FROM console_sessions')).toEqual([{ id_hash: 'young' }])
    expect(await idsIn('idempotency_records')).toEqual(['young'])
    expect((await idsIn('webhook_deliveries')).toSorted()).toEqual(['msg_waiting', 'msg_young'])
  })

  it('removes a limited number of rows and reports that there are more', async () => {
    const world = await activeMailWorld()
    await rows(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1500)
       INSERT INTO events (id, type, at, actor_type, data) SELECT 'ev_' || i, 't', i, 'system', '{}' FROM n`)
    expect((await run(world)).purge).toMatchObject({ level: 'warn', count: 1000, more: true })
    expect((await run(world)).purge).toMatchObject({ level: 'info', count: 500, more: false })
  })

  it('removes a few rows in each statement where the runtime says so', async () => {
    const { db, statements } = recordingDatabase()
    const world = await activeMailWorld({ db, outside: { runLimits: RUN_LIMITS } })
    await rows(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
       INSERT INTO events (id, type, at, actor_type, data) SELECT 'ev_' || i, 't', i, 'system', '{}' FROM n`)
    expect((await run(world)).purge).toMatchObject({ count: 250, more: false })
    const deletions = statements.filter(({ sql }) => sql.startsWith('delete from "events"'))
    expect(deletions.map(({ values }) => values.at(-1))).toEqual([100, 100, 100])
  })

  it('counts each removed row once when two runs overlap', async () => {
    const world = await activeMailWorld()
    await world.grant('alice@contoso.test', { saved: false })
    await world.grant('bob@contoso.test', { saved: false })
    world.advance(HOUR + 1)
    await Promise.all([run(world), run(world)])
    const purges = world.lines.map((line) => JSON.parse(line)).filter((l) => l.task === 'purge')
    // The other run had nothing to report.
    expect(purges.map(({ count }) => count)).toEqual([2])
  })
})
