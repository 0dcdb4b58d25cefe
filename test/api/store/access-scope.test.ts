import { describe, expect, it } from 'vitest'
import { newEvent } from '../../../api/domain/events.ts'
import type { AccessScope } from '../../../api/model/access.ts'
import { callerOf, createKey } from '../keys.ts'
import { activeMailWorld, imapForm, type MailWorld } from '../mail-world.ts'
import { browserOf, signIn } from '../sign-in.ts'

async function sharedGrant() {
  const world = await activeMailWorld()
  const grant = await world.grant('alice@contoso.test')
  const mine = await world.save(imapForm(grant))
  const outside = await world.save(imapForm(grant))
  const scope: AccessScope = {
    kind: 'mail_accounts',
    keyId: 'key_1',
    mailAccountIds: [mine.id],
    appOnly: false,
  }
  return { world, grant, mine, outside, scope }
}

const remove = (world: MailWorld, grant: string, scope: AccessScope) => {
  const system = { actor: { type: 'system' as const, id: null } }
  const event = newEvent(world.services, system, 'grant.deleted', { id: grant, customer: null })
  return world.services.store.grants.delete(grant, true, event, scope)
}

describe('an access scope in the database', () => {
  it('does not delete a grant, unlink its accounts or log an event while an account outside uses the grant', async () => {
    const { world, grant, mine, outside, scope } = await sharedGrant()
    expect(await remove(world, grant, scope)).toBe(false)
    for (const { id } of [mine, outside]) expect((await world.read(id)).grant?.id).toBe(grant)
    expect(await world.events()).not.toContain('grant.deleted')
    await world.call('DELETE', `/v1/mail-accounts/${outside.id}`)
    expect(await remove(world, grant, scope)).toBe(true)
    expect((await world.read(mine.id)).grant).toBeNull()
    expect(await world.events()).toContain('grant.deleted')
  })

  it('does not treat a reconnected grant as one that the key created', async () => {
    const { world, grant, mine } = await sharedGrant()
    const key = await createKey(world, { scopes: ['write'], mail_accounts: [mine.id] })
    const call = callerOf(world, key.key)
    const body = { provider: 'microsoft', mail_account_id: mine.id, apply: 'at_once' }
    const created = await call('POST', '/v1/authorizations', body)
    const { url } = await created.json<{ url: string }>()
    await signIn(world, browserOf(world), url)
    expect((await call('GET', `/v1/grants/${grant}`)).status).toBe(200)
    await world.replace(mine.id, imapForm(await world.grant('alice@contoso.test')))
    expect((await call('GET', `/v1/grants/${grant}`)).status).toBe(404)
    expect(await world.grantStatus(grant)).toBe('active')
  })

  it('without accounts shows nothing', async () => {
    const { world } = await sharedGrant()
    const scope: AccessScope = {
      kind: 'mail_accounts',
      keyId: 'key_1',
      mailAccountIds: [],
      appOnly: false,
    }
    const { mailAccounts, grants } = world.services.store
    expect((await mailAccounts.list({ sort: '-created_at', limit: 10 }, scope)).data).toEqual([])
    expect((await grants.list({ limit: 10 }, world.clock.now, scope)).data).toEqual([])
  })

  it('may contain more accounts than D1 allows parameters', async () => {
    const { world, mine } = await sharedGrant()
    const others = Array.from({ length: 500 }, (_, index) => `ma_${index}`)
    const scope: AccessScope = {
      kind: 'mail_accounts',
      keyId: 'key_1',
      mailAccountIds: [...others, mine.id],
      appOnly: false,
    }
    const { mailAccounts, grants } = world.services.store
    const page = await mailAccounts.list({ sort: '-created_at', limit: 10 }, scope)
    expect(page.data.map(({ id }) => id)).toEqual([mine.id])
    expect((await grants.list({ limit: 10 }, world.clock.now, scope)).data).toHaveLength(1)
  })
})
