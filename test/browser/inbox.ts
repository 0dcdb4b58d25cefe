/** Mailboxes that have stopped working, for the inbox of the overview. */
import type { Page } from 'playwright-core'
import { vi } from 'vitest'
import type { Protocol } from '../../schema/mail-servers.ts'
import { createAdmin } from '../journeys/admin.ts'
import { setUpMicrosoft } from './console.ts'
import type { BrowserWorld } from './world.ts'

const BOTH: readonly Protocol[] = ['imap', 'smtp']

export type Mailboxes = Awaited<ReturnType<typeof prepareMailboxes>>

export async function prepareMailboxes(world: BrowserWorld) {
  await setUpMicrosoft(world)
  const admin = createAdmin(world.api, world.sandbox)
  await admin.prepareSandbox()

  /** Signs in once, as `as`, and saves an account for each protocol. Returns their ids. */
  async function connect(username: string, protocols = BOTH, as = username): Promise<string[]> {
    const { state } = await admin.getAccessToken({ username, protocols: [...protocols] }, as)
    const grant = admin.grantIdOf(state)
    const ids: string[] = []
    for (const protocol of protocols) {
      const owner =
        protocol === 'imap'
          ? ({ type: 'department', id: 'Support' } as const)
          : ({ type: 'global' } as const)
      ids.push(await admin.save(admin.account(protocol, grant, { username, owner })))
    }
    return ids
  }
  const validate = (id: string) => world.api.expect(201, 'POST', `/v1/mail-accounts/${id}/validate`)

  return {
    connect,
    validate,

    async connectValidated(username: string, protocols = BOTH): Promise<void> {
      for (const id of await connect(username, protocols)) await validate(id)
    },

    /** Connects a mailbox whose next refresh fails, and waits until it has. */
    async connectBroken(username: string, protocols = BOTH): Promise<string[]> {
      await world.sandbox.control({ token_lifetime: 1 })
      const ids = await connect(username, protocols)
      await world.sandbox.control({ token_lifetime: null, revoke: username })
      await vi.waitFor(
        () => world.api.expect(409, 'POST', `/v1/mail-accounts/${ids[0]}/access-token`, {}),
        20_000,
      )
      return ids
    },

    /** Connects a mailbox whose sign-in is then deleted. */
    async connectDetached(username: string, as = username): Promise<void> {
      const [id] = await connect(username, BOTH, as)
      const { grant } = await world.api.expect(200, 'GET', `/v1/mail-accounts/${id}`)
      const path = `/v1/grants/${(grant as { id: string }).id}?detach=true`
      await world.api.expect(200, 'DELETE', path)
    },

    async deleteAll(): Promise<void> {
      const { data } = await world.api.expect(200, 'GET', '/v1/mail-accounts?limit=200')
      for (const { id } of data as { id: string }[]) {
        await world.api.expect(204, 'DELETE', `/v1/mail-accounts/${id}`)
      }
    },
  }
}

export const lineOf = (page: Page, mailbox: string) =>
  page
    .getByRole('region', { name: 'Needs attention' })
    .getByRole('listitem')
    .filter({ has: page.getByRole('link', { name: mailbox, exact: true }) })
