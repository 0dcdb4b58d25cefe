import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { EXPIRED, withDeadline } from '../../checker/probe.ts'

const never = new Promise<string>(() => {})

describe('a deadline', () => {
  it('passes on the result of work done in time, or its error', async () => {
    const { signal } = new AbortController()
    expect(await withDeadline(60_000, signal, async () => 'done')).toBe('done')
    const fails = () => Promise.reject(new Error('a bug'))
    await expect(withDeadline(60_000, signal, fails)).rejects.toThrow('a bug')
  })

  it('expires when the caller disconnects, or has already', async () => {
    const caller = new AbortController()
    const signals: AbortSignal[] = []
    const work = (signal: AbortSignal) => {
      signals.push(signal)
      return never
    }
    const result = withDeadline(60_000, caller.signal, work)
    expect(signals[0]?.aborted).toBe(false)
    caller.abort()
    expect(await result).toBe(EXPIRED)
    expect(await withDeadline(60_000, caller.signal, work)).toBe(EXPIRED)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true])
  })

  it('leaves no unhandled rejection when work fails after it expired', async () => {
    const { promise, reject } = Promise.withResolvers<string>()
    expect(await withDeadline(60_000, AbortSignal.abort(), () => promise)).toBe(EXPIRED)
    reject(new Error('too late'))
    await new Promise((resolve) => setImmediate(resolve))
  })

  it('removes its listener from the caller when the work has ended', async () => {
    const { signal } = new AbortController()
    await withDeadline(60_000, signal, async () => {
      expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})
