import { describe, expect, it } from 'vitest'
import { newEvent } from '../../../api/domain/events.ts'
import { UNLIMITED } from '../../../api/model/access.ts'
import type { MailAccountValues, ReleasedGrant } from '../../../api/model/mail-account.ts'
import { createWorld, type World } from '../harness.ts'
import { rows } from '../sql.ts'

const values = (grantId: string | null): MailAccountValues => ({
  name: null,
  owner: { type: 'department', id: 'dep_7' },
  protocol: 'imap',
  host: 'outlook.office365.com',
  port: 993,
  security: 'tls',
  username: 'alice@contoso.test',
  delegate: null,
  from: null,
  authentication: grantId === null ? 'password' : 'oauth',
  grantId,
  tenant: null,
  customer: null,
})

const system = { actor: { type: 'system' as const, id: null } }
const accountEvent = (world: World, type: 'created' | 'updated' | 'deleted', id = 'ma_1') =>
  newEvent(world.services, system, `mail_account.${type}`, { id, customer: null })
const release = (world: World, id: string) => ({
  id,
  event: newEvent(world.services, system, 'grant.deleted', { id, customer: null }),
})

/** Returns true if the account was stored. */
async function create(world: World, id: string, grantId: string | null, password?: string) {
  const account = {
    id,
    unique: false,
    values: values(grantId),
    ...(password !== undefined && { password }),
    fingerprint: 'print',
    event: accountEvent(world, 'created', id),
  }
  const { now } = world.clock
  return (await world.services.store.mailAccounts.create([account], now, now)).ids.has(id)
}

/** Replaces the account that is at this version. Returns null if nothing was stored. */
function replace(
  world: World,
  version: number,
  change: { values: MailAccountValues; password?: string },
  released: ReleasedGrant | null = null,
) {
  const { mailAccounts } = world.services.store
  const event = accountEvent(world, 'updated')
  const full = { ...change, fingerprint: 'print', sameLogin: false, event }
  const { now } = world.clock
  return mailAccounts.replace({ id: 'ma_1', version, customer: null }, full, released, now, now)
}

const eventTypes = async (world: World) =>
  (await world.services.store.events.list({ limit: 100 }, UNLIMITED)).data
    .map(({ type }) => type)
    .sort()

describe('storing a mail account', () => {
  it('does not revive an unsaved grant after its hour has passed', async () => {
    const world = await createWorld()
    const grant = await world.grant('alice@contoso.test', { saved: false })
    world.advance(3600)
    expect(await create(world, 'ma_1', grant)).toBe(false)
    expect((await world.services.store.grants.read(grant, UNLIMITED))?.savedAt).toBeNull()
  })

  it('does not save the new grant on a version conflict', async () => {
    const world = await createWorld()
    const { mailAccounts, grants } = world.services.store
    await create(world, 'ma_1', null, 'secret')
    const grant = await world.grant('alice@contoso.test', { saved: false })
    expect(await replace(world, 7, { values: values(grant) })).toBeNull()
    expect((await grants.read(grant, UNLIMITED))?.savedAt).toBeNull()
    expect((await mailAccounts.read('ma_1', UNLIMITED))?.version).toBe(1)
    expect(await eventTypes(world)).toEqual(['mail_account.created'])
  })

  it('does not switch an account to a grant that does not exist', async () => {
    const world = await createWorld()
    const { mailAccounts } = world.services.store
    await create(world, 'ma_1', null, 'secret')
    expect(await replace(world, 1, { values: values('gr_gone') })).toBeNull()
    expect((await mailAccounts.read('ma_1', UNLIMITED))?.version).toBe(1)
  })

  it('does not delete the old grant on a version conflict', async () => {
    const world = await createWorld()
    const { grants } = world.services.store
    const old = await world.grant('alice@contoso.test')
    await create(world, 'ma_1', old)
    const change = { values: values(null), password: 'x' }
    expect(await replace(world, 7, change, release(world, old))).toBeNull()
    expect(await grants.read(old, UNLIMITED)).not.toBeNull()
  })

  it('does not delete an account that has switched to another grant meanwhile', async () => {
    const world = await createWorld()
    const { mailAccounts } = world.services.store
    await create(world, 'ma_1', await world.grant('alice@contoso.test'))
    expect(
      await mailAccounts.delete(
        'ma_1',
        { version: 1, grantId: null, customer: null },
        accountEvent(world, 'deleted'),
        null,
      ),
    ).toBe(false)
    expect(await mailAccounts.read('ma_1', UNLIMITED)).not.toBeNull()
  })

  it('seals the password for its own row only', async () => {
    const world = await createWorld()
    await create(world, 'ma_1', null, 'correct horse')
    const stored = await world.services.store.mailAccounts.read('ma_1', UNLIMITED)
    expect(await stored?.openPassword()).toBe('correct horse')
    expect(await world.dump()).not.toContain('correct horse')
    await create(world, 'ma_2', null, 'other')
    await rows(
      "UPDATE mail_accounts SET password_sealed = (SELECT password_sealed FROM mail_accounts WHERE id = 'ma_1') WHERE id = 'ma_2'",
    )
    const moved = await world.services.store.mailAccounts.read('ma_2', UNLIMITED)
    await expect(moved?.openPassword()).resolves.toBeNull()
  })
})
