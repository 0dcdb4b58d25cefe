import { describe, expect, it } from 'vitest'
import { PERSONAL_TENANT_ID } from '../../sandbox/personas.ts'
import { appOnly, appOnlyForm, createAppOnlyWorld, smtpAppOnly } from '../app-only-world.ts'
import { enableGraph } from '../graph-world.ts'
import { anotherApp } from '../harness.ts'
import { brand, imapForm } from '../mail-world.ts'

type Token = { access_token: string; expires_at: string; username: string }

describe('saving an app-only account', () => {
  it('requires a tenant and no grant', async () => {
    const world = await createAppOnlyWorld()
    const account = await world.save(appOnlyForm())
    expect(account).toMatchObject({
      host: 'outlook.office365.com',
      authentication: appOnly('contoso.test'),
      health: 'unverified',
    })
    expect(account.grant).toBeNull()
    const smtp = await world.save(smtpAppOnly())
    expect(smtp.host).toBe('smtp.office365.com')
  })

  it.each([
    ['common', 'must be a single tenant'],
    ['organizations', 'must be a single tenant'],
    ['consumers', 'personal accounts have no app-only access'],
    [PERSONAL_TENANT_ID, 'personal accounts have no app-only access'],
    ['not a tenant', 'must be a tenant GUID or a domain'],
  ])('rejects the tenant %s', async (tenant, message) => {
    const world = await createAppOnlyWorld()
    const problem = await world.problem(
      'POST',
      '/v1/mail-accounts',
      appOnlyForm({ authentication: appOnly(tenant) }),
    )
    expect(problem).toMatchObject({
      status: 422,
      errors: [{ pointer: '/authentication/tenant', message: expect.stringContaining(message) }],
    })
    expect(problem.errors).toHaveLength(1)
  })

  it.each([
    [{ type: 'oauth', provider: 'microsoft', flow: 'app_only' }, '/authentication/tenant'],
    [{ type: 'oauth', provider: 'microsoft', flow: 'device' }, '/authentication/flow'],
    [{ type: 'oauth', provider: 'microsoft' }, '/authentication/grant_id'],
    [{ ...appOnly('contoso.test'), grant_id: 'gr_a' }, '/authentication/grant_id'],
  ])('points to the invalid field of %o', async (authentication, pointer) => {
    const world = await createAppOnlyWorld()
    const form = appOnlyForm({ authentication })
    const { status, errors } = await world.problem('POST', '/v1/mail-accounts', form)
    expect(status).toBe(422)
    expect(errors?.map((error) => error.pointer)).toEqual([pointer])
  })

  it('rejects a delegate, since no user signs in', async () => {
    const world = await createAppOnlyWorld()
    const form = appOnlyForm({ delegate: 'alice@contoso.test' })
    expect(await world.problem('POST', '/v1/mail-accounts', form)).toMatchObject({
      status: 422,
      errors: [{ pointer: '/delegate' }],
    })
  })

  it("releases the account's previous grant", async () => {
    const world = await createAppOnlyWorld()
    const grant = await world.grant('alice@contoso.test')
    const { id } = await world.save(imapForm(grant))
    await world.replace(id, appOnlyForm({ username: 'alice@contoso.test' }))
    expect(await world.grantStatus(grant)).toBe('gone')
    expect((await world.read(id)).authentication).toMatchObject({ flow: 'app_only' })
  })
})

describe('the access token of an app-only account', () => {
  it('is issued to the app and is valid for either protocol', async () => {
    const world = await createAppOnlyWorld()
    for (const form of [appOnlyForm(), smtpAppOnly()]) {
      const { id } = await world.save(form)
      const response = await world.call('POST', `/v1/mail-accounts/${id}/access-token`)
      expect(response.status).toBe(200)
      const token = await response.json<Token>()
      expect(token).toMatchObject({
        username: 'support@contoso.test',
        mailbox: 'support@contoso.test',
        mechanism: 'XOAUTH2',
      })
      expect(world.entra.checkToken(token.access_token)).toMatchObject({
        person: null,
        audience: 'https://outlook.office365.com',
        permissions: ['IMAP.AccessAsApp', 'SMTP.SendAsApp'],
      })
    }
    expect(world.tokenRequests()).toBe(1)
    expect(world.entra.tokenCalls().at(-1)?.tenant).toBe('contoso.test')
  })

  it('for Microsoft Graph is another one, for the mailbox that the path names', async () => {
    const world = await createAppOnlyWorld()
    await enableGraph(world)
    world.entra.control.setAppConsent('contoso.test', true, 'graph')
    const { path } = await world.saveAccount({ owner: brand, protocol: 'graph_send' })
    const issued = await world.call('POST', path)
    const token = await issued.json<Token>()
    expect(token).toMatchObject({
      mechanism: 'Bearer',
      api_base: 'https://graph.microsoft.com/v1.0',
      mailbox_path: '/users/support%40contoso.test',
    })
    expect(world.entra.checkToken(token.access_token)).toMatchObject({
      person: null,
      audience: 'https://graph.microsoft.com',
      permissions: ['Mail.Send'],
    })
  })

  it('is fetched again when a mail server has rejected it', async () => {
    const world = await createAppOnlyWorld()
    const { path } = await world.saveAccount()
    const issue = async (body?: object) => (await world.call('POST', path, body)).json<Token>()
    const first = await issue()
    world.advance(61)
    const second = await issue({ rejected_expires_at: first.expires_at })
    expect(second.access_token).not.toBe(first.access_token)
  })

  it('is separate for each tenant', async () => {
    const world = await createAppOnlyWorld()
    const one = await world.saveAccount()
    const other = await world.saveAccount({ authentication: appOnly('adatum.test') })
    expect((await world.call('POST', one.path)).status).toBe(200)
    expect((await world.call('POST', other.path)).status).toBe(409)
    expect((await world.call('POST', one.path)).status).toBe(200)
  })

  it('is requested for the new app after the app registration changes', async () => {
    const world = await createAppOnlyWorld()
    const { path } = await world.saveAccount()
    await world.call('POST', path)
    const settings = '/v1/integrations/microsoft/settings'
    expect((await world.call('PUT', settings, anotherApp)).status).toBe(200)
    // The sandbox knows only one app, so it refuses the other; the first app's token is not issued.
    expect(await world.problem('POST', path)).toMatchObject({ code: 'grant_blocked' })
    await world.activate()
    expect((await world.call('POST', path)).status).toBe(200)
    expect(world.tokenRequests()).toBe(2)
  })
})
