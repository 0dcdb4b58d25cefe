import { expect, it } from 'vitest'
import { issueAccessToken } from '../../../../api/domain/tokens/issue-access-token.ts'
import { createWorld } from '../../harness.ts'
import { savedAccount } from '../../saved-account.ts'
import { system } from '../../system-call.ts'

/** A call that collects its deferred work. */
function deferringCall() {
  const deferred: Promise<unknown>[] = []
  return { ...system, deferred, defer: (work: Promise<unknown>) => void deferred.push(work) }
}

it('issues a token without a background error when its use cannot be recorded', async () => {
  const world = await createWorld()
  const { id } = await savedAccount(world)
  const fails = () => Promise.reject(new Error('D1_ERROR'))
  world.services.store.tokenIssue.recordUse = fails
  world.services.store.tokenUses.count = () => fails
  const issuing = deferringCall()
  const token = await issueAccessToken(world.services, issuing, id, {})
  expect(token).toMatchObject({ ok: true })
  expect(await Promise.all(issuing.deferred)).toEqual([undefined, undefined])
})

it('records the use of a grant at most every six hours', async () => {
  const world = await createWorld()
  const { id } = await savedAccount(world)
  const { tokenIssue } = world.services.store
  const { recordUse } = tokenIssue
  let uses = 0
  tokenIssue.recordUse = (...args) => {
    uses += 1
    return recordUse(...args)
  }
  for (const [seconds, count] of [
    [0, 1],
    [6 * 3600 - 1, 1],
    [1, 2],
  ] as const) {
    world.advance(seconds)
    const issuing = deferringCall()
    await issueAccessToken(world.services, issuing, id, {})
    await Promise.all(issuing.deferred)
    expect(uses).toBe(count)
  }
})
