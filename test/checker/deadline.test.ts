import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { EXPIRED, startDeadline } from '../../checker/probe.ts'

const never = new Promise<string>(() => {})

describe('a deadline', () => {
  it('passes on the result of work done in time, or its error', async () => {
    const deadline = startDeadline(60_000, new AbortController().signal)
    expect(await deadline.race(Promise.resolve('done'))).toBe('done')
    await expect(deadline.race(Promise.reject(new Error('a bug')))).rejects.toThrow('a bug')
    expect(deadline.signal.aborted).toBe(false)
    deadline.stop()
  })

  it('expires when the caller disconnects, or has already', async () => {
    const caller = new AbortController()
    const first = startDeadline(60_000, caller.signal)
    const raced = first.race(never)
    caller.abort()
    expect(await raced).toBe(EXPIRED)
    const second = startDeadline(60_000, caller.signal)
    expect(await second.race(never)).toBe(EXPIRED)
    first.stop()
    second.stop()
  })

  it('leaves no unhandled rejection when work fails after it expired', async () => {
    const caller = AbortSignal.abort()
    const deadline = startDeadline(60_000, caller)
    const { promise, reject } = Promise.withResolvers<string>()
    expect(await deadline.race(promise)).toBe(EXPIRED)
    reject(new Error('too late'))
    await new Promise((resolve) => setImmediate(resolve))
    deadline.stop()
  })

  it('removes its listener from the caller when stopped', () => {
    const { signal } = new AbortController()
    startDeadline(60_000, signal).stop()
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})
