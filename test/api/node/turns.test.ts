import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createTurns } from '../../../api/node/outbound-http.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('lets so many requests run at a time, the others in order, and gives up after the wait', async () => {
  const take = createTurns(2)
  const started: (string | null)[] = []
  const request = async (name: string) => {
    const turn = await take(1000)
    started.push(turn && name)
    return turn
  }
  const [first] = await Promise.all([request('a'), request('b')])
  const [third, fourth, last] = [request('c'), request('d'), request('e')]
  await vi.advanceTimersByTimeAsync(999)
  expect(started).toEqual(['a', 'b'])
  first?.[Symbol.dispose]()
  const next = await third
  next?.[Symbol.dispose]()
  await fourth
  expect(started).toEqual(['a', 'b', 'c', 'd'])
  await vi.advanceTimersByTimeAsync(1)
  expect(await last).toBeNull()
  next?.[Symbol.dispose]()
  expect(await request('f')).not.toBeNull()
})
