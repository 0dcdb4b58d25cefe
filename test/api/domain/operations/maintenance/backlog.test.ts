import { describe, expect, it } from 'vitest'
import { createD1Health } from '../../../../../api/d1-health.ts'
import { findBacklogs } from '../../../../../api/domain/operations/maintenance/backlog.ts'
import type { Readiness } from '../../../../../schema/health.ts'
import { createWorld, type World } from '../../../harness.ts'
import { createMailWorld, passwordForm } from '../../../mail-world.ts'
import { DAY, HOUR, idleWorld, run, runAfter } from './run.ts'

const now = new Date('2026-11-24T09:00:00.000Z')
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000)
const task = (name: string, finished: number, behind: number | null = null) => ({
  task: name,
  finishedAt: ago(finished),
  behindSince: behind === null ? null : ago(behind),
})

describe('the backlog of the maintenance', () => {
  it.each([
    ['a new deployment', [], null],
    ['one whose first mailbox has just been connected', [], ago(60)],
    ['one that works', [task('refresh', 60), task('validate', 60)], ago(19 * DAY)],
    ['an incident of an hour', [task('refresh', HOUR)], ago(DAY)],
    ['a task that failed for an hour', [task('refresh', 60), task('purge', HOUR)], null],
    ['a backlog of half a day', [task('reencrypt', 60, DAY / 2)], null],
  ])('is nothing in %s', (_, tasks, idleSince) => {
    expect(findBacklogs(tasks, idleSince, now)).toEqual([])
  })

  it.each([
    ['no run, although there are grants', [], ago(3 * HOUR), /has never run.*cron/],
    ['no run for hours', [task('refresh', 3 * HOUR)], null, /not finished a task since.*cron/],
    [
      'a task that fails in every run',
      [task('refresh', 60), task('purge', 3 * HOUR)],
      null,
      /task purge has failed since/,
    ],
    [
      'more work than a day can do',
      [task('refresh', 60), task('validate', 60, 25 * HOUR)],
      null,
      /task validate has been falling behind.*VALIDATE_EVERY_HOURS/,
    ],
    [
      'grants halfway to their expiry',
      [task('refresh', 60)],
      ago(46 * DAY),
      /sign-in was last refreshed.*90 days/,
    ],
  ])('is a sentence for %s', (_, tasks, idleSince, sentence) => {
    expect(findBacklogs(tasks, idleSince, now)).toEqual([expect.stringMatching(sentence)])
  })
})

const ready = async (world: World) => {
  const response = await world.call('GET', '/readyz')
  const { status, checks } = await response.json<Readiness>()
  return { http: response.status, status, maintenance: checks.maintenance }
}

describe('/readyz', () => {
  it('stays 200 and says so while the maintenance falls behind, and recovers with it', async () => {
    const { world } = await idleWorld(40, {
      externalFetch: async () => Response.json({ status: 'ok' }),
    })
    await run(world)
    world.entra.control.faultNext({ kind: 'outage', times: 1_000_000 })
    await runAfter(world, 21 * DAY)
    world.advance(25 * HOUR)
    await run(world)
    expect((await ready(world)).maintenance).toMatchObject({
      status: 'degraded',
      detail: expect.stringMatching(/^The maintenance task refresh has been falling behind/),
    })
    expect(world.lines.at(-2)).toMatch(/"level":"warn","event":"maintenance_behind"/)
    world.entra.control.clearFaults()
    await runAfter(world, HOUR)
    expect((await ready(world)).maintenance).toEqual({ status: 'ok' })
  })

  it('shows a cron trigger that no longer runs', async () => {
    const world = await createMailWorld()
    await run(world)
    expect(await ready(world)).toEqual({ http: 200, status: 'ok', maintenance: { status: 'ok' } })
    world.advance(3 * HOUR)
    expect(await ready(world)).toMatchObject({
      http: 200,
      status: 'degraded',
      maintenance: { detail: expect.stringContaining('maintenance_failed') },
    })
  })

  it('shows scheduled validations that have been late for a day', async () => {
    const world = await createMailWorld({
      settings: { validateEveryHours: 24 },
      externalFetch: async () => new Response(null, { status: 503 }),
    })
    await world.save(passwordForm())
    for (let hour = 0; hour < 26; hour += 1) {
      await run(world)
      world.advance(HOUR)
    }
    expect((await ready(world)).maintenance.detail).toMatch(/task validate has been falling behind/)
  })

  it('says when the database is nearly as large as D1 allows', async () => {
    const run = async () => ({ meta: { size_after: 8.2e9 } })
    const large = { prepare: () => ({ run }) } as unknown as D1Database
    const world = await createWorld({ outside: { databaseHealth: createD1Health(large) } })
    const { checks } = await world.get<Readiness>('/readyz')
    expect(checks.database).toMatchObject({
      status: 'degraded',
      detail: expect.stringContaining('8.2 of the 10 GB'),
    })
  })
})
