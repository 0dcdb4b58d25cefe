import { describe, expect, it } from 'vitest'
import { appOnly, appOnlyAccountWorld, appOnlyForm, createAppOnlyWorld } from '../app-only-world.ts'
import { problemOf } from '../harness.ts'
import { callerOf, createKey } from '../keys.ts'
import { rows } from '../sql.ts'

describe('an app-only token while Microsoft fails', () => {
  it('is answered with 503 and Retry-After, which the account shows until it is over', async () => {
    const { world, id, path } = await appOnlyAccountWorld()
    world.entra.control.faultNext({ kind: 'outage' })
    const response = await world.call('POST', path)
    expect([response.status, response.headers.get('retry-after')]).toEqual([503, '30'])
    expect((await world.read(id)).health).toBe('cooling_down')
    world.advance(31)
    expect((await world.call('POST', path)).status).toBe(200)
    expect((await world.read(id)).health).toBe('unverified')
  })
})

describe('an app-only token refused by Microsoft', () => {
  it("is blocked until the tenant's administrator consents to the app", async () => {
    const { world, id, path } = await appOnlyAccountWorld(
      {},
      { authentication: appOnly('adatum.test') },
    )
    const problem = await world.problem('POST', path)
    expect(problem).toMatchObject({ status: 409, code: 'grant_blocked' })
    expect(problem.detail).toContain('AADSTS700016')
    expect(problem.detail).toContain('admin of adatum.test')
    expect(problem.diagnosis?.candidates[0]?.cause).toBe('app-only-not-consented')
    const account = await world.read(id)
    expect(account).toMatchObject({ health: 'blocked', problem: { code: 'grant_blocked' } })
    expect(account.problem?.diagnosis?.candidates[0]?.cause).toBe('app-only-not-consented')

    // Microsoft is asked again after 5 minutes, or when someone validates the account, at most once a minute.
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

  it("is an event of the customer that all the tenant's accounts have, if there is one", async () => {
    const world = await createAppOnlyWorld()
    const save = (tenant: string, customer: string | null) =>
      world.saveAccount({ authentication: appOnly(tenant), customer })
    await save('adatum.test', null)
    const [shared, own] = [await save('adatum.test', 'acme'), await save('nowhere.test', 'acme')]
    for (const { path } of [shared, own]) await world.call('POST', path)
    expect(
      await rows(
        "SELECT subject, customer FROM events WHERE type = 'grant.blocked' ORDER BY rowid",
      ),
    ).toEqual([
      { subject: 'adatum.test', customer: null },
      { subject: 'nowhere.test', customer: 'acme' },
    ])
    // The message to this customer must not contain another customer's account at the same tenant.
    await save('nowhere.test', 'globex')
    await rows('UPDATE events SET pending_delivery = 1')
    const pending = await world.services.store.deliveries.pendingEvents(100)
    const message = pending.find(({ event }) => event.subject === 'nowhere.test')
    expect(message?.mailAccountIds).toEqual([own.id])
  })
})

describe('a key that is restricted to an app-only account', () => {
  it.each([
    ['tenant', { authentication: appOnly('adatum.test') }],
    ['mailbox', { username: 'alice@contoso.test' }],
  ])('cannot change the %s, by saving or by validating', async (_, changes) => {
    const world = await createAppOnlyWorld()
    const { id } = await world.saveAccount()
    const { key } = await createKey(world, { scopes: ['write'], mail_accounts: [id] })
    const call = callerOf(world, key)
    const path = `/v1/mail-accounts/${id}`
    expect((await call('PUT', path, appOnlyForm({ name: 'Renamed' }))).status).toBe(200)
    const changed = appOnlyForm(changes)
    const refused = await problemOf(call('PUT', path, changed))
    expect(refused).toMatchObject({ status: 403, code: 'key_limited' })
    const form = { ...changed, mail_account_id: id }
    expect((await call('POST', '/v1/validations', form)).status).toBe(403)
  })
})
