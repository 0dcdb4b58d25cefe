import { describe, expect, it } from 'vitest'
import { newEvent } from '../../../api/domain/events.ts'
import type { IntegrationSettings } from '../../../schema/integration.ts'
import { app, secrets, tenants } from '../../sandbox/personas.ts'
import { configure } from '../console-sign-in.ts'
import { DAY, run, runAfter } from '../domain/operations/maintenance/run.ts'
import { flakyDatabase } from '../flaky-database.ts'
import { activeWorld, createWorld, type World } from '../harness.ts'
import { deployWith, k1, k2 } from '../rotation.ts'
import { accountWorld, refreshes } from '../saved-account.ts'
import { eventsOf } from '../sql.ts'
import { storedSecret } from '../stored-secret.ts'
import { system } from '../system-call.ts'

const SETTINGS = '/v1/integrations/microsoft/settings'
const NEXT = `${SETTINGS}/next-credential`

const SECRET = { type: 'client_secret', client_secret: secrets.next }

const settingsOf = async (response: Response | Promise<Response>) =>
  (await (await response).json()) as IntegrationSettings

async function createNextCertificate(world: World): Promise<string> {
  const { next_credential: next } = await settingsOf(
    world.call('PUT', NEXT, { type: 'certificate' }),
  )
  if (next?.type !== 'certificate') throw new Error('no certificate was created')
  return next.certificate
}

const verify = async (world: World, credential: 'current' | 'next') =>
  (await (
    await world.call('POST', `${SETTINGS}/verify`, { credential, tenant: 'contoso.test' })
  ).json()) as { outcome: string; detail: string }

