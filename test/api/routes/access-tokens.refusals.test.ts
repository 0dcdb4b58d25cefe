import { describe, expect, it } from 'vitest'
import { app } from '../../sandbox/cast.ts'
import { createWorld } from '../harness.ts'
import { savedAccount } from '../saved-account.ts'

describe('what stands in the way of a hand-out', () => {
  it('is a switched-off integration, and nothing is lost by it', async () => {
    const world = await createWorld()
    const { path } = await savedAccount(world)
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    const response = await world.call('POST', path)
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ code: 'integration_inactive' })
    await world.call('POST', '/v1/integrations/microsoft/activate')
    expect((await world.call('POST', path)).status).toBe(200)
  })

  it('is first of all the switched-off integration, whatever else is wrong', async () => {
    const world = await createWorld()
    const { path, grant } = await savedAccount(world)
    await world.call('DELETE', `/v1/grants/${grant}?detach=true`)
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect(await (await world.call('POST', path)).json()).toMatchObject({
      status: 409,
      code: 'integration_inactive',
    })
  })

  it('is a mail server that may not be sent a token any more', async () => {
    const own = { host: 'imap.corp.test', port: 993, security: 'tls' } as const
    const settings = { extraMailServers: [{ ...own, protocol: 'imap' as const }] }
    const before = await createWorld({ settings })
    const { id, path } = await savedAccount(before, own)
    expect((await before.call('POST', path)).status).toBe(200)
    // The next deployment does not name it.
    const world = await createWorld({ keepDatabase: true })
    const response = await world.call('POST', path)
    expect(response.status).toBe(422)
    expect(await response.json()).toMatchObject({
      code: 'mail_host_not_allowed',
      detail: expect.stringContaining('imap.corp.test:993 (tls)'),
    })
    expect((await world.call('GET', `/v1/mail-accounts/${id}`)).status).toBe(200)
  })

  it('is the grant, not its mail server, once the settings name another cloud', async () => {
    const world = await createWorld()
    const { path } = await savedAccount(world)
    await world.call('PUT', '/v1/integrations/microsoft/settings?confirm=true', {
      client_id: app.clientId,
      cloud: 'china',
      tenant: 'organizations',
    })
    expect(await (await world.call('POST', path)).json()).toMatchObject({
      code: 'reconnect_required',
    })
  })

  it('is a password account', async () => {
    const world = await createWorld()
    const response = await world.call('POST', '/v1/mail-accounts', {
      owner: { type: 'global' },
      protocol: 'smtp',
      host: 'mail.example.com',
      port: 587,
      security: 'starttls',
      username: 'printer@example.com',
      authentication: { type: 'password', password: 'canary-password' },
    })
    const { id } = await response.json<{ id: string }>()
    const answer = await world.call('POST', `/v1/mail-accounts/${id}/access-token`)
    expect(answer.status).toBe(409)
    expect(await answer.json()).toMatchObject({ code: 'not_oauth' })
  })

  it('is a grant that was detached', async () => {
    const world = await createWorld()
    const { path, grant } = await savedAccount(world)
    await world.call('DELETE', `/v1/grants/${grant}?detach=true`)
    const response = await world.call('POST', path)
    expect(response.status).toBe(409)
    expect(await response.json()).toMatchObject({ code: 'reconnect_required' })
  })

  it('is an encryption key that is missing, and the row is left alone', async () => {
    const world = await createWorld()
    const { path } = await savedAccount(world)
    const before = await world.dump()
    const { createApp } = await import('../../../api/app.ts')
    const { createServices } = await import('../../../api/services.ts')
    const otherKey = [{ kid: 'k2', key: new Uint8Array(32).fill(9) }] as const
    const services = createServices(world.db, {
      ...world.services.settings,
      encryptionKeys: otherKey,
    })
    const request = new Request(`http://localhost:8787${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${services.settings.rootApiKey}` },
    })
    const response = await createApp({ ...services, now: world.services.now }).fetch(request, {}, {
      waitUntil: () => {},
      passThroughOnException: () => {},
      props: {},
    } as unknown as ExecutionContext)
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({
      code: 'key_missing',
      detail: expect.stringContaining('k1'),
    })
    expect(await world.dump()).toBe(before)
  })

  it.each(['ma_aaaaaaaaaaaaaaaaaaaaaaaaaa', 'ma_x', 'nonsense'])(
    'is an unknown id: %s',
    async (id) => {
      const world = await createWorld()
      const response = await world.call('POST', `/v1/mail-accounts/${id}/access-token`)
      expect(response.status).toBe(404)
      expect(await response.json()).toMatchObject({ code: 'not_found' })
    },
  )
})
