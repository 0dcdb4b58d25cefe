import { describe, expect, it, vi } from 'vitest'
import { createQueue, type Queue, type Share } from '../../checker/queue.ts'

const never = new AbortController().signal

const ONE_AT_ONCE = { running: 1, perHost: 9, waiting: 9, maxWaitMs: 60_000 }
const SHARE = { host: 'mail.test', caller: 'key' }

/** Creates a task that ends when `end` is called. */
function task(name = 'done') {
  const { promise, resolve } = Promise.withResolvers<string>()
  return { run: () => promise, end: () => resolve(name) }
}

const tick = () => new Promise((resolve) => setImmediate(resolve))

describe('a queue', () => {
  it('runs and queues up to its limits, and is busy beyond', async () => {
    const queue = createQueue({ running: 1, perHost: 9, waiting: 1, maxWaitMs: 60_000 })
    const [first, second, third] = [task('first'), task('second'), task('third')]
    const results = [first, second, third].map(({ run }) => queue.run(run, never, SHARE))
    expect(await results[2]).toEqual({ ok: false, reason: 'busy' })
    expect([queue.running, queue.waiting]).toEqual([1, 1])
    first.end()
    second.end()
    expect(await results[0]).toEqual({ ok: true, value: 'first' })
    expect(await results[1]).toEqual({ ok: true, value: 'second' })
    expect([queue.running, queue.waiting]).toEqual([0, 0])
  })

  it('passes a free slot to the task that has waited longest', async () => {
    const queue = createQueue(ONE_AT_ONCE)
    const first = task()
    const order: number[] = []
    const results = [queue.run(first.run, never, SHARE)]
    for (const number of [1, 2, 3]) {
      results.push(queue.run(async () => String(order.push(number)), never, SHARE))
    }
    first.end()
    await Promise.all(results)
    expect(order).toEqual([1, 2, 3])
  })

  it('never runs a task whose caller disconnected while it waited', async () => {
    const queue = createQueue(ONE_AT_ONCE)
    const first = task()
    const caller = new AbortController()
    const running = queue.run(first.run, never, SHARE)
    const abandoned = vi.fn(async () => {})
    const waiting = queue.run(abandoned, caller.signal, SHARE)
    caller.abort()
    expect(await waiting).toEqual({ ok: false, reason: 'gone' })
    first.end()
    await running
    await tick()
    expect(abandoned).not.toHaveBeenCalled()
    expect([queue.running, queue.waiting]).toEqual([0, 0])
  })

  it('never runs a task whose caller had already disconnected', async () => {
    const queue = createQueue()
    const result = await queue.run(async () => 'ran', AbortSignal.abort(), SHARE)
    expect(result).toEqual({ ok: false, reason: 'gone' })
  })

  it('is busy for a task that has waited too long', async () => {
    const queue = createQueue({ running: 1, perHost: 9, waiting: 9, maxWaitMs: 20 })
    const first = task()
    const running = queue.run(first.run, never, SHARE)
    expect(await queue.run(async () => 'ran', never, SHARE)).toEqual({ ok: false, reason: 'busy' })
    first.end()
    await running
    expect(await queue.run(async () => 'ran', never, SHARE)).toEqual({ ok: true, value: 'ran' })
  })

  it('frees the slot of a task that throws', async () => {
    const queue = createQueue({ running: 1, perHost: 9, waiting: 0, maxWaitMs: 20 })
    const broken = queue.run(() => Promise.reject(new Error('a bug')), never, SHARE)
    await expect(broken).rejects.toThrow('a bug')
    expect(await queue.run(async () => 'ran', never, SHARE)).toEqual({ ok: true, value: 'ran' })
  })
})

