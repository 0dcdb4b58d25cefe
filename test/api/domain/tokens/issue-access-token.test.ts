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
  world.services.store.tokenUses.count = () => fails
  const issuing = deferringCall()
  const token = await issueAccessToken(world.services, issuing, id, {})
  expect(token).toMatchObject({ ok: true })
  expect(await Promise.all(issuing.deferred)).toEqual([undefined])
})
