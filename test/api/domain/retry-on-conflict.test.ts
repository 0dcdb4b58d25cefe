import { expect, it } from 'vitest'
import { retryOnConflict } from '../../../api/domain/write-with-retry.ts'

/** An attempt that has this many version conflicts before it succeeds. */
function attemptWith(conflicts: number) {
  let attempts = 0
  const attempt = async () => {
    attempts += 1
    return attempts > conflicts ? 'saved' : null
  }
  return { attempt, attempts: () => attempts }
}

it('returns the result of the first attempt without a conflict', async () => {
  const first = attemptWith(0)
  expect(await retryOnConflict(first.attempt)).toBe('saved')
  expect(first.attempts()).toBe(1)
  const third = attemptWith(2)
  expect(await retryOnConflict(third.attempt)).toBe('saved')
  expect(third.attempts()).toBe(3)
})

it('gives up after three conflicts', async () => {
  const never = attemptWith(3)
  expect(await retryOnConflict(never.attempt)).toBeNull()
  expect(never.attempts()).toBe(3)
})
