import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startSchedule, type Task } from '../../../api/node/schedule.ts'
import { MINUTE_MS } from '../../../schema/durations.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A task whose runs take this long; records when each starts, in seconds. */
function createTask(takesMs: () => number, name = 'work') {
  const starts: number[] = []
  const begin = performance.now()
  let running = 0
  let overlapped = false
  const signals: AbortSignal[] = []
  const task: Task = {
    name,
    intervalMs: MINUTE_MS,
    async run(ending) {
      signals.push(ending)
      starts.push(Math.floor((performance.now() - begin) / 1000))
      running += 1
      if (running > 1) overlapped = true
      await new Promise((resolve) => setTimeout(resolve, takesMs()))
      running -= 1
    },
  }
  return { task, starts, signals, overlapped: () => overlapped }
}

const noLog = () => {}

describe('a task of the schedule', () => {
  it('runs at once and then every minute, however long a run takes', async () => {
    const { task, starts } = createTask(() => 20_000)
    startSchedule([task], noLog)
    await vi.advanceTimersByTimeAsync(3 * MINUTE_MS)
    expect(starts).toEqual([0, 60, 120, 180])
  })

  it('never overlaps itself: a long run delays the next one to its end', async () => {
    const takes = [150_000, 10_000, 10_000]
    const { task, starts, overlapped } = createTask(() => takes.shift() ?? 0)
    startSchedule([task], noLog)
    await vi.advanceTimersByTimeAsync(5 * MINUTE_MS)
    expect(starts).toEqual([0, 150, 210, 270])
    expect(overlapped()).toBe(false)
  })

  it('does not wait for another task', async () => {
    const slow = createTask(() => 10 * MINUTE_MS)
    const quick = createTask(() => 0)
    startSchedule([slow.task, quick.task], noLog)
    await vi.advanceTimersByTimeAsync(2 * MINUTE_MS)
    expect(slow.starts).toEqual([0])
    expect(quick.starts).toEqual([0, 60, 120])
  })

  it.each([-3_600_000, 86_400_000])(
    'keeps its pace when the clock jumps by %d ms',
    async (jump) => {
      const { task, starts } = createTask(() => 0)
      startSchedule([task], noLog)
      await vi.advanceTimersByTimeAsync(MINUTE_MS / 2)
      vi.setSystemTime(Date.now() + jump)
      await vi.advanceTimersByTimeAsync(2 * MINUTE_MS)
      expect(starts).toEqual([0, 60, 120])
    },
  )

  it.each([
    ['rejects', () => Promise.reject(new Error('disk full'))],
    [
      'throws',
      () => {
        throw new Error('disk full')
      },
    ],
  ])('is logged when it %s, and runs again', async (_name, fail) => {
    const log = vi.fn()
    const { task, starts } = createTask(() => 0)
    const runs = [fail, task.run]
    const run: Task['run'] = (ending) => (runs.shift() ?? task.run)(ending)
    startSchedule([{ ...task, run }], log)
    await vi.advanceTimersByTimeAsync(2 * MINUTE_MS)
    expect(log.mock.calls).toEqual([
      ['error', 'schedule_failed', { task: 'work', error: 'Error: disk full' }],
    ])
    expect(starts).toEqual([60, 120])
  })
})

describe('stopping the schedule', () => {
  it('says so to current runs, waits for them, and starts no other', async () => {
    const { task, starts, signals } = createTask(() => 20_000)
    const schedule = startSchedule([task, { ...task, name: 'other' }], noLog)
    let stopped = false
    const stop = schedule.stop().then(() => {
      stopped = true
    })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
    await vi.advanceTimersByTimeAsync(19_999)
    expect(stopped).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await stop
    await vi.advanceTimersByTimeAsync(10 * MINUTE_MS)
    expect(starts).toEqual([0, 0])
  })

  it('leaves no timer behind between two runs', async () => {
    const { task } = createTask(() => 0)
    const schedule = startSchedule([task], noLog)
    await vi.advanceTimersByTimeAsync(MINUTE_MS / 2)
    await schedule.stop()
    expect(vi.getTimerCount()).toBe(0)
  })
})
