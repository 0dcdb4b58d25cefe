/** Saved mailboxes, one in each state that a page can show. */
import { expect, vi } from 'vitest'
import type { Owner } from '../../schema/mail-account.ts'
import { createAdmin } from '../journeys/admin.ts'
import { setUpMicrosoft } from './console.ts'
import type { BrowserWorld } from './world.ts'

export type Mailboxes = { works: string; fails: string; outgoing: string; disconnected: string }

/** Saves accounts of alice (IMAP and SMTP), bob (IMAP disabled) and erin (refresh refused). Returns their IDs. */
export async function saveMailboxes(world: BrowserWorld): Promise<Mailboxes> {
  await setUpMicrosoft(world)
  const admin = createAdmin(world.api, world.sandbox)
  await admin.prepareSandbox()

  async function save(protocol: 'imap' | 'smtp', username: string): Promise<string> {
    const { state } = await admin.getAccessToken({ username }, username)
    const owner: Owner =
      protocol === 'imap' ? { type: 'department', id: 'Support' } : { type: 'global' }
    const body = admin.account(protocol, admin.grantIdOf(state), { username, owner })
    return admin.save(body)
  }
  async function saveValidated(protocol: 'imap' | 'smtp', username: string): Promise<string> {
    const id = await save(protocol, username)
    await world.api.expect(201, 'POST', `/v1/mail-accounts/${id}/validate`)
    return id
  }

  const works = await saveValidated('imap', 'alice@contoso.test')
  const fails = await saveValidated('imap', 'bob@contoso.test')
  const outgoing = await saveValidated('smtp', 'alice@contoso.test')
  const disconnected = await saveExpiring(world, 'erin@contoso.test')
  await expectExpired(world, disconnected)
  return { works, fails, outgoing, disconnected }
}

/** Saves an account that works until its access token expires after seconds. Returns its ID. */
export async function saveExpiring(world: BrowserWorld, username: string): Promise<string> {
  const admin = createAdmin(world.api, world.sandbox)
  await admin.prepareSandbox()
  await world.sandbox.control({ token_lifetime: 5 })
  const { state } = await admin.getAccessToken({ username }, username)
  await world.sandbox.control({ token_lifetime: null })
  const owner: Owner = { type: 'department', id: 'Support' }
  const id = await admin.save(admin.account('imap', admin.grantIdOf(state), { username, owner }))
  const { outcome } = await world.api.expect(201, 'POST', `/v1/mail-accounts/${id}/validate`)
  expect(outcome).toBe('passed')
  return id
}

/** Waits until Microsoft refuses a refresh, as it does for erin and frank. */
export const expectExpired = (world: BrowserWorld, id: string) =>
  vi.waitFor(
    () => world.api.expect(409, 'POST', `/v1/mail-accounts/${id}/access-token`, {}),
    20_000,
  )
