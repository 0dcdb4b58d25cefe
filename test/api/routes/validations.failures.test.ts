import { CompactEncrypt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { createCheckerClient } from '../../../api/checker-client.ts'
import { validateForm } from '../../../api/domain/checks/validations.ts'
import { ValidationInput } from '../../../schema/validation.ts'
import { rejectCredential } from '../app-problem.ts'
import { settings } from '../harness.ts'
import {
  activeMailWorld,
  createMailWorld,
  imapAccountWorld,
  imapForm,
  passes,
  passwordForm,
} from '../mail-world.ts'
import { system } from '../system-call.ts'

const detailOf = (validation: { steps: { detail: string | null }[] }) =>
  validation.steps.find((step) => step.detail !== null)?.detail

const checkerResponds = (body: string, init: ResponseInit = {}) => ({
  externalFetch: async () => new Response(body, init),
})

describe('a validation without a working checker', () => {
  const isDown = { externalFetch: () => Promise.reject(new TypeError('refused')) }
  const elsewhere = { status: 302, headers: { location: 'http://x.test/' } }
  const busy = { status: 503, headers: { 'retry-after': '7' } }

  it.each([
    ['is down', isDown, 'cannot be reached'],
    ['fails', checkerResponds('x', { status: 502 }), 'HTTP status 502'],
    ['has another key', checkerResponds('', { status: 401 }), 'CHECKER_KEY'],
    ['is another service', checkerResponds('', { status: 404 }), 'CHECKER_URL'],
    ['redirects', checkerResponds('', elsewhere), 'CHECKER_URL'],
    ['answers with plain text', checkerResponds('hello'), 'CHECKER_KEY'],
    ['answers with HTML', checkerResponds('<html>'), 'CHECKER_KEY'],
    ['answers with too much data', checkerResponds('x'.repeat(200_000)), 'CHECKER_KEY'],
    ['is busy', checkerResponds('', busy), 'busy with other logins. Try again in 7 s'],
  ])('is inconclusive and explains why when the checker %s', async (_what, options, words) => {
    const world = await createMailWorld(options)
    const { id } = await world.save(passwordForm())
    for (const validation of [
      await world.validate(passwordForm()),
      await world.validateSaved(id),
    ]) {
      expect(validation).toMatchObject({ outcome: 'inconclusive', mechanism: null })
      expect(validation.steps).toHaveLength(6)
      expect(detailOf(validation)).toContain(words)
      expect(detailOf(validation)).toContain('says nothing about the mailbox')
    }
    expect(await world.read(id)).toMatchObject({
      health: 'unverified',
      last_validation: { outcome: 'inconclusive' },
    })
    expect(await world.events()).toContain('validation.inconclusive')
  })

  it('rejects a report under another key, and the report of another login', async () => {
    const report = passes({
      ...{ protocol: 'imap', host: 'h', port: 993, security: 'tls', identity: 'i' },
      credential: { type: 'password', password: 'p' },
    })
    const forge = async (key: Uint8Array<ArrayBuffer>) =>
      new CompactEncrypt(new TextEncoder().encode(JSON.stringify(report)))
        .setProtectedHeader({
          ...{ alg: 'dir', enc: 'A256GCM', kid: 'c1' },
          typ: 'report+jwe',
          jti: crypto.randomUUID(),
        })
        .encrypt(key)
    for (const key of [new Uint8Array(32).fill(9), settings.checkerKeys[0].key]) {
      const world = await createMailWorld({
        externalFetch: async () => new Response(await forge(key)),
      })
      expect(await world.validate(passwordForm())).toMatchObject({ outcome: 'inconclusive' })
    }
  })

  it('names its API key to the checker, which divides its places among the keys', async () => {
    const callers: unknown[] = []
    const world = await createMailWorld({
      externalFetch: async (_input, init) => {
        callers.push(decodeProtectedHeader(String(init?.body)).sub)
        return new Response('', { status: 503 })
      },
    })
    await world.validate(passwordForm())
    expect(callers).toEqual(['root'])
  })

  it('is inconclusive when the checker does not respond in time', async () => {
    const world = await createMailWorld()
    const silent: typeof fetch = (_input, init) =>
      new Promise((_resolve, reject) =>
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason)),
      )
    const checker = createCheckerClient({
      fetch: silent,
      url: settings.checkerUrl,
      ring: settings.checkerKeys,
      now: () => world.clock.now,
      random: world.services.random,
      timeoutMs: 20,
    })
    const services = { ...world.services, checker }
    const form = ValidationInput.parse(passwordForm())
    const result = await validateForm(services, system, form)
    expect(result).toMatchObject({ ok: true, value: { outcome: 'inconclusive' } })
    expect(result.ok && detailOf(result.value)).toContain('did not respond in time')
  })
})

describe('a slow validation', () => {
  it('ends as inconclusive at its deadline, whether the checker or the token is slow', async () => {
    const never = new Promise<never>(() => {})
    const world = await activeMailWorld({ externalFetch: () => never })
    const grant = await world.grant('alice@contoso.test')
    const form = ValidationInput.parse(imapForm(grant))
    const slowChecker = await validateForm(world.services, system, form, 20)
    expect(slowChecker.ok && detailOf(slowChecker.value)).toContain('checker')

    world.advance(7200)
    const entra = { ...world.services.entra, refresh: () => never }
    const slowToken = await validateForm({ ...world.services, entra }, system, form, 20)
    expect(slowToken.ok && slowToken.value.outcome).toBe('inconclusive')
    expect(slowToken.ok && detailOf(slowToken.value)).toContain(
      'Microsoft did not issue an access token',
    )
  })
})

describe('a validation without a token', () => {
  it.each([
    ['erin@contoso.test', 'mfa-or-interaction-required'],
    ['frank@contoso.test', 'refresh-token-expired'],
  ])('fails at the login when %s must sign in again at Microsoft: %s', async (person, cause) => {
    const world = await activeMailWorld()
    const grant = await world.grant(person)
    world.advance(7200)
    const { outcome, steps, diagnosis } = await world.validate(
      imapForm(grant, { username: person }),
    )
    expect(outcome).toBe('failed')
    const step = steps.find((one) => one.outcome === 'failed')
    expect(step).toMatchObject({ name: 'authenticate' })
    expect(step?.detail).toContain('There is no access token to log in with.')
    expect(diagnosis?.candidates[0]?.cause).toBe(cause)
    expect(world.probes).toEqual([])
  })

  it('fails while Microsoft rejects the credential of the app', async () => {
    const { world, id } = await imapAccountWorld()
    world.advance(7200)
    await rejectCredential(world.db, world.clock.now.getTime())
    expect(await world.validateSaved(id)).toMatchObject({ outcome: 'failed' })
  })

  it('fails for an account whose grant was deleted', async () => {
    const { world, grant, id } = await imapAccountWorld()
    await world.call('DELETE', `/v1/grants/${grant}?detach=true`)
    const validation = await world.validateSaved(id)
    expect(validation).toMatchObject({ outcome: 'failed', identity: 'alice@contoso.test' })
    const [first] = validation.diagnosis?.candidates ?? []
    expect(first?.fixes[0]?.text).toContain('Sign in again')
    expect((await world.read(id)).last_validation?.id).toBe(validation.id)
  })
})
