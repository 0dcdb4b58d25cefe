import { describe, expect, it } from 'vitest'
import { secrets } from '../../sandbox/cast.ts'
import { appOnly, appOnlyForm, createAppOnlyWorld } from '../app-only-world.ts'
import { callerOf, createKey } from '../keys.ts'

const SETTINGS = '/v1/integrations/microsoft/settings'

describe('an app-only token while Microsoft fails', () => {
  it('is answered with 503 and Retry-After, and recovers without a new consent', async () => {
    const world = await createAppOnlyWorld()
    const { id, path } = await world.saveAccount()
    world.entra.control.faultNext({ kind: 'outage', times: 2 })
    const response = await world.call('POST', path)
    expect(response.status).toBe(503)
    expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await response.json()).toMatchObject({ code: 'provider_unavailable' })
    expect((await world.read(id)).health).toBe('cooling_down')
    // Entra is not called again before the retry time.
    await world.call('POST', path)
    expect(world.tokenRequests()).toBe(1)
    world.advance(31)
    expect((await world.call('POST', path)).status).toBe(503)
    world.advance(61)
    expect((await world.call('POST', path)).status).toBe(200)
    expect((await world.read(id)).health).toBe('unverified')
    expect((await world.events()).filter((type) => type.startsWith('grant.'))).toEqual([
      'grant.cooling_down',
      'grant.recovered',
    ])
  })

  it('is served from the database while the stored one is valid', async () => {
    const world = await createAppOnlyWorld()
    world.entra.control.setTokenLifetime(3600)
    const { path } = await world.saveAccount()
    const { access_token } = await (await world.call('POST', path)).json<{ access_token: string }>()
    world.advance(3600 - 60)
    world.entra.control.faultNext({ kind: 'outage', times: 9 })
    expect(await (await world.call('POST', path)).json()).toMatchObject({
      access_token,
      refreshed: false,
    })
    world.advance(61)
    expect((await world.call('POST', path)).status).toBe(503)
  })

  it('is never one that was reported as rejected, even for concurrent callers', async () => {
    const world = await createAppOnlyWorld()
    const { path } = await world.saveAccount()
    const { expires_at } = await (await world.call('POST', path)).json<{ expires_at: string }>()
    world.advance(61)
    world.entra.control.faultNext({ kind: 'outage', times: 1 })
    const answers = await Promise.all(
      Array.from({ length: 4 }, () =>
        world.call('POST', path, { rejected_expires_at: expires_at }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503])
    expect((await world.call('POST', path)).status).toBe(200)
  })

  it("is retried after Microsoft's Retry-After", async () => {
    const world = await createAppOnlyWorld()
    const { path } = await world.saveAccount()
    world.entra.control.faultNext({ kind: 'rate_limit', retry_after: 600 })
    const response = await world.call('POST', path)
    expect(response.headers.get('retry-after')).toBe('600')
  })
})

describe('an app-only token refused by Microsoft', () => {
  it("is blocked until the tenant's administrator consents to the app", async () => {
    const world = await createAppOnlyWorld()
    const { id, path } = await world.saveAccount({ authentication: appOnly('adatum.test') })
    const problem = await world.problem('POST', path)
    expect(problem).toMatchObject({ status: 409, code: 'grant_blocked' })
    expect(problem.detail).toContain('AADSTS700016')
    expect(problem.detail).toContain('administrator of adatum.test')
    expect(problem.diagnosis?.candidates[0]?.cause).toBe('app-only-not-consented')
    const account = await world.read(id)
    expect(account).toMatchObject({ health: 'blocked', problem: { code: 'grant_blocked' } })
    expect(account.problem?.diagnosis?.candidates[0]?.cause).toBe('app-only-not-consented')

    // Retried after 5 minutes, and at once by a validation, though once a minute.
    await world.call('POST', path)
    expect(world.tokenRequests()).toBe(1)
    world.entra.control.setAppConsent('adatum.test', true)
    world.advance(59)
    await world.validateSaved(id)
    expect(world.tokenRequests()).toBe(1)
    world.advance(1)
    await world.validateSaved(id)
    expect((await world.call('POST', path)).status).toBe(200)
    expect((await world.events()).filter((type) => type.startsWith('grant.'))).toEqual([
      'grant.blocked',
      'grant.recovered',
    ])
  })

  it('does not blame the credential when the enterprise application is missing', async () => {
    const refusal = { error: 'invalid_client', error_codes: [7000229] }
    const world = await createAppOnlyWorld({
      outside: { fetch: async () => Response.json(refusal, { status: 401 }) },
    })
    const { path } = await world.saveAccount({ authentication: appOnly('adatum.test') })
    const problem = await world.problem('POST', path)
    expect(problem).toMatchObject({ status: 409, code: 'grant_blocked' })
    expect(problem.diagnosis?.candidates[0]?.cause).toBe('app-only-not-consented')
    const integration = await world.call('GET', '/v1/integrations/microsoft')
    expect(await integration.json()).toMatchObject({ problems: [] })
  })

  it('reports that the tenant does not exist', async () => {
    const world = await createAppOnlyWorld()
    const { path } = await world.saveAccount({ authentication: appOnly('nowhere.test') })
    const problem = await world.problem('POST', path)
    expect(problem).toMatchObject({ code: 'grant_blocked' })
    expect(problem.diagnosis?.candidates[0]?.cause).toBe('wrong-tenant-or-cloud')
  })

  it('does not affect the integration or delegated grants', async () => {
    const world = await createAppOnlyWorld()
    const grant = await world.grant('alice@contoso.test')
    const { path } = await world.saveAccount({ authentication: appOnly('adatum.test') })
    await world.call('POST', path)
    const integration = await world.call('GET', '/v1/integrations/microsoft')
    expect(await integration.json()).toMatchObject({ problems: [] })
    expect(await world.grantStatus(grant)).toBe('active')
  })

  it('is blamed on the integration when the credential is rejected', async () => {
    const world = await createAppOnlyWorld()
    const { id, path } = await world.saveAccount()
    const { client_id } = await (await world.call('GET', SETTINGS)).json<{ client_id: string }>()
    const save = (client_secret: string) =>
      world.call('PUT', SETTINGS, {
        client_id,
        credential: { type: 'client_secret', client_secret, expires_at: '2028-11-24T00:00:00Z' },
      })
    await save('not-the-secret-of-this-app')
    const problem = await world.problem('POST', path)
    expect(problem).toMatchObject({ status: 409, code: 'credential_rejected' })
    expect(problem.diagnosis?.candidates[0]?.cause).toBe('client-secret-wrong')
    expect((await world.read(id)).health).toBe('unverified')
    const integration = await world.call('GET', '/v1/integrations/microsoft')
    expect(await integration.json()).toMatchObject({ problems: [{ code: 'credential_rejected' }] })
    await save(secrets.next)
    expect((await world.call('POST', path)).status).toBe(200)
  })

  it('is refused without calling Entra while no app is configured', async () => {
    const world = await createAppOnlyWorld()
    await world.db.prepare('DELETE FROM integrations').run()
    await world.call('POST', '/v1/integrations/microsoft/activate')
    const { path } = await world.saveAccount()
    expect(await world.problem('POST', path)).toMatchObject({ code: 'credential_rejected' })
    expect(world.tokenRequests()).toBe(0)
  })
})

