import { describe, expect, it } from 'vitest'
import { makeCertificate } from '../../../../api/entra/certificate.ts'
import type { Credential } from '../../../../schema/credential.ts'
import type { Integration, IntegrationSettings } from '../../../../schema/integration.ts'
import { app, secrets } from '../../../sandbox/cast.ts'
import { flakyDatabase } from '../../flaky-database.ts'
import type { World, WorldOptions } from '../../harness.ts'
import { createWorld } from '../../harness.ts'
import { savedAccount } from '../../saved-account.ts'
import { storedSecret } from '../../stored-secret.ts'
import { DAY, eventsOf, HOUR, run } from './run.ts'

const SETTINGS = '/v1/integrations/microsoft/settings'
const NEXT = `${SETTINGS}/next-credential`
const MINUTE = 60
const LIFETIME = 30

type Certificate = Extract<Credential, { type: 'certificate' }>

const settingsOf = async (world: World) =>
  (await (await world.call('GET', SETTINGS)).json()) as IntegrationSettings

async function putSettings(world: World, changes: object = {}): Promise<IntegrationSettings> {
  const response = await world.call('PUT', SETTINGS, {
    client_id: app.clientId,
    home_tenant: 'contoso.test',
    replace_certificate: true,
    ...changes,
  })
  expect(response.status).toBe(200)
  return (await response.json()) as IntegrationSettings
}

const nextOf = async (world: World) => (await settingsOf(world)).next_credential as Certificate
const currentOf = async (world: World) => (await settingsOf(world)).credential as Certificate

async function problemsOf(world: World): Promise<Integration['problems']> {
  const response = await world.call('GET', '/v1/integrations/microsoft')
  return ((await response.json()) as Integration).problems
}
const codesOf = async (world: World) => (await problemsOf(world)).map(({ code }) => code)

/** A deployment with a saved account, whose app uses an uploaded certificate for 30 days. */
async function certificateWorld(changes: object = {}, options: WorldOptions = {}) {
  const world = await createWorld(options)
  const { path } = await savedAccount(world)
  const credential = { type: 'certificate', lifetime_days: LIFETIME }
  const stored = await putSettings(world, { credential, ...changes })
  world.entra.control.uploadCertificate((stored.credential as Certificate).certificate)
  world.entra.control.resetCounts()
  /** Refreshes the expired token of the account with the current credential. */
  const expectTokens = async () => {
    world.advance(2 * HOUR)
    expect((await world.call('POST', path, {})).status).toBe(200)
  }
  const asked = () => world.entra.counts().token.client_credentials
  return { world, expectTokens, asked }
}

/** The same, in the last third of its lifetime, with the next certificate made. */
async function waitingWorld(changes: object = {}, options: WorldOptions = {}) {
  const all = await certificateWorld(changes, options)
  all.world.advance(21 * DAY)
  await run(all.world)
  return { ...all, next: await nextOf(all.world) }
}

/** Runs the maintenance every so often for a time, in seconds. */
async function runFor(world: World, seconds: number, every: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += every) {
    world.advance(every)
    await run(world)
  }
}

const about = async () =>
  (await eventsOf('microsoft')).filter(
    (type) =>
      type.includes('certificate') || type.includes('next_credential') || type.includes('promoted'),
  )
const WAITING = 'integration.certificate_replacement_waiting'
const REPLACED = 'integration.certificate_replaced'

