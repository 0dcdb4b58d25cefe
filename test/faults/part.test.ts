/** Runs one part. `run.ts` starts this file once per part and prints what it reports. */
import { timingSafeEqual } from 'node:crypto'
import { expect, inject, it } from 'vitest'
import type { Kind, Size } from './kinds.ts'
import { parts } from './parts.ts'

declare module 'vitest' {
  interface ProvidedContext {
    part: string
    size: Size
  }
  interface TaskMeta {
    kinds?: Kind[]
  }
}

// Workerd has this function in `crypto.subtle`, Node does not.
Object.assign(crypto.subtle, {
  timingSafeEqual: (a: Uint8Array, b: Uint8Array) => timingSafeEqual(a, b),
})

it('finds no failure', async ({ task }) => {
  const part = await parts[inject('part')]?.load()
  const kinds = (await part?.(inject('size'))) ?? []
  task.meta.kinds = kinds
  expect(kinds.reduce((sum, { trials }) => sum + trials, 0)).toBeGreaterThan(0)
})
