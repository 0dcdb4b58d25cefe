import { describe, expect, it } from 'vitest'
import { worthlessToken } from '../../../../api/domain/validations/control.ts'
import type { ProbeReport, ProbeRequest } from '../../../../schema/probe.ts'
import { ExtraServersSetting } from '../../../../schema/settings.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { cast } from '../../../sandbox/cast.ts'
import { judgeImap } from '../../../sandbox/mail/judge.ts'
import { createMailWorld, imapForm, passes, passwordForm, refuses } from '../../mail-world.ts'
import { DAY, HOUR, run } from '../maintenance/run.ts'

const extraMailServers = ExtraServersSetting.parse('imap:imap.contoso.test:993:tls')

/** A world with a mail server of the operator's own, which accepts every token at first. */
async function controlWorld() {
  const world = await createMailWorld({ settings: { extraMailServers, validateEveryHours: 1 } })
  await world.activate()
  const grantId = await world.grant('alice@contoso.test')
  const isReal = ({ identity, credential }: ProbeRequest) => {
    const { checkToken, exchange, now } = world.entra
    const token = credential.type === 'oauth' ? credential.access_token : ''
    return judgeImap({ people: cast, checkToken, exchange, now }, identity, token) === 'ok'
  }
  return {
    ...world,
    grantId,
    form: imapForm(grantId, { host: 'imap.contoso.test' }),
    checkTokens() {
      world.login.probe = (request) => (isReal(request) ? passes : refuses)(request)
    },
    /** Returns how many logins had a worthless token so far. */
    controls: () => world.probes.filter((request) => !isReal(request)).length,
  }
}

const causeOf = ({ diagnosis }: Validation) => diagnosis?.candidates[0]?.cause
const ACCEPTED = { outcome: 'failed', control: { accepted: true } }
const REFUSED = { outcome: 'passed', control: { accepted: false } }

describe('a validation at a server of EXTRA_OAUTH_MAIL_HOSTS', () => {
  it('does not pass if the server accepts a worthless token', async () => {
    const world = await controlWorld()
    const validation = await world.validate(world.form)
    expect(validation).toMatchObject(ACCEPTED)
    expect(validation.diagnosis?.verdict).toBe('certain')
    expect(causeOf(validation)).toBe('server-accepts-any-token')
    expect(validation.steps.find(({ name }) => name === 'authenticate')).toMatchObject({
      outcome: 'failed',
      detail: expect.stringContaining('worthless token'),
    })
    const stored = await world.call('GET', `/v1/validations/${validation.id}`)
    expect(await stored.json()).toEqual(validation)
  })

  it('does not pass if the server accepts it but opens no mailbox with it', async () => {
    const world = await controlWorld()
    world.login.probe = (request) => (world.probes.length === 1 ? passes(request) : notConnected)
    expect(await world.validate(world.form)).toMatchObject(ACCEPTED)
  })

  it('tries a worthless token at most once in 24 hours, even if requested', async () => {
    const world = await controlWorld()
    world.checkTokens()
    const tried_at = world.clock.now.toISOString()
    expect(await world.validate(world.form)).toMatchObject(REFUSED)
    for (const control of [undefined, true]) {
      world.advance(60)
      const validation = await world.validate({ ...world.form, control })
      expect(validation).toMatchObject({ outcome: 'passed', control: { tried_at } })
    }
    expect(world.controls()).toBe(1)
    world.advance(DAY)
    const next = await world.validate(world.form)
    expect(next.control?.tried_at).toBe(world.clock.now.toISOString())
  })

  it('tries it once when two people validate at the same moment', async () => {
    const world = await controlWorld()
    world.checkTokens()
    await Promise.all([world.validate(world.form), world.validate(world.form)])
    expect(world.controls()).toBe(1)
  })

  it('fails until the server refuses a worthless token, scheduled or not', async () => {
    const world = await controlWorld()
    const { id } = await world.save(world.form)
    expect(await world.validateSaved(id)).toMatchObject(ACCEPTED)
    world.login.probe = () => unavailable
    expect(causeOf(await world.validateSaved(id))).toBe('server-accepts-any-token')
    world.login.probe = passes
    const logins = world.probes.length
    world.advance(2 * HOUR)
    await run(world)
    expect(world.probes).toHaveLength(logins + 1)
    const { last_validation: scheduled } = await world.read(id)
    expect(scheduled?.outcome).toBe('failed')
    world.checkTokens()
    expect(await world.validateSaved(id)).toMatchObject(REFUSED)
  })

  it('keeps the reason of a login that the server refused', async () => {
    const world = await controlWorld()
    await world.validate(world.form)
    world.login.probe = refuses
    const validation = await world.validate(world.form)
    expect(validation.outcome).toBe('failed')
    expect(causeOf(validation)).not.toBe('server-accepts-any-token')
  })

  it('keeps the verdict of a server that does not answer the worthless token', async () => {
    const world = await controlWorld()
    world.login.probe = (request) => (world.probes.length === 1 ? passes(request) : unavailable)
    const validation = await world.validate(world.form)
    expect(validation).toMatchObject({ outcome: 'passed', control: { accepted: null } })
  })

  it('is not tried by the schedule', async () => {
    const world = await controlWorld()
    world.checkTokens()
    await world.save(world.form)
    world.advance(2 * HOUR)
    await run(world)
    expect(world.probes).toHaveLength(1)
  })

  it('can be made without', async () => {
    const world = await controlWorld()
    const { id } = await world.save(world.form)
    const path = `/v1/mail-accounts/${id}/validate`
    const answer = await world.call('POST', path, { control: false })
    expect(await answer.json()).toMatchObject({ outcome: 'passed', control: null })
  })
})