describe('the next certificate', () => {
  it('is made and announced once, in the last third of the lifetime, with the same lifetime', async () => {
    const { world } = await certificateWorld()
    await runFor(world, 19 * DAY, DAY)
    expect(await nextOf(world)).toBeNull()
    expect(await about()).toEqual([])
    world.advance(DAY)
    await Promise.all([run(world), run(world)])
    const next = await nextOf(world)
    expect(next).toMatchObject({ type: 'certificate', generated: true, lifetime_days: LIFETIME })
    const left = Date.parse(next.expires_at) - world.clock.now.getTime()
    expect(Math.round(left / 1000 / DAY)).toBe(LIFETIME)
    await runFor(world, HOUR, 10 * MINUTE)
    expect(await about()).toEqual([WAITING])
    expect(await nextOf(world)).toEqual(next)
    expect(await problemsOf(world)).toContainEqual({
      code: 'certificate_replacement_waiting',
      detail: expect.stringContaining('Upload it to the app registration'),
    })
  })

  it('is used once Entra has accepted it twice, and every token is refreshed before and after', async () => {
    const { world, next, expectTokens } = await waitingWorld()
    await expectTokens()
    await run(world)
    expect((await settingsOf(world)).certificate_replacement).toMatchObject({ outcome: 'failed' })
    world.entra.control.uploadCertificate(next.certificate)
    await runFor(world, 15 * MINUTE, 5 * MINUTE)
    expect((await settingsOf(world)).certificate_replacement).toMatchObject({ outcome: 'passed' })
    expect((await currentOf(world)).thumbprint_sha256).not.toBe(next.thumbprint_sha256)
    await runFor(world, 5 * MINUTE, MINUTE)
    expect(await settingsOf(world)).toMatchObject({
      credential: { thumbprint_sha256: next.thumbprint_sha256, generated: true },
      next_credential: null,
      certificate_replacement: null,
      replace_certificate: true,
    })
    expect(await about()).toEqual([WAITING, REPLACED])
    expect(await codesOf(world)).toEqual([])
    await expectTokens()
    const key = await storedSecret(world, 'current')
    // Earlier lines hold the modulus, which is public.
    const keyLine = key?.split('\n')[12] ?? 'missing'
    const shown = [await world.dump(), JSON.stringify(await settingsOf(world)), world.lines.join()]
    expect(shown.join()).not.toContain(keyLine)
  })

  it('is replaced in turn, as long as each is uploaded', async () => {
    const { world, expectTokens } = await certificateWorld()
    for (let day = 0; day < 60; day += 2) {
      await run(world)
      const next = await nextOf(world)
      if (next) {
        world.entra.control.uploadCertificate(next.certificate)
        await runFor(world, 2 * HOUR, HOUR)
        await expectTokens()
      }
      world.advance(2 * DAY)
    }
    expect(await about()).toEqual([WAITING, REPLACED, WAITING, REPLACED])
    expect(await eventsOf('microsoft')).not.toContain('integration.secret_expiring')
  })

  it('is not announced by the expiry of the current one until that is near', async () => {
    const { world } = await waitingWorld({
      credential: { type: 'certificate', lifetime_days: 180 },
    })
    world.advance(100 * DAY)
    await run(world)
    expect(await codesOf(world)).toEqual(['certificate_replacement_waiting'])
    world.advance(30 * DAY)
    expect(await problemsOf(world)).toMatchObject([
      { code: 'secret_expiring', detail: expect.stringContaining('Upload the next one') },
      { code: 'certificate_replacement_waiting' },
    ])
  })

  it.each([
    ['the operator does not allow it', { replace_certificate: false }],
    [
      'the current credential is a client secret',
      {
        credential: {
          type: 'client_secret',
          client_secret: secrets.current,
          expires_at: '2026-12-20T00:00:00.000Z',
        },
      },
    ],
  ])('is not made if %s', async (_, changes) => {
    const { world } = await certificateWorld()
    await putSettings(world, changes)
    await runFor(world, 60 * DAY, 10 * DAY)
    expect(await nextOf(world)).toBeNull()
  })

  it("is not made for an operator's own certificate", async () => {
    const { world } = await certificateWorld()
    const from = world.clock.now
    const { privateKey, certificate } = await makeCertificate({
      commonName: 'own.test',
      from,
      until: new Date(from.getTime() + LIFETIME * DAY * 1000),
      serial: crypto.getRandomValues(new Uint8Array(16)),
    })
    const credential = {
      type: 'certificate',
      private_key: privateKey,
      certificate: certificate.pem,
    }
    const stored = await putSettings(world, { credential })
    expect(stored.credential).toMatchObject({ generated: false, lifetime_days: LIFETIME })
    await runFor(world, LIFETIME * DAY, 5 * DAY)
    expect(await nextOf(world)).toBeNull()
  })
})

