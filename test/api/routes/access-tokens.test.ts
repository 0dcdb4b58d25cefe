import { describe, expect, it } from 'vitest'
import { createWorld } from '../harness.ts'
import { refreshes, savedAccount } from '../saved-account.ts'

describe('issuing an access token', () => {
  it('returns the stored token, with everything that a login requires, without calling Entra', async () => {
    const world = await createWorld()
    const { path } = await savedAccount(world)
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

  it('works without a body', async () => {
    const world = await createWorld()
    const { path } = await savedAccount(world)
    expect((await world.call('POST', path)).status).toBe(200)
    const json = { 'content-type': 'application/json' }
    expect((await world.call('POST', path, undefined, json)).status).toBe(200)
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

  it('refreshes a token that has less than five minutes left', async () => {
    const world = await createWorld()
    world.entra.control.setTokenLifetime(3600)
    const { path } = await savedAccount(world)
    world.advance(3600 - 300)
    expect((await world.call('POST', path)).status).toBe(200)
    expect(refreshes(world)).toBe(0)
    world.advance(1)
    const token = await (await world.call('POST', path)).json<{ expires_at: string }>()
    expect(refreshes(world)).toBe(1)
    expect(Date.parse(token.expires_at)).toBe(world.clock.now.getTime() + 3_600_000)
  })

  it('is refused with a Retry-After that grows while Microsoft fails', async () => {
    const world = await createWorld()
    const { path } = await savedAccount(world)
    world.advance(86_400)
    world.entra.control.faultNext({ kind: 'outage', times: 3 })
    for (const wait of ['30', '60', '120']) {
      const response = await world.call('POST', path)
      expect([response.status, response.headers.get('retry-after')]).toEqual([503, wait])
      expect(await response.json()).toMatchObject({ code: 'provider_unavailable' })
      world.advance(Number(wait))
    }
    expect((await world.call('POST', path)).status).toBe(200)
  })

  it('replaces a token that the mail server rejected, at most once a minute', async () => {
    const world = await createWorld()
    const { path } = await savedAccount(world)
    world.advance(61)
    const first = await (await world.call('POST', path)).json<{
      expires_at: string
      access_token: string
    }>()
    const refused = { rejected_expires_at: first.expires_at }
    const second = await (await world.call('POST', path, refused)).json<typeof first>()
    expect(second.access_token).not.toBe(first.access_token)
    expect(refreshes(world)).toBe(1)
    // Late reports of the first token, and a report of the new one within the minute, change nothing.
    await world.call('POST', path, refused)
    await world.call('POST', path, { rejected_expires_at: second.expires_at })
    expect(refreshes(world)).toBe(1)
  })
})
