import { describe, expect, it } from 'vitest'
import type { IntegrationSettings } from '../../../schema/integration.ts'
import { app, secrets } from '../../sandbox/cast.ts'
import { flakyDatabase } from '../flaky-database.ts'
import { createWorld, type World } from '../harness.ts'
import { savedAccount } from '../saved-account.ts'

const SETTINGS = '/v1/integrations/microsoft/settings'
const NEXT = `${SETTINGS}/next-credential`

const settingsOf = async (response: Response | Promise<Response>) =>
  (await (await response).json()) as IntegrationSettings

async function makeNext(world: World): Promise<string> {
  const { next_credential: next } = await settingsOf(
    world.call('PUT', NEXT, { type: 'certificate' }),
  )
  if (next?.type !== 'certificate') throw new Error('no certificate was made')
  return next.certificate
}

const verify = async (world: World, credential: 'current' | 'next') =>
  (await (
    await world.call('POST', `${SETTINGS}/verify`, { credential, tenant: 'contoso.test' })
  ).json()) as { outcome: string; detail: string }

describe('the next credential', () => {
  it('is removed although maintenance re-encrypts it at that moment', async () => {
    const { db, faults } = flakyDatabase()
    const world = await createWorld({ db })
    await world.activate()
    await makeNext(world)
    faults.beforeBatch = async () => {
      await world.db.prepare("UPDATE integrations SET next_credential_sealed = 'anew'").run()
    }
    expect((await world.call('DELETE', NEXT)).status).toBe(204)
    expect(await settingsOf(world.call('GET', SETTINGS))).toMatchObject({ next_credential: null })
  })

  it('is stored beside the current one, tried, and promoted without a gap', async () => {
    const world = await createWorld()
    await world.activate()
    const put = await world.call('PUT', NEXT, {
      type: 'client_secret',
      client_secret: secrets.next,
      expires_at: '2027-11-24T00:00:00.000Z',
    })
    expect(put.status).toBe(200)
    expect(await settingsOf(put)).toMatchObject({
      credential: { type: 'client_secret', hint: secrets.current.slice(0, 3) },
      next_credential: { hint: secrets.next.slice(0, 3), expires_at: '2027-11-24T00:00:00.000Z' },
    })
    expect(await verify(world, 'next')).toMatchObject({ outcome: 'passed' })
    const promoted = await world.call('POST', `${SETTINGS}/promote`, {})
    expect(await settingsOf(promoted)).toMatchObject({
      credential: { hint: secrets.next.slice(0, 3), expires_at: '2027-11-24T00:00:00.000Z' },
      next_credential: null,
    })
    expect(
      (await world.services.store.integrations.readWithCredential('current')).credential?.secret,
    ).toBe(secrets.next)
  })

  it('is not promoted once it has ended: the one that works stays', async () => {
    const world = await createWorld()
    await world.activate()
    await world.call('PUT', NEXT, {
      type: 'client_secret',
      client_secret: secrets.next,
      expires_at: '2026-11-25T00:00:00.000Z',
    })
    world.advance(2 * 86_400)
    const refused = await world.call('POST', `${SETTINGS}/promote`, {})
    expect(refused.status).toBe(409)
    expect(await refused.json()).toMatchObject({
      code: 'next_credential_missing',
      detail: expect.stringContaining('expired on 2026-11-25'),
    })
    expect(await settingsOf(world.call('GET', SETTINGS))).toMatchObject({
      credential: { hint: secrets.current.slice(0, 3) },
    })
  })

  it('may be a certificate made here, whose key nobody ever sees', async () => {
    const world = await createWorld()
    await world.activate()
    const pem = await makeNext(world)
    expect(await verify(world, 'next')).toMatchObject({ outcome: 'failed' })
    world.entra.control.uploadCertificate(pem)
    expect(await verify(world, 'next')).toMatchObject({ outcome: 'passed' })
    await world.call('POST', `${SETTINGS}/promote`, {})
    const key =
      (await world.services.store.integrations.readWithCredential('current')).credential?.secret ??
      ''
    expect(key).toContain('BEGIN PRIVATE KEY')
    const heart = key.split('\n')[3] ?? ''
    expect(await (await world.call('GET', SETTINGS)).text()).not.toContain(heart)
    expect(await world.dump()).not.toContain(heart)
    expect(world.lines.join()).not.toContain(heart)
  })

  it('loses no grant: the one from before is refreshed with the new one', async () => {
    const world = await createWorld()
    const { path } = await savedAccount(world)
    world.entra.control.uploadCertificate(await makeNext(world))
    await world.call('POST', `${SETTINGS}/promote`, {})
    world.advance(2 * 3600)
    const before = world.entra.counts().token.refresh_token
    const handed = await world.call('POST', path, {})
    expect(handed.status).toBe(200)
    expect(world.entra.counts().token.refresh_token).toBe(before + 1)
  })

  it('is taken with key and certificate of the admin, when they belong together', async () => {
    const world = await createWorld()
    await world.activate()
    const pem = await makeNext(world)
    const key =
      (await world.services.store.integrations.readWithCredential('next')).credential?.secret ?? ''
    await makeNext(world)
    const exported = `Bag Attributes\n    localKeyID: 01\n${key}`
    const given = { type: 'certificate', private_key: exported, certificate: pem }
    expect(await settingsOf(world.call('PUT', NEXT, given))).toMatchObject({
      next_credential: { type: 'certificate', certificate: pem },
    })
    const other =
      (await world.services.store.integrations.readWithCredential('next')).credential?.secret ?? ''
    expect(other).toBe(key)
    const refused = [
      [{ type: 'certificate', private_key: key }, ''],
      [{ ...given, certificate: 'no certificate' }, '/certificate'],
      [{ ...given, certificate: await makeNext(world) }, '/private_key'],
      [{ type: 'client_secret', client_secret: secrets.currentId }, '/client_secret'],
    ] as const
    for (const [body, pointer] of refused) {
      const response = await world.call('PUT', NEXT, body)
      expect(response.status).toBe(422)
      expect(await response.json()).toMatchObject({ errors: [{ pointer }] })
    }
  })

  it('is missing where none was stored, and goes when it is deleted', async () => {
    const world = await createWorld()
    await world.activate()
    expect((await world.call('POST', `${SETTINGS}/promote`, {})).status).toBe(409)
    expect((await world.call('POST', `${SETTINGS}/verify`, { credential: 'next' })).status).toBe(
      409,
    )
    await makeNext(world)
    expect((await world.call('DELETE', NEXT)).status).toBe(204)
    expect((await world.call('DELETE', NEXT)).status).toBe(204)
    expect((await world.call('POST', `${SETTINGS}/promote`, {})).status).toBe(409)
    const events = (await (await world.call('GET', '/v1/events')).json()) as {
      data: { type: string }[]
    }
    const types = events.data.map(({ type }) => type)
    expect(types.filter((type) => type === 'integration.next_credential_removed')).toHaveLength(1)
    expect(types.filter((type) => type === 'integration.next_credential_set')).toHaveLength(1)
  })

  it('goes with the client that it was stored for: promoted, it would prove nothing', async () => {
    const world = await createWorld()
    await world.activate()
    await makeNext(world)
    const same = { client_id: app.clientId, home_tenant: 'contoso.test' }
    expect((await settingsOf(world.call('PUT', SETTINGS, same))).next_credential).not.toBeNull()
    const credential = { type: 'client_secret', client_secret: secrets.current }
    const other = { client_id: crypto.randomUUID(), credential }
    expect((await settingsOf(world.call('PUT', SETTINGS, other))).next_credential).toBeNull()
    expect((await world.call('POST', `${SETTINGS}/promote`, {})).status).toBe(409)
  })

  it('leaves the ETag of the settings alone until it is promoted', async () => {
    const world = await createWorld()
    await world.activate()
    const etag = async () => (await world.call('GET', SETTINGS)).headers.get('etag')
    const before = await etag()
    await makeNext(world)
    expect(await etag()).toBe(before)
    await world.call('POST', `${SETTINGS}/promote`, {})
    expect(await etag()).not.toBe(before)
  })

  it('takes away the refusal of the one before', async () => {
    const world = await createWorld()
    await world.activate()
    await world.call('PUT', SETTINGS, {
      client_id: app.clientId,
      credential: { type: 'client_secret', client_secret: secrets.expired },
      home_tenant: 'contoso.test',
    })
    await verify(world, 'current')
    const problems = async () =>
      (
        (await (await world.call('GET', '/v1/integrations/microsoft')).json()) as {
          problems: { code: string }[]
        }
      ).problems.map(({ code }) => code)
    expect(await problems()).toContain('credential_rejected')
    await world.call('PUT', NEXT, { type: 'client_secret', client_secret: secrets.next })
    await world.call('POST', `${SETTINGS}/promote`, {})
    expect(await problems()).toEqual([])
  })
})