describe('Entra is asked about the next certificate', () => {
  it('every quarter of an hour on the first day, then every hour', async () => {
    const { world, asked } = await waitingWorld()
    world.entra.control.resetCounts()
    await runFor(world, 2 * HOUR, 5 * MINUTE)
    expect(asked()).toBe(8)
    world.advance(DAY)
    world.entra.control.resetCounts()
    await runFor(world, 3 * HOUR, 10 * MINUTE)
    expect(asked()).toBe(3)
  })

  it('once by two runs at the same time', async () => {
    const { world, asked } = await waitingWorld()
    world.advance(HOUR)
    await Promise.all([run(world), run(world)])
    expect(asked()).toBe(1)
  })

  it.each(['outage', 'rate_limit'] as const)(
    'less often during an %s, which changes nothing',
    async (kind) => {
      const { world, next, asked, expectTokens } = await waitingWorld()
      world.entra.control.uploadCertificate(next.certificate)
      world.entra.control.faultNext({ kind, times: 1000, grant_type: 'client_credentials' })
      await runFor(world, HOUR, 10 * MINUTE)
      expect((await settingsOf(world)).certificate_replacement).toMatchObject({
        outcome: 'inconclusive',
      })
      world.entra.control.resetCounts()
      await runFor(world, 2 * HOUR, 10 * MINUTE)
      expect(asked()).toBeLessThanOrEqual(2)
      await expectTokens()
      expect(await nextOf(world)).toEqual(next)
      world.entra.control.clearFaults()
      await runFor(world, 2 * HOUR, 5 * MINUTE)
      expect((await currentOf(world)).thumbprint_sha256).toBe(next.thumbprint_sha256)
    },
  )

  it('never where its home tenant is not known, and the problem says what to do', async () => {
    const { world, next, asked } = await waitingWorld({ home_tenant: null })
    world.entra.control.uploadCertificate(next.certificate)
    await runFor(world, 9 * DAY, 6 * HOUR)
    expect(asked()).toBe(0)
    expect(await nextOf(world)).toEqual(next)
    expect(await settingsOf(world)).toMatchObject({
      certificate_replacement: {
        outcome: 'inconclusive',
        detail: expect.stringContaining('Enter the home tenant'),
      },
    })
    expect(await problemsOf(world)).toContainEqual({
      code: 'certificate_replacement_waiting',
      detail: expect.stringContaining('Then promote it, or enter the home tenant'),
    })
    await putSettings(world)
    await runFor(world, 2 * HOUR, 5 * MINUTE)
    expect((await currentOf(world)).thumbprint_sha256).toBe(next.thumbprint_sha256)
  })
})

