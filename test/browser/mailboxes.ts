/** Mailboxes that are saved already, one in each state that a page has to show. */
import { vi } from 'vitest'
import { createAdmin } from '../journeys/admin.ts'
import { setUpMicrosoft } from './console.ts'
import type { BrowserWorld } from './world.ts'

export type Mailboxes = { works: string; fails: string; outgoing: string; disconnected: string }

/** Ids of accounts: alice over IMAP and SMTP, bob, whose IMAP is off, and erin, whose token is lost. */
export async function saveMailboxes(world: BrowserWorld): Promise<Mailboxes> {
  await setUpMicrosoft(world)
  const admin = createAdmin(world.api, world.sandbox)
  await admin.prepareSandbox()

  async function save(protocol: 'imap' | 'smtp', username: string): Promise<string> {
    const { state } = await admin.getAccessToken({ username }, username)
    const owner = protocol === 'imap' ? { type: 'department', id: 'Support' } : { type: 'global' }
    const body = admin.account(protocol, admin.grantIdOf(state), { username, owner })
    return admin.save(body)
  }
  async function saveTried(protocol: 'imap' | 'smtp', username: string): Promise<string> {
    const id = await save(protocol, username)
    await world.api.expect(201, 'POST', `/v1/mail-accounts/${id}/validate`)
    return id
  }

  const works = await saveTried('imap', 'alice@contoso.test')
  const fails = await saveTried('imap', 'bob@contoso.test')
  const outgoing = await saveTried('smtp', 'alice@contoso.test')
  await world.sandbox.control({ token_lifetime: 1 })
  const disconnected = await save('imap', 'erin@contoso.test')
  await world.sandbox.control({ token_lifetime: null })
  // Once her token has ended, the refresh asks for MFA.
  const path = `/v1/mail-accounts/${disconnected}/access-token`
  await vi.waitFor(() => world.api.expect(409, 'POST', path, {}), 20_000)
  return { works, fails, outgoing, disconnected }
}
