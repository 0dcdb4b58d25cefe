import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import type { DatabaseHealth } from '../../../api/model/storage.ts'
import {
  createScheduledCopies,
  makeScheduledCopy,
  withBackupProblem,
} from '../../../api/node/scheduled-copies.ts'
import { addCopyMetrics } from '../../../api/node/server-metrics.ts'
import { DAY_MS, MINUTE_MS } from '../../../schema/durations.ts'
import { parseMetrics } from '../../prometheus-text.ts'
import { createTemporaryFolder } from '../../temporary-folder.ts'

const copyOf = (time: string) => `mailgrant-${time.replace(':', '')}Z.sqlite`

function createFolder({ keep = 3, everyMs = DAY_MS } = {}) {
  const folder = join(createTemporaryFolder(), 'copies')
  return {
    folder,
    files: () => readdirSync(folder).sort(),
    at: (time: string) =>
      makeScheduledCopy(folder, { everyMs, keep }, new Date(`${time}Z`), (target) =>
        writeFileSync(target, '', { flag: 'wx' }),
      ),
  }
}

describe('scheduled copies', () => {
  it('have the name of their time, in a folder for the owner only', () => {
    const { at, files, folder } = createFolder()
    const name = copyOf('2026-11-26T23:59')
    expect(at('2026-11-26T23:59:58')).toEqual({ name, made: true })
    expect(files()).toEqual([name])
    expect(statSync(folder).mode & 0o777).toBe(0o700)
  })

  it('are made once in each interval, also if the server restarts or the clock is set back', () => {
    const daily = createFolder()
    expect(daily.at('2026-11-26T10:00').made).toBe(true)
    expect(daily.at('2026-11-26T09:00')).toEqual({ name: copyOf('2026-11-26T10:00'), made: false })
    expect(daily.at('2026-11-27T00:00').made).toBe(true)
    const frequent = createFolder({ everyMs: 15 * MINUTE_MS })
    const times = ['10:07', '10:14:59', '10:15', '10:29', '10:31']
    const made = times.map((time) => frequent.at(`2026-11-26T${time}`).made)
    expect(made).toEqual([true, false, true, false, true])
  })

  it('stay if they are among the newest or the last of a day, and nothing else is removed', () => {
    const { at, files, folder } = createFolder({ keep: 2, everyMs: 15 * MINUTE_MS })
    mkdirSync(folder)
    const foreign = [
      'before-upgrade.sqlite',
      `${copyOf('2026-11-01T00:00')}.gz`,
      'mailgrant.sqlite',
    ]
    for (const name of foreign) writeFileSync(join(folder, name), '')
    for (const day of ['20', '21', '22', '23'])
      for (const time of ['08:00', '12:00', '23:30', '23:45']) at(`2026-11-${day}T${time}`)
    const kept = ['2026-11-22T23:45', '2026-11-23T23:30', '2026-11-23T23:45'].map(copyOf)
    expect(files()).toEqual([...foreign, ...kept].sort())
  })

  it('outlive a clock that was ahead: its copies do not push out the newest of today', () => {
    const { at, files } = createFolder({ keep: 2, everyMs: 15 * MINUTE_MS })
    for (const time of ['27T11:00', '27T11:15', '27T11:30', '26T11:00', '26T11:15', '26T11:30'])
      at(`2026-11-${time}`)
    expect(files()).toEqual(
      ['26T11:15', '26T11:30', '27T11:15', '27T11:30'].map((time) => copyOf(`2026-11-${time}`)),
    )
  })

  it('clear away what an interrupted one has left', () => {
    const { at, files, folder } = createFolder()
    mkdirSync(folder)
    writeFileSync(join(folder, `${copyOf('2026-11-25T00:00')}.part`), '')
    at('2026-11-26T00:00')
    expect(files()).toEqual([copyOf('2026-11-26T00:00')])
  })

  it('that fail cost no older one', () => {
    const { at, files, folder } = createFolder({ keep: 1 })
    at('2026-11-25T12:00')
    const fail = () => {
      throw new Error('The disk is full')
    }
    const rules = { everyMs: DAY_MS, keep: 1 }
    const now = new Date('2026-11-26T12:00Z')
    expect(() => makeScheduledCopy(folder, rules, now, fail)).toThrow()
    expect(files()).toEqual([copyOf('2026-11-25T12:00')])
  })
})

