import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LOGIN_DEADLINE_MS } from '../../../api/domain/checks/login.ts'
import { createShutdown, SHUTDOWN_MS } from '../../../api/node/shutdown.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function createProcess(close = () => {}) {
  const drained = Promise.withResolvers<void>()
  const events: string[] = []
  const signal = createShutdown({
    drain() {
      events.push('drain')
      return drained.promise
    },
    close() {
      events.push('close')
      close()
    },
    log: (_level, event) => void events.push(event),
    exit: (code) => void events.push(`exit ${code}`),
  })
  return { signal, events, drained }
}

const settle = () => vi.advanceTimersByTimeAsync(0)

describe('a signal', () => {
  it('lets everything end, closes the file, and exits', async () => {
    const { signal, events, drained } = createProcess()
    signal()
    await settle()
    expect(events).toEqual(['stopping', 'drain'])
    drained.resolve()
    await settle()
    expect(events).toEqual(['stopping', 'drain', 'stopped', 'close', 'exit 0'])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('exits after 25 s whatever still runs, which is longer than a validation takes, and says so', async () => {
    const { signal, events } = createProcess()
    signal()
    expect(SHUTDOWN_MS).toBeGreaterThanOrEqual(LOGIN_DEADLINE_MS + 5_000)
    await vi.advanceTimersByTimeAsync(24_999)
    expect(events).toEqual(['stopping', 'drain'])
    await vi.advanceTimersByTimeAsync(1)
    expect(events.slice(2)).toEqual(['stopped_before_end', 'close', 'exit 0'])
  })

  it('exits although something cannot end or be closed', async () => {
    const { signal, events, drained } = createProcess(() => {
      throw new Error('disk full')
    })
    signal()
    drained.reject(new Error('still in use'))
    await settle()
    expect(events.slice(2)).toEqual(['close', 'exit 0'])
  })
})

describe('a second signal', () => {
  it('exits at once', async () => {
    const { signal, events } = createProcess()
    signal()
    await vi.advanceTimersByTimeAsync(1_000)
    signal()
    expect(events.slice(2)).toEqual(['stopped_by_second_signal', 'exit 1'])
  })

  it('counts as the first one if it follows at once, as npm passes on Ctrl-C', async () => {
    const { signal, events } = createProcess()
    signal()
    await vi.advanceTimersByTimeAsync(999)
    signal()
    expect(events).toEqual(['stopping', 'drain'])
  })
})