describe('an operator', () => {
  it('keeps a next credential that was stored by hand', async () => {
    const { world, asked } = await certificateWorld()
    const byHand = { type: 'client_secret', client_secret: secrets.next }
    expect((await world.call('PUT', NEXT, byHand)).status).toBe(200)
    world.advance(29 * DAY)
    await runFor(world, 2 * HOUR, 10 * MINUTE)
    expect(asked()).toBe(0)
    expect(await settingsOf(world)).toMatchObject({
      credential: { type: 'certificate' },
      next_credential: { type: 'client_secret' },
      certificate_replacement: null,
    })
  })

  it('can store another next credential instead of the one that Mailgrant made', async () => {
    const { world, next } = await waitingWorld()
    world.entra.control.uploadCertificate(next.certificate)
    await world.call('PUT', NEXT, { type: 'client_secret', client_secret: secrets.next })
    await runFor(world, 2 * HOUR, 5 * MINUTE)
    expect(await settingsOf(world)).toMatchObject({
      credential: { type: 'certificate' },
      next_credential: { type: 'client_secret' },
    })
    expect(await codesOf(world)).not.toContain('certificate_replacement_waiting')
  })

  it('can promote the certificate that waits', async () => {
    const { world, next, expectTokens } = await waitingWorld()
    world.entra.control.uploadCertificate(next.certificate)
    expect((await world.call('POST', `${SETTINGS}/promote`)).status).toBe(200)
    await run(world)
    expect((await currentOf(world)).thumbprint_sha256).toBe(next.thumbprint_sha256)
    expect(await about()).toEqual([WAITING, 'integration.credential_promoted'])
    await expectTokens()
  })

  it('who deletes the certificate that waits gets another one', async () => {
    const { world, next } = await waitingWorld()
    await world.call('DELETE', NEXT)
    await run(world)
    const other = await nextOf(world)
    expect(other.thumbprint_sha256).not.toBe(next.thumbprint_sha256)
    expect(await about()).toEqual([WAITING, 'integration.next_credential_removed', WAITING])
  })

  it('who forbids the replacement keeps the certificate as an ordinary next credential', async () => {
    const { world, next, asked } = await waitingWorld()
    await putSettings(world, { replace_certificate: false })
    world.entra.control.uploadCertificate(next.certificate)
    world.entra.control.resetCounts()
    await runFor(world, 2 * HOUR, 10 * MINUTE)
    expect(asked()).toBe(0)
    expect(await nextOf(world)).toEqual(next)
    expect(await codesOf(world)).not.toContain('certificate_replacement_waiting')
  })

  it('who replaces the current certificate no longer needs the one that waits', async () => {
    const { world } = await waitingWorld()
    await putSettings(world, { credential: { type: 'certificate' } })
    await run(world)
    expect(await nextOf(world)).toBeNull()
    expect(await about()).toEqual([WAITING, 'integration.next_credential_removed'])
    expect(await codesOf(world)).not.toContain('certificate_replacement_waiting')
  })

  it.each([
    [
      'another next credential is stored',
      (world: World) =>
        world.call('PUT', NEXT, { type: 'client_secret', client_secret: secrets.next }),
    ],
    ['the next credential is deleted', (world: World) => world.call('DELETE', NEXT)],
    [
      'the replacement is forbidden',
      (world: World) => putSettings(world, { replace_certificate: false }),
    ],
  ])('is not overruled if %s while Entra is asked', async (_, interfere) => {
    const { world, next } = await waitingWorld()
    const current = await currentOf(world)
    world.entra.control.uploadCertificate(next.certificate)
    await runFor(world, 15 * MINUTE, 15 * MINUTE)
    const { entra } = world.services
    world.services.entra = {
      ...entra,
      clientCredentials: async (input) => {
        const answer = await entra.clientCredentials(input)
        await interfere(world)
        return answer
      },
    }
    await runFor(world, 5 * MINUTE, 5 * MINUTE)
    expect(await currentOf(world)).toEqual(current)
    expect(await about()).not.toContain(REPLACED)
  })
})

describe('a run that is cut short', () => {
  it('after it has made the certificate does not make a second one', async () => {
    const { db, faults } = flakyDatabase()
    const { world } = await certificateWorld({}, { db })
    world.advance(21 * DAY)
    const { integrations } = world.services.store
    const add = integrations.addReplacement
    integrations.addReplacement = (...input) => {
      faults.loseResponses = 1
      return add(...input)
    }
    await runFor(world, 3 * MINUTE, MINUTE)
    expect(await about()).toEqual([WAITING])
  })

  it('while Entra is asked goes on with the next attempt', async () => {
    const { world, next } = await waitingWorld()
    world.entra.control.uploadCertificate(next.certificate)
    const { entra } = world.services
    world.services.entra = {
      ...entra,
      clientCredentials: () => Promise.reject(new Error('the process ends here')),
    }
    await runFor(world, 15 * MINUTE, 15 * MINUTE)
    expect(await nextOf(world)).toEqual(next)
    world.services.entra = entra
    await runFor(world, HOUR, 5 * MINUTE)
    expect((await currentOf(world)).thumbprint_sha256).toBe(next.thumbprint_sha256)
  })

  it('after it has promoted the certificate changes nothing more', async () => {
    const { db, faults } = flakyDatabase()
    const { world, next, expectTokens } = await waitingWorld({}, { db })
    world.entra.control.uploadCertificate(next.certificate)
    await runFor(world, 15 * MINUTE, 15 * MINUTE)
    const { integrations } = world.services.store
    const promote = integrations.promoteNextCredential
    integrations.promoteNextCredential = (...input) => {
      faults.loseResponses = 1
      return promote(...input)
    }
    await runFor(world, HOUR, 5 * MINUTE)
    expect((await currentOf(world)).thumbprint_sha256).toBe(next.thumbprint_sha256)
    expect(await about()).toEqual([WAITING, REPLACED])
    await expectTokens()
  })
})
