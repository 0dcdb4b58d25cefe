import { describe, expect, it } from 'vitest'
import { createQueue } from '../../checker/queue.ts'

const never = new AbortController().signal

/** Creates a task that ends when `end` is called. */
function task(name = 'done') {
  const { promise, resolve } = Promise.withResolvers<string>()
  return { run: () => promise, end: () => resolve(name) }
}

const tick = () => new Promise((resolve) => setImmediate(resolve))

describe('a queue', () => {
  it('runs and queues up to its limits, and is busy beyond', async () => {
    const queue = createQueue({ running: 1, waiting: 1, maxWaitMs: 60_000 })
    const [first, second, third] = [task('first'), task('second'), task('third')]
    const results = [first, second, third].map(({ run }) => queue.run(run, never))
    expect(await results[2]).toEqual({ ok: false, reason: 'busy' })
    expect([queue.running, queue.waiting]).toEqual([1, 1])
    first.end()
    second.end()
    expect(await results[0]).toEqual({ ok: true, value: 'first' })
    expect(await results[1]).toEqual({ ok: true, value: 'second' })
    expect([queue.running, queue.waiting]).toEqual([0, 0])
  })

  it('passes a free slot to the task that has waited longest', async () => {
    const queue = createQueue({ running: 1, waiting: 9, maxWaitMs: 60_000 })
    const first = task()
    const order: number[] = []
    const results = [queue.run(first.run, never)]
    for (const number of [1, 2, 3]) {
      results.push(queue.run(async () => String(order.push(number)), never))
    }
    first.end()
    await Promise.all(results)
    expect(order).toEqual([1, 2, 3])
  })

  it('never runs a task whose caller disconnected while it waited', async () => {
    const queue = createQueue({ running: 1, waiting: 9, maxWaitMs: 60_000 })
    const first = task()
    const caller = new AbortController()
    const running = queue.run(first.run, never)
    let ran = false
    const waiting = queue.run(async () => {
      ran = true
    }, caller.signal)
    caller.abort()
    expect(await waiting).toEqual({ ok: false, reason: 'gone' })
    first.end()
    await running
    await tick()
    expect(ran).toBe(false)
    expect([queue.running, queue.waiting]).toEqual([0, 0])
  })

  it('never runs a task whose caller had already disconnected', async () => {
    const queue = createQueue()
    const result = await queue.run(async () => 'ran', AbortSignal.abort())
    expect(result).toEqual({ ok: false, reason: 'gone' })
  })

  it('is busy for a task that has waited too long', async () => {
    const queue = createQueue({ running: 1, waiting: 9, maxWaitMs: 20 })
    const first = task()
    const running = queue.run(first.run, never)
    expect(await queue.run(async () => 'ran', never)).toEqual({ ok: false, reason: 'busy' })
    first.end()
    await running
    expect(await queue.run(async () => 'ran', never)).toEqual({ ok: true, value: 'ran' })
  })

  it('frees the slot of a task that throws', async () => {
    const queue = createQueue({ running: 1, waiting: 0, maxWaitMs: 20 })
    const broken = queue.run(async () => {
      throw new Error('a bug')
    }, never)
    await expect(broken).rejects.toThrow('a bug')
    expect(await queue.run(async () => 'ran', never)).toEqual({ ok: true, value: 'ran' })
  })
})