describe('the shares of a queue', () => {
  const LIMITS = { running: 8, perHost: 2, waiting: 8, maxWaitMs: 60_000 }

  /** Fills a queue with tasks that never end; returns how many run. */
  function fill(queue: Queue, shares: Share[]) {
    for (const share of shares) void queue.run(() => new Promise(() => {}), never, share)
    return queue.running
  }
  const runs = (queue: Queue, share: Share) => queue.run(async () => 'ran', never, share)

  it('let a probe run at once beside a host that never responds, however it is written', async () => {
    const queue = createQueue(LIMITS)
    const mute = ['mute.test', 'MUTE.test', 'Mute.Test', 'mute.test']
    expect(
      fill(
        queue,
        mute.map((host, at) => ({ host, caller: `key${at}` })),
      ),
    ).toBe(2)
    expect(await runs(queue, { host: 'healthy.test', caller: 'key1' })).toMatchObject({ ok: true })
  })

  it('let a probe run at once beside a caller with many mute hosts', async () => {
    const queue = createQueue(LIMITS)
    const shares = Array.from({ length: 20 }, (_, at) => ({ host: `mute${at}.test`, caller: 'a' }))
    expect(fill(queue, shares)).toBe(4)
    expect(queue.waiting).toBe(4)
    expect(await runs(queue, { host: 'healthy.test', caller: 'b' })).toMatchObject({ ok: true })
  })

  it('tell a host and a caller of the same name apart', () => {
    const queue = createQueue(LIMITS)
    expect(
      fill(queue, [
        { host: 'a', caller: 'b' },
        { host: 'b', caller: 'a' },
      ]),
    ).toBe(2)
    expect(
      fill(queue, [
        { host: 'a', caller: 'c' },
        { host: 'b', caller: 'd' },
      ]),
    ).toBe(4)
  })

  it('give a free place to the first that may have it, not to one whose host is full', async () => {
    const queue = createQueue({ ...LIMITS, running: 3 })
    fill(queue, [
      { host: 'mute.test', caller: 'a' },
      { host: 'mute.test', caller: 'b' },
    ])
    const first = task()
    const running = queue.run(first.run, never, { host: 'third.test', caller: 'c' })
    fill(queue, [{ host: 'mute.test', caller: 'd' }])
    const healthy = runs(queue, { host: 'healthy.test', caller: 'e' })
    expect(queue.waiting).toBe(2)
    first.end()
    await running
    expect(await healthy).toMatchObject({ ok: true })
    expect(queue.waiting).toBe(1)
  })

  it('give away both the place of its host and that of its caller when a probe ends', async () => {
    const queue = createQueue(LIMITS)
    const first = task()
    const running = queue.run(first.run, never, { host: 'a.test', caller: 'a' })
    fill(queue, [
      { host: 'a.test', caller: 'b' },
      { host: 'c.test', caller: 'a' },
      { host: 'd.test', caller: 'a' },
      { host: 'e.test', caller: 'a' },
    ])
    fill(queue, [
      { host: 'a.test', caller: 'c' },
      { host: 'f.test', caller: 'a' },
    ])
    expect([queue.running, queue.waiting]).toEqual([5, 2])
    first.end()
    await running
    expect([queue.running, queue.waiting]).toEqual([6, 0])
  })

  it('let 90 probes of one host and caller wait for their turn, with the default limits', async () => {
    const queue = createQueue()
    const share = { host: 'outlook.office365.com', caller: 'a' }
    const results = Array.from({ length: 90 }, () =>
      queue.run(() => tick().then(() => 'ran'), never, share),
    )
    expect([queue.running, queue.waiting]).toEqual([32, 58])
    expect((await Promise.all(results)).every(({ ok }) => ok)).toBe(true)
  })

  it('serve a healthy probe of the same caller beside 32 mute hosts, with the default limits', async () => {
    const queue = createQueue()
    const shares = Array.from({ length: 32 }, (_, at) => ({ host: `mute${at}.test`, caller: 'a' }))
    expect(fill(queue, shares)).toBe(32)
    expect(await runs(queue, { host: 'healthy.test', caller: 'a' })).toMatchObject({ ok: true })
  })
})
