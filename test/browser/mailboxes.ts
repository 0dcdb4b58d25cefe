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

  const owners: Record<'imap' | 'smtp', Owner> = {
    imap: { type: 'department', id: 'Support' },
    smtp: { type: 'global' },
  }
  /** Saves the mailbox with one sign-in for these uses. Returns the IDs of its accounts. */
  async function save(username: string, protocols: ('imap' | 'smtp')[]): Promise<string[]> {
    const { state } = await admin.getAccessToken({ username }, username)
    const ids: string[] = []
    for (const protocol of protocols) {
      const body = admin.account(protocol, admin.grantIdOf(state), {
        username,
        owner: owners[protocol],
      })
      ids.push(await admin.save(body))
      await world.api.expect(201, 'POST', `/v1/mail-accounts/${ids.at(-1)}/validate`)
    }
    return ids
  }

  const [works = '', outgoing = ''] = await save('alice@contoso.test', ['imap', 'smtp'])
  const [fails = ''] = await save('bob@contoso.test', ['imap'])
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
