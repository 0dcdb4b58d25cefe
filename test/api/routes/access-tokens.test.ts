import { describe, expect, it } from 'vitest'
import { createWorld } from '../harness.ts'
import { accountWorld, refreshes, savedAccount } from '../saved-account.ts'

describe('issuing an access token', () => {
  it('returns the stored token, with everything that a login requires, without calling Entra', async () => {
    const { world, path } = await accountWorld()
    const response = await world.call('POST', path, {})
    expect(response.status).toBe(200)
    expect(response.headers.get('cache-control')).toBe('no-store')
    const token = await response.json<Record<string, string>>()
    expect(token).toMatchObject({
      token_type: 'Bearer',
      username: 'alice@contoso.test',
      mailbox: 'alice@contoso.test',
      from: 'alice@contoso.test',
      host: 'outlook.office365.com',
      port: 993,
      security: 'tls',
      mechanism: 'XOAUTH2',
    })
    expect(atob(token.xoauth2 ?? '')).toBe(
      `user=alice@contoso.test\x01auth=Bearer ${token.access_token}\x01\x01`,
    )
    expect(refreshes(world)).toBe(0)
  })

  it("names a shared mailbox's delegate as the SMTP login, and the mailbox as the IMAP login", async () => {
    const world = await createWorld()
    const shared = { username: 'support@contoso.test', delegate: 'alice@contoso.test' }
    const sender = { protocol: 'smtp', from: 'help@contoso.test' } as const
    const smtp = await savedAccount(world, { ...shared, ...sender })
    const token = await (await world.call('POST', smtp.path)).json()
    expect(token).toMatchObject({
      username: 'alice@contoso.test',
      mailbox: 'support@contoso.test',
      from: 'help@contoso.test',
    })
    const imap = await savedAccount(world, { ...shared, protocol: 'imap' })
    expect(await (await world.call('POST', imap.path)).json()).toMatchObject({
      username: 'support@contoso.test',
    })
  })
})