describe('a key that is restricted to an app-only account', () => {
  async function restrictedKey(scopes: string[], input: object = {}) {
    const world = await createAppOnlyWorld()
    const { id, path } = await world.saveAccount()
    const { key } = await createKey(world, { scopes, mail_accounts: [id], ...input })
    return { id, path, call: callerOf(world, key) }
  }

  it('can read the account, and fetch its token with the right to it', async () => {
    const { id, path, call } = await restrictedKey(['read', 'tokens'], { app_only: true })
    expect((await call('POST', path)).status).toBe(200)
    expect((await call('GET', `/v1/mail-accounts/${id}`)).status).toBe(200)
  })

  it.each([
    ['tenant', { authentication: appOnly('adatum.test') }],
    ['mailbox', { username: 'alice@contoso.test' }],
  ])('cannot change the %s, by saving or by validating', async (_, changes) => {
    const { id, call } = await restrictedKey(['write'])
    const path = `/v1/mail-accounts/${id}`
    expect((await call('PUT', path, appOnlyForm({ name: 'Renamed' }))).status).toBe(200)
    const changed = appOnlyForm(changes)
    const refused = await call('PUT', path, changed)
    expect(refused.status).toBe(403)
    expect(await refused.json()).toMatchObject({ code: 'key_limited' })
    const form = { ...changed, mail_account_id: id }
    expect((await call('POST', '/v1/validations', form)).status).toBe(403)
  })
})

describe('settings that change while an app-only token is fetched', () => {
  /** Runs `act` between the first read of the settings and the lease. */
  const meanwhile = (
    { services: { store } }: Awaited<ReturnType<typeof createAppOnlyWorld>>,
    act: () => Promise<Response>,
  ) => {
    const { leases } = store.appTokens
    const { acquire } = leases
    leases.acquire = async (...args) => {
      leases.acquire = acquire
      expect((await act()).status).toBe(200)
      return acquire(...args)
    }
  }

  it('never send the credential of the new app with the client id of the old one', async () => {
    const world = await createAppOnlyWorld()
    const { path } = await world.saveAccount()
    meanwhile(world, () =>
      world.call('PUT', SETTINGS, {
        client_id: '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11',
        credential: { type: 'client_secret', client_secret: 'a secret of the other app' },
      }),
    )
    expect(await world.problem('POST', path)).toMatchObject({ code: 'provider_unavailable' })
    expect(world.tokenRequests()).toBe(0)
    expect(await world.events()).not.toContain('integration.credential_rejected')
  })

  it('prevent the call to Entra when the integration was deactivated', async () => {
    const world = await createAppOnlyWorld()
    const { path } = await world.saveAccount()
    meanwhile(world, () => world.call('POST', '/v1/integrations/microsoft/deactivate'))
    expect(await world.problem('POST', path)).toMatchObject({ code: 'integration_inactive' })
    expect(world.tokenRequests()).toBe(0)
  })
})