describe('a validation at a server of Microsoft', () => {
  it('tries a worthless token on request only', async () => {
    const world = await controlWorld()
    world.checkTokens()
    const form = imapForm(world.grantId)
    expect(await world.validate(form)).toMatchObject({ outcome: 'passed', control: null })
    expect(await world.validate({ ...form, control: true })).toMatchObject(REFUSED)
    expect(world.controls()).toBe(1)
  })
})

it('refuses a control login with a password, saved or not', async () => {
  const world = await controlWorld()
  const { id } = await world.save(passwordForm())
  const errors = [{ pointer: '/control', message: expect.stringContaining('lock') }]
  const form = await world.problem('POST', '/v1/validations', { ...passwordForm(), control: true })
  expect(form).toMatchObject({ status: 422, errors })
  const path = `/v1/mail-accounts/${id}/validate`
  expect(await world.problem('POST', path, { control: true })).toMatchObject({
    status: 422,
    errors,
  })
  expect(world.probes).toEqual([])
})

it('makes worthless tokens: another signature, or other characters of the same length', () => {
  const random = (n: number) => crypto.getRandomValues(new Uint8Array(n))
  const jwt = 'eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2lnbmF0dXJl'
  const worthless = worthlessToken(jwt, random)
  expect(worthless).toMatch(/^eyJhbGciOiJub25lIn0\.eyJzdWIiOiIxIn0\.[\w-]{12}$/)
  expect(worthless).not.toBe(jwt)
  const opaque = worthlessToken('EwB4A8l6BAAU', random)
  expect(opaque).toMatch(/^[\w-]{12}$/)
  expect(opaque).not.toBe('EwB4A8l6BAAU')
})

const step = (name: 'connect' | 'authenticate' | 'mailbox', outcome: 'passed' | 'failed') => ({
  name,
  outcome,
  duration_ms: 1,
  detail: null,
})

const failure = {
  code: null,
  reply: null,
  smtp_code: null,
  smtp_enhanced: null,
  imap_status: null,
  imap_response_code: null,
  challenge: null,
  certificate_issuer: null,
}

const notConnected: ProbeReport = {
  outcome: 'failed',
  mechanism: 'XOAUTH2',
  steps: [step('authenticate', 'passed'), step('mailbox', 'failed')],
  failure: { ...failure, step: 'mailbox', kind: 'not_connected' },
  duration_ms: 1,
}

const unavailable: ProbeReport = {
  outcome: 'inconclusive',
  mechanism: null,
  steps: [],
  failure: { ...failure, step: 'connect', kind: 'unavailable' },
  duration_ms: 1,
}