function createServer({ everyMs = DAY_MS } = {}) {
  const lines: string[] = []
  const ending = new AbortController()
  const world = { now: new Date(0), failure: null as Error | null, copied: 0 }
  const copies = createScheduledCopies({
    everyMs,
    now: () => world.now,
    log: (level, event, fields) => void lines.push(`${level} ${event} ${fields?.error ?? ''}`),
    makeCopy: async () => {
      world.copied += 1
      if (world.failure) throw world.failure
      return { name: copyOf(world.now.toISOString().slice(0, 16)), made: true }
    },
  })
  return {
    ...copies,
    world,
    lines,
    stop: () => ending.abort(),
    at: (time: string) => {
      world.now = new Date(`${time}Z`)
      return copies.run(ending.signal)
    },
  }
}

describe('the server', () => {
  it('asks for one copy in each interval, and knows when the last one was made', async () => {
    const { at, world, lastAt, lines } = createServer({ everyMs: 15 * MINUTE_MS })
    const registry = new Registry()
    addCopyMetrics(registry, { lastAt }, 15 * MINUTE_MS)
    expect(lastAt()).toBeNull()
    for (const time of ['10:07', '10:08', '10:15', '10:16']) await at(`2026-11-26T${time}`)
    expect(world.copied).toBe(2)
    expect(lastAt()).toEqual(new Date('2026-11-26T10:15Z'))
    expect(parseMetrics(await registry.metrics()).series).toMatchObject([
      { name: 'mailgrant_backup_last_success_timestamp_seconds', value: 1_795_688_100 },
      { name: 'mailgrant_backup_interval_seconds', value: 900 },
    ])
    expect(lines).toEqual(['info backup_made ', 'info backup_made '])
  })

  it.each([
    ['daily', DAY_MS, 60],
    ['every 15 minutes', 15 * MINUTE_MS, 15],
  ])('logs and reports a copy that fails, and tries again: %s', async (_what, everyMs, minutes) => {
    const { at, world, problem, lines } = createServer({ everyMs })
    await at('2026-11-25T12:00')
    expect(problem()).toBeNull()
    world.failure = new Error('The disk is full')
    await at('2026-11-26T12:00')
    expect(lines.at(-1)).toBe('error backup_failed Error: The disk is full')
    expect(problem()).toContain(
      'failed at 2026-11-26T12:00:00.000Z. The last one is of 2026-11-25T12:00:00.000Z.',
    )
    world.failure = null
    await at(`2026-11-26T12:${minutes - 1}:59`)
    expect([world.copied, problem()]).toEqual([2, expect.anything()])
    await at(new Date(Date.UTC(2026, 10, 26, 12, minutes)).toISOString().slice(0, -1))
    expect([world.copied, problem()]).toEqual([3, null])
  })

  it('tries again at once when the clock was set back', async () => {
    const { at, world, problem } = createServer()
    world.failure = new Error('no')
    await at('2030-01-01T12:00')
    world.failure = null
    await at('2026-11-26T12:00')
    expect(problem()).toBeNull()
  })

  it('does not count a copy as failed that ends with the server', async () => {
    const { at, world, lines, problem, stop } = createServer()
    world.failure = new Error('aborted')
    stop()
    await at('2026-11-26T12:00')
    expect([lines, problem()]).toEqual([[], null])
  })
})

describe('the health of the database', () => {
  const healthy: DatabaseHealth = {
    explain: () => 'explained',
    findProblem: async () => null,
    measure: async () => ({ bytes: 0, freeBytes: 0 }),
  }
  const full = { status: 'failed', detail: 'The disk is full.' } as const

  it('names a problem of the database itself first', async () => {
    const failed = { ...healthy, findProblem: async () => full }
    const health = withBackupProblem(failed, { problem: () => 'The copy failed.' })
    expect(await health.findProblem()).toEqual(full)
    expect(await withBackupProblem(healthy, { problem: () => null }).findProblem()).toBeNull()
  })
})
