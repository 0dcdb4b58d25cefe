/** The cases of the faults suite in a size that takes a second each. */
import { expect, it, vi } from 'vitest'
import type { Kind } from '../../faults/kinds.ts'
import {
  deadNeighbours,
  killedRuns,
  silence,
  threeEndpoints,
} from '../../faults/webhooks-at-size.ts'

// Hours of simulated time take seconds, more on a busy machine.
vi.setConfig({ testTimeout: 60_000 })

const failuresOf = (kinds: readonly Kind[]) => kinds.flatMap(({ failures }) => failures)

it('delivers to an endpoint at its own speed beside a flaky and a slow one, which lose nothing', async () => {
  expect(failuresOf(await threeEndpoints(300))).toEqual([])
})

it('delivers in time beside endpoints that never answer', async () => {
  expect(failuresOf([await deadNeighbours(300)])).toEqual([])
})

it('sends nothing to an endpoint before the end of its Retry-After', async () => {
  expect(failuresOf([await silence(300)])).toEqual([])
})

it('loses nothing when runs are killed', async () => {
  expect(failuresOf([await killedRuns(300)])).toEqual([])
})
