import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { issueAccessToken } from '../../../../api/domain/tokens/issue-access-token.ts'
import { createAppOnlyWorld } from '../../app-only-world.ts'
import { createWorld } from '../../harness.ts'
import { savedAccount } from '../../saved-account.ts'

it('issues a token without a background error when its use cannot be recorded', async () => {
  const world = await createWorld()
  const { id } = await savedAccount(world)
  const { store } = world.services
  const recordUse = () => Promise.reject(new Error('D1_ERROR'))
  const services = {
    ...world.services,
    store: { ...store, tokenIssue: { ...store.tokenIssue, recordUse } },
  }
  const deferred: Promise<unknown>[] = []
  const call = {
    actor: { type: 'key' as const, id: 'root' },
    defer: (work: Promise<unknown>) => void deferred.push(work),
  }
  const token = await issueAccessToken(services, call, id, undefined)
  expect(token).toMatchObject({ ok: true })
  expect(deferred).toHaveLength(1)
  await expect(deferred[0]).resolves.toBeUndefined()
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
  const issue = async () => {
    const deferred: Promise<unknown>[] = []
    const defer = (work: Promise<unknown>) => void deferred.push(work)
    await issueAccessToken(
      world.services,
      { actor: { type: 'key', id: 'root' }, defer },
      id,
      undefined,
    )
    await Promise.all(deferred)
  }
  await issue()
  expect(uses).toBe(1)
  world.advance(6 * 3600 - 1)
  await issue()
  expect(uses).toBe(1)
  world.advance(1)
  await issue()
  expect(uses).toBe(2)
})

it('does not issue a token of the app to a mail server of another cloud', async () => {
  const world = await createAppOnlyWorld()
  const account = await world.saveAccount()
  await env.DB.prepare("UPDATE integrations SET cloud = 'china'").run()
  const call = { actor: { type: 'key' as const, id: 'root' }, defer: () => {} }
  const token = await issueAccessToken(world.services, call, account.id, undefined)
  expect(token).toMatchObject({ ok: false, error: { reason: 'mail_server_of_another_cloud' } })
})
