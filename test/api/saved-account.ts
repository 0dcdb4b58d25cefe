/** Saved OAuth accounts and the path of their access token. */
import { expect } from 'vitest'
import type { MailServer } from '../../schema/mail-servers.ts'
import { createWorld, type World, type WorldOptions } from './harness.ts'

type Account = {
  protocol?: 'imap' | 'smtp'
  username?: string
  delegate?: string
  from?: string
} & Partial<MailServer>

/** Saves an account with a new grant; by default Alice's IMAP mailbox. */
export async function savedAccount(world: World, account: Account = {}) {
  const { protocol = 'imap', username = 'alice@contoso.test', delegate, ...rest } = account
  await world.activate()
  const grant = await world.grant(delegate ?? username)
  const response = await world.call('POST', '/v1/mail-accounts', {
    owner: protocol === 'imap' ? { type: 'department', id: 'dep_1' } : { type: 'global' },
    protocol,
    username,
    ...(delegate && { delegate }),
    ...rest,
    authentication: { type: 'oauth', provider: 'microsoft', grant_id: grant },
  })
  expect(response.status).toBe(201)
  const { id } = await response.json<{ id: string }>()
  world.entra.control.resetCounts()
  return { id, grant, path: `/v1/mail-accounts/${id}/access-token` }
}

export async function accountWorld(options: WorldOptions = {}, account: Account = {}) {
  const world = await createWorld(options)
  return { world, ...(await savedAccount(world, account)) }
}

export const refreshes = (world: World) => world.entra.counts().token.refresh_token
