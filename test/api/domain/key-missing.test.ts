/** Every sealed column while its key is missing: status 503, the key's id, and no change. */
import { describe, expect, it } from 'vitest'
import { activeWorld } from '../harness.ts'
import { imapForm, passwordForm } from '../mail-world.ts'
import { sealedWorld, sealWithLostKey } from '../rotation.ts'
import { returnFromMicrosoft, startSignIn } from '../sign-in.ts'
import { rows } from '../sql.ts'
import { DAY } from './operations/maintenance/run.ts'

async function expectMissing(response: Response): Promise<void> {
  expect([response.status, response.headers.get('retry-after')]).toEqual([503, '60'])
  expect(await response.json()).toMatchObject({
    code: 'key_missing',
    detail: expect.stringContaining('"gone"'),
  })
}

describe('a value whose encryption key is missing', () => {
  it('fails the request for an access token, whether it sealed the access token or the refresh token', async () => {
    const { world } = await sealedWorld(0)
    const grant = await world.grant('alice@contoso.test')
    const { id } = await world.save(imapForm(grant))
    const requestToken = () => world.call('POST', `/v1/mail-accounts/${id}/access-token`, {})
    await sealWithLostKey('grant_tokens', 'access_token', `${grant}|outlook`)
    let before = await world.dump()
    await expectMissing(await requestToken())
    expect(await world.dump()).toBe(before)
    await sealWithLostKey('grants', 'refresh_token', grant)
    world.advance(DAY)
    // The root key's first use of the day is recorded, so it must come before the dump.
    await world.read(id)
    before = await world.dump()
    await expectMissing(await requestToken())
    expect(await world.dump()).toBe(before)
    expect(world.entra.counts().token.refresh_token).toBe(0)
  })

  it('fails the verification of the current or the next credential', async () => {
    const { world } = await sealedWorld(0)
    const next = { type: 'client_secret', client_secret: 'another secret' }
    await world.call('PUT', '/v1/integrations/microsoft/settings/next-credential', next)
    await sealWithLostKey('integrations', 'credential', 'microsoft')
    await sealWithLostKey('integrations', 'next_credential', 'microsoft')
    const before = await world.dump()
    for (const credential of ['current', 'next']) {
      const body = { credential, tenant: 'contoso.test' }
      await expectMissing(
        await world.call('POST', '/v1/integrations/microsoft/settings/verify', body),
      )
    }
    expect(await world.dump()).toBe(before)
  })

  it('fails the validation of a mailbox password', async () => {
    const { world } = await sealedWorld(0)
    const { id } = await world.save(passwordForm({ username: 'other@example.org' }))
    await sealWithLostKey('mail_accounts', 'password', id)
    const before = await world.dump()
    await expectMissing(await world.call('POST', `/v1/mail-accounts/${id}/validate`))
    expect(await world.dump()).toBe(before)
  })

  it('fails the callback page, which works again once the key is back', async () => {
    const world = await activeWorld()
    const { id, browser, back } = await startSignIn(world)
    const [stored] = await rows('SELECT verifier_sealed FROM authorizations WHERE id = ?', id)
    await sealWithLostKey('authorizations', 'verifier', id)
    const page = await returnFromMicrosoft(browser, back)
    expect(page.status).toBe(503)
    expect(world.entra.counts().token.authorization_code).toBe(0)
    await rows(
      'UPDATE authorizations SET verifier_sealed = ? WHERE id = ?',
      stored?.verifier_sealed,
      id,
    )
    expect((await returnFromMicrosoft(browser, back)).title).toBe('Signed in')
  })

  it('fails the reading of an admin-consent link', async () => {
    const world = await activeWorld()
    const { id } = await startSignIn(world)
    await sealWithLostKey('authorizations', 'admin_link', id)
    const before = await world.dump()
    const links = world.services.store.adminConsents.readLinksOf(id)
    await expect(links).rejects.toMatchObject({ kid: 'gone' })
    expect(await world.dump()).toBe(before)
  })

  it('fails the rotation of a webhook secret', async () => {
    const world = await activeWorld()
    const body = { url: 'https://hooks.example.com/', events: ['grant.blocked'] }
    const made = await world.call('POST', '/v1/webhooks', body)
    const { id } = await made.json<{ id: string }>()
    await sealWithLostKey('webhooks', 'secret', id)
    await expectMissing(await world.call('POST', `/v1/webhooks/${id}/rotate-secret`))
    expect(await rows('SELECT previous_secret_sealed FROM webhooks')).toEqual([
      { previous_secret_sealed: null },
    ])
  })

  it('fails the repetition of a stored response', async () => {
    const world = await activeWorld()
    const createAccount = () =>
      world.call('POST', '/v1/mail-accounts', passwordForm(), { 'idempotency-key': 'once' })
    expect((await createAccount()).status).toBe(201)
    const [record] = await rows<{ id: string }>('SELECT id FROM idempotency_records')
    await sealWithLostKey('idempotency_records', 'response', record?.id ?? '')
    await expectMissing(await createAccount())
    expect(await rows('SELECT id FROM mail_accounts')).toHaveLength(1)
  })
})