describe('the next credential', () => {
  it('becomes the first one if the settings are saved without any', async () => {
    const world = await createWorld()
    const certificate = await createNextCertificate(world)
    const saved = await settingsOf(world.call('PUT', SETTINGS, { client_id: app.clientId }))
    expect(saved).toMatchObject({
      credential: { type: 'certificate', certificate },
      next_credential: null,
    })
    const other = { client_id: crypto.randomUUID() }
    expect((await world.call('PUT', SETTINGS, other)).status).toBe(422)
    expect(await verify(world, 'current')).toMatchObject({ outcome: 'failed' })
  })

  it('is deleted even if maintenance re-encrypts it at the same moment', async () => {
    const { db, faults } = flakyDatabase()
    const world = await activeWorld({ db })
    await createNextCertificate(world)
    faults.beforeBatch = async () => {
      await world.db.prepare("UPDATE integrations SET next_credential_sealed = 'reencrypted'").run()
    }
    expect((await world.call('DELETE', NEXT)).status).toBe(204)
    expect(await settingsOf(world.call('GET', SETTINGS))).toMatchObject({ next_credential: null })
  })

  it('vouches for the settings although the home tenant is resolved while it is promoted', async () => {
    const { db, faults } = flakyDatabase()
    const world = await activeWorld({ db })
    await configure(world, { home_tenant: 'contoso.test' })
    await world.call('PUT', NEXT, SECRET)
    const { integrations } = world.services.store
    const before = await integrations.read()
    faults.beforeBatch = async () => {
      faults.beforeBatch = async () => {}
      await integrations.recordHomeTenant(before.version, tenants.contoso.id)
    }
    const event = newEvent(
      world.services,
      system,
      'integration.credential_promoted',
      'microsoft',
      {},
    )
    expect(await integrations.promoteNextCredential(before, null, event)).toBe(true)
    expect(await (await integrations.read()).isIntact()).toBe(true)
  })

  it('is stored beside the current one, verified and promoted', async () => {
    const world = await activeWorld()
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
    })
    expect(await storedSecret(world, 'current')).toBe(secrets.next)
  })

  it('cannot be promoted once it has expired', async () => {
    const world = await activeWorld()
    await world.call('PUT', NEXT, {
      type: 'client_secret',
      client_secret: secrets.next,
      expires_at: '2026-11-25T00:00:00.000Z',
    })
    world.advance(2 * 86_400)
    const refused = await world.problem('POST', `${SETTINGS}/promote`, {})
    expect(refused).toMatchObject({
      status: 409,
      code: 'next_credential_missing',
      detail: expect.stringContaining('expired on 2026-11-25'),
    })
    expect(await settingsOf(world.call('GET', SETTINGS))).toMatchObject({
      credential: { hint: secrets.current.slice(0, 3) },
    })
  })

  it('can be a generated certificate, whose private key is never shown and refreshes grants', async () => {
    const { world, path: token } = await accountWorld()
    const pem = await createNextCertificate(world)
    expect(await verify(world, 'next')).toMatchObject({ outcome: 'failed' })
    world.entra.control.uploadCertificate(pem)
    expect(await verify(world, 'next')).toMatchObject({ outcome: 'passed' })
    await world.call('POST', `${SETTINGS}/promote`, {})
    const key = (await storedSecret(world, 'current')) ?? ''
    expect(key).toContain('BEGIN PRIVATE KEY')
    // Earlier lines hold the modulus, which is public.
    const innerLine = key.split('\n')[12] ?? 'missing'
    expect(await (await world.call('GET', SETTINGS)).text()).not.toContain(innerLine)
    expect(await world.dump()).not.toContain(innerLine)
    expect(world.lines.join()).not.toContain(innerLine)
    world.advance(2 * 3600)
    expect((await world.call('POST', token, {})).status).toBe(200)
    expect(refreshes(world)).toBe(1)
  })

  it('can be a generated certificate with a lifetime from 7 to 730 days, 180 by default', async () => {
    const world = await activeWorld()
    const lifetimeOf = async (input: object) => {
      const { next_credential: next } = await settingsOf(
        world.call('PUT', NEXT, { type: 'certificate', ...input }),
      )
      if (next?.type !== 'certificate') throw new Error('no certificate was created')
      const left = Date.parse(next.expires_at) - world.clock.now.getTime()
      expect(Math.round(left / 86_400_000)).toBe(next.lifetime_days)
      return next.lifetime_days
    }
    expect(await lifetimeOf({})).toBe(180)
    expect(await lifetimeOf({ lifetime_days: 7 })).toBe(7)
    expect(await lifetimeOf({ lifetime_days: 730 })).toBe(730)
    for (const lifetime_days of [6, 731, 7.5, '30', null]) {
      const refused = await world.problem('PUT', NEXT, { type: 'certificate', lifetime_days })
      expect(refused).toMatchObject({ status: 422, errors: [{ pointer: '/lifetime_days' }] })
    }
  })

  it('shows the commands that add a certificate and keep the others', async () => {
    const world = await activeWorld()
    const pem = await createNextCertificate(world)
    const base64 = pem.replace(/-----[^-]+-----|\s/g, '')
    const { next_credential: next } = await settingsOf(world.call('GET', SETTINGS))
    const { upload } = next as { upload: { azure_cli: string; powershell: string } }
    expect(upload.azure_cli).toContain('az ad app credential reset --append')
    expect(upload.azure_cli).toContain(`--id ${app.clientId}`)
    expect(upload.powershell).toContain('@($app.KeyCredentials | Where-Object { $_ }) + $key')
    for (const command of Object.values(upload)) expect(command).toContain(`'${base64}'`)
  })

  it.each([
    [{ type: 'client_secret', client_secret: secrets.currentId }, '/client_secret'],
    [{ type: 'certificate', private_key: 'a key of others' }, '/private_key'],
  ])('is refused as %j', async (input, pointer) => {
    const world = await activeWorld()
    const problem = await world.problem('PUT', NEXT, input)
    expect(problem).toMatchObject({ status: 422, errors: [{ pointer }] })
  })

  it('cannot be used before it is stored or after it is deleted', async () => {
    const world = await activeWorld()
    expect((await world.call('POST', `${SETTINGS}/promote`, {})).status).toBe(409)
    expect((await world.call('POST', `${SETTINGS}/verify`, { credential: 'next' })).status).toBe(
      409,
    )
    await createNextCertificate(world)
    expect((await world.call('DELETE', NEXT)).status).toBe(204)
    expect((await world.call('DELETE', NEXT)).status).toBe(204)
    expect((await world.call('POST', `${SETTINGS}/promote`, {})).status).toBe(409)
    const removed = (type: string) => type === 'integration.next_credential_removed'
    expect((await eventsOf('microsoft')).filter(removed)).toHaveLength(1)
  })

  it('is deleted when the client id changes, since it would not authenticate another app', async () => {
    const world = await activeWorld()
    await createNextCertificate(world)
    const same = { client_id: app.clientId, home_tenant: 'contoso.test' }
    expect((await settingsOf(world.call('PUT', SETTINGS, same))).next_credential).not.toBeNull()
    const credential = { type: 'client_secret', client_secret: secrets.current }
    const other = { client_id: crypto.randomUUID(), credential }
    expect((await settingsOf(world.call('PUT', SETTINGS, other))).next_credential).toBeNull()
    expect((await world.call('POST', `${SETTINGS}/promote`, {})).status).toBe(409)
  })

  it('does not change the ETag of the settings until it is promoted', async () => {
    const world = await activeWorld()
    const etag = async () => (await world.call('GET', SETTINGS)).headers.get('etag')
    const before = await etag()
    await createNextCertificate(world)
    expect(await etag()).toBe(before)
    await world.call('POST', `${SETTINGS}/promote`, {})
    expect(await etag()).not.toBe(before)
  })
})

