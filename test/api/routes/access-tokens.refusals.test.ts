import { describe, expect, it } from 'vitest'
import { app } from '../../sandbox/personas.ts'
import { createWorld } from '../harness.ts'
import { accountWorld, savedAccount } from '../saved-account.ts'

describe('an access token is refused', () => {
  it('because the integration is inactive, even if the grant is missing too', async () => {
    const { world, path, grant } = await accountWorld()
    await world.call('DELETE', `/v1/grants/${grant}?detach=true`)
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect(await world.problem('POST', path)).toMatchObject({
      status: 409,
      code: 'integration_inactive',
    })
  })

  it('when the next deployment no longer allows the mail server', async () => {
    const server = { host: 'imap.corp.test', port: 993, security: 'tls' } as const
    const settings = { extraMailServers: [{ ...server, protocol: 'imap' as const }] }
    const before = await createWorld({ settings })
    const { id, path } = await savedAccount(before, server)
    expect((await before.call('POST', path)).status).toBe(200)
    // This deployment does not list the server.
    const world = await createWorld({ keepDatabase: true })
    const problem = await world.problem('POST', path)
    expect(problem).toMatchObject({
      status: 422,
      code: 'mail_host_not_allowed',
      detail: expect.stringContaining('imap.corp.test:993 with TLS'),
    })
    expect((await world.call('GET', `/v1/mail-accounts/${id}`)).status).toBe(200)
  })

  it('because of the grant, not its mail server, after the cloud was changed', async () => {
    const { world, path } = await accountWorld()
    await world.call('PUT', '/v1/integrations/microsoft/settings?confirm=true', {
      client_id: app.clientId,
      cloud: 'china',
      tenant: 'organizations',
    })
    expect(await world.problem('POST', path)).toMatchObject({ code: 'reconnect_required' })
  })
})
