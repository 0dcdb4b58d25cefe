import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { DatabaseHealth } from '../../../api/model/database-health.ts'
import { createDailyCopies, withBackupProblem } from '../../../api/node/daily-copies.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'

function createWorld({ keep = 3, folder = join(createTemporaryFolder(), 'copies') } = {}) {
  const clock = { now: new Date('2026-11-26T23:59:00.000Z') }
  const lines: string[] = []
  const ending = new AbortController()
  const world = { clock, folder, lines, failure: null as Error | null, copied: 0 }
  const copies = createDailyCopies({
    folder,
    keep,
    now: () => clock.now,
    log: (level, event, fields) => void lines.push(`${level} ${event} ${fields?.error ?? ''}`),
    copy: async (target) => {
      if (world.failure) throw world.failure
      world.copied += 1
      writeFileSync(target, '')
    },
  })
  return {
    ...world,
    problem: copies.problem,
    run: () => copies.run(ending.signal),
    stop: () => ending.abort(),
    files: () => readdirSync(folder).sort(),
    fail: (failure: Error | null) => {
      world.failure = failure
    },
    copied: () => world.copied,
    at: (time: string) => {
      clock.now = new Date(time)
      return copies.run(ending.signal)
    },
  }
}

describe('daily copies', () => {
  it('are made once a day, in a folder for the owner only', async () => {
    const world = createWorld()
    await world.run()
    await world.run()
    expect(world.copied()).toBe(1)
    await world.at('2026-11-27T00:00:00Z')
    expect(world.files()).toEqual(['mailgrant-2026-11-26.sqlite', 'mailgrant-2026-11-27.sqlite'])
    expect(statSync(world.folder).mode & 0o777).toBe(0o700)
  })

  it('are made once, even if the clock is behind all others that stay', async () => {
    const world = createWorld({ keep: 1 })
    await world.at('2026-12-02T10:00:00Z')
    await world.at('2026-11-26T10:00:00Z')
    await world.at('2026-11-26T10:01:00Z')
    expect(world.copied()).toBe(2)
    expect(world.files()).toEqual(['mailgrant-2026-12-02.sqlite'])
  })

  it('look into the folder once a day, since a network folder that hangs would stop the server', async () => {
    const world = createWorld()
    await world.run()
    rmSync(world.folder, { recursive: true })
    await world.run()
    expect(existsSync(world.folder)).toBe(false)
  })

  it('catch up after a downtime, and after a restart are not made again', async () => {
    const world = createWorld()
    await world.run()
    await world.at('2026-12-02T10:00:00Z')
    const restarted = createWorld({ folder: world.folder })
    await restarted.at('2026-12-02T11:00:00Z')
    expect([world.copied(), restarted.copied()]).toEqual([2, 0])
  })

  it('are removed beyond the number to keep, the oldest first, and nothing else with them', async () => {
    const world = createWorld({ keep: 2 })
    mkdirSync(world.folder)
    const foreign = ['before-upgrade.sqlite', 'mailgrant-2026-11-01.sqlite.gz', 'mailgrant.sqlite']
    for (const name of foreign) writeFileSync(join(world.folder, name), '')
    for (const day of ['20', '21', '22', '23']) await world.at(`2026-11-${day}T12:00:00Z`)
    expect(world.files()).toEqual(
      [...foreign, 'mailgrant-2026-11-22.sqlite', 'mailgrant-2026-11-23.sqlite'].sort(),
    )
  })

  it('survive a clock that jumps: nothing is removed for its age', async () => {
    const world = createWorld({ keep: 3 })
    await world.at('2026-11-26T12:00:00Z')
    await world.at('2030-01-01T12:00:00Z')
    await world.at('2026-11-26T11:00:00Z')
    expect(world.files()).toEqual(['mailgrant-2026-11-26.sqlite', 'mailgrant-2030-01-01.sqlite'])
  })

  it('clear away what an interrupted one has left', async () => {
    const world = createWorld()
    mkdirSync(world.folder)
    writeFileSync(join(world.folder, 'mailgrant-2026-11-25.sqlite.part'), '')
    await world.run()
    expect(world.files()).toEqual(['mailgrant-2026-11-26.sqlite'])
  })
})

describe('a daily copy that fails', () => {
  it('is logged and reported, keeps the older ones, and is tried again after an hour', async () => {
    const world = createWorld({ keep: 1 })
    await world.at('2026-11-25T12:00:00Z')
    expect(world.problem()).toBeNull()
    world.fail(new Error('The disk is full'))
    await world.at('2026-11-26T12:00:00Z')
    expect(world.lines.at(-1)).toBe('error backup_failed Error: The disk is full')
    expect(world.problem()).toContain('failed at 2026-11-26T12:00:00.000Z')
    expect(world.files()).toEqual(['mailgrant-2026-11-25.sqlite'])

    world.fail(null)
    await world.at('2026-11-26T12:59:00Z')
    expect(world.copied()).toBe(1)
    await world.at('2026-11-26T13:00:00Z')
    expect(world.files()).toEqual(['mailgrant-2026-11-26.sqlite'])
    expect(world.problem()).toBeNull()
  })

  it('because the server stops is no failure', async () => {
    const world = createWorld()
    world.fail(new Error('aborted'))
    world.stop()
    await world.run()
    expect([world.lines, world.problem()]).toEqual([[], null])
  })

  it('is tried again at once when the clock was set back', async () => {
    const world = createWorld()
    world.fail(new Error('no'))
    await world.at('2030-01-01T12:00:00Z')
    world.fail(null)
    await world.at('2026-11-26T12:00:00Z')
    expect(world.files()).toEqual(['mailgrant-2026-11-26.sqlite'])
  })
})

describe('the health of the database', () => {
  const healthy: DatabaseHealth = {
    explain: () => 'explained',
    findProblem: async () => null,
    measure: async () => ({ bytes: 0, freeBytes: 0 }),
  }
  const full = { status: 'failed', detail: 'The disk is full.' } as const

  it('is degraded while the last copy has failed', async () => {
    const problem = 'The daily copy failed.'
    const health = withBackupProblem(healthy, { problem: () => problem })
    expect(await health.findProblem()).toEqual({ status: 'degraded', detail: problem })
    expect(health.explain(null)).toBe('explained')
  })

  it('names a problem of the database itself first', async () => {
    const failed = { ...healthy, findProblem: async () => full }
    const health = withBackupProblem(failed, { problem: () => 'The daily copy failed.' })
    expect(await health.findProblem()).toEqual(full)
    expect(await withBackupProblem(healthy, { problem: () => null }).findProblem()).toBeNull()
  })
})