describe('a promotion', () => {
  /** A world in which the next secret was promoted, and the ETag before that. */
  async function promotedWorld() {
    const world = await activeWorld()
    await world.call('PUT', NEXT, SECRET)
    const etag = (await world.call('GET', SETTINGS)).headers.get('etag') ?? ''
    expect((await world.call('POST', `${SETTINGS}/promote`)).status).toBe(200)
    return { world, etag }
  }

  it('is undone by another one within 7 days, as often as needed', async () => {
    const { world } = await promotedWorld()
    const { clock, call } = world
    expect(await settingsOf(call('GET', SETTINGS))).toMatchObject({
      credential: { hint: secrets.next.slice(0, 3) },
      next_credential: { type: 'client_secret', hint: secrets.current.slice(0, 3) },
      undo_until: new Date(clock.now.getTime() + 7 * DAY * 1000).toISOString(),
    })
    expect(await world.dump()).not.toContain(secrets.current)
    world.advance(6 * DAY)

    const undone = await settingsOf(call('POST', `${SETTINGS}/promote`))

    expect(undone).toMatchObject({
      credential: { hint: secrets.current.slice(0, 3) },
      next_credential: { hint: secrets.next.slice(0, 3) },
      undo_until: null,
    })
    expect(await storedSecret(world, 'current')).toBe(secrets.current)
    expect(await verify(world, 'current')).toMatchObject({ outcome: 'passed' })
    await call('POST', `${SETTINGS}/promote`)
    expect(await storedSecret(world, 'current')).toBe(secrets.next)
    expect((await eventsOf('microsoft')).filter((type) => /promot/.test(type))).toEqual([
      'integration.credential_promoted',
      'integration.promotion_undone',
      'integration.credential_promoted',
    ])
  })

  it('can no longer be undone after 7 days, when the replaced credential is deleted', async () => {
    const { world } = await promotedWorld()
    await runAfter(world, 7 * DAY - 60)
    expect(await storedSecret(world, 'next')).toBe(secrets.current)
    world.advance(60)
    const late = await world.problem('POST', `${SETTINGS}/promote`)
    expect(late).toMatchObject({ status: 409, code: 'next_credential_missing' })

    expect((await run(world)).replaced_credential).toMatchObject({ count: 1 })

    expect((await run(world)).replaced_credential).toMatchObject({ count: 0 })
    expect(await settingsOf(world.call('GET', SETTINGS))).toMatchObject({
      credential: { hint: secrets.next.slice(0, 3) },
      next_credential: null,
      undo_until: null,
    })
    const row = await world.db.prepare('SELECT next_credential_sealed FROM integrations').first()
    expect(row).toEqual({ next_credential_sealed: null })
    expect((await eventsOf('microsoft')).at(-1)).toBe('integration.next_credential_removed')
  })

  it('can be undone only until the replaced credential expires', async () => {
    const world = await activeWorld()
    const soon = new Date(world.clock.now.getTime() + 2 * DAY * 1000).toISOString()
    await world.call('PUT', SETTINGS, { client_id: app.clientId, secret_expires_at: soon })
    await world.call('PUT', NEXT, SECRET)
    const promoted = await settingsOf(world.call('POST', `${SETTINGS}/promote`))
    expect(promoted.undo_until).toBe(soon)
    await world.call('POST', `${SETTINGS}/promote`)
    world.advance(3 * DAY)
    expect(await settingsOf(world.call('POST', `${SETTINGS}/promote`))).toMatchObject({
      next_credential: null,
      undo_until: null,
    })
  })

  it.each([
    ['another next credential is stored', 'PUT', { type: 'certificate' }],
    ['the replaced one is deleted', 'DELETE', undefined],
  ])('can no longer be undone once %s', async (_, method, body) => {
    const { world } = await promotedWorld()
    expect((await world.call(method, NEXT, body)).status).toBeLessThan(300)
    expect(await settingsOf(world.call('GET', SETTINGS))).toMatchObject({ undo_until: null })
    expect(await storedSecret(world, 'next')).not.toBe(secrets.current)
    world.advance(8 * DAY)
    const before = await settingsOf(world.call('GET', SETTINGS))
    await run(world)
    expect(await settingsOf(world.call('GET', SETTINGS))).toEqual(before)
  })

  it('is not undone by a repetition that sends the ETag from before', async () => {
    const { world, etag } = await promotedWorld()
    const repeated = await world.call('POST', `${SETTINGS}/promote`, undefined, {
      'if-match': etag,
    })
    expect(repeated.status).toBe(412)
    expect(await storedSecret(world, 'current')).toBe(secrets.next)
  })

  it('is not undone by another one that was requested at the same moment', async () => {
    const { db, faults } = flakyDatabase()
    const world = await activeWorld({ db })
    await world.call('PUT', NEXT, SECRET)
    faults.beforeBatch = async () => {
      delete faults.beforeBatch
      expect((await world.call('POST', `${SETTINGS}/promote`)).status).toBe(200)
    }
    expect((await world.call('POST', `${SETTINGS}/promote`)).status).toBe(412)
    expect(await storedSecret(world, 'current')).toBe(secrets.next)
  })

  it('keeps a replaced credential that the rotation of the encryption key re-encrypts', async () => {
    const { world } = await promotedWorld()
    const rotated = deployWith(world, [k2, k1])
    await run(rotated)
    expect(await storedSecret(deployWith(world, [k2]), 'next')).toBe(secrets.current)
  })
})
