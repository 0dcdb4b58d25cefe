import { describe, expect, it } from 'vitest'
import type { ProbeFailure, ProbeReport } from '../../../../schema/probe.ts'
import type { Validation } from '../../../../schema/validation.ts'
import { probeFailure } from '../../../probe-failure.ts'
import {
  activeMailWorld,
  createMailWorld,
  imapForm,
  type MailWorld,
  passes,
  passwordForm,
  smtpForm,
} from '../../mail-world.ts'
import { rows } from '../../sql.ts'

const ALICE = 'alice@contoso.test'
const BOB = 'bob@contoso.test'
const SHARED = 'support@contoso.test'

const fails =
  (failure: Partial<ProbeFailure>, outcome: 'failed' | 'inconclusive' = 'failed') =>
  (): ProbeReport => ({
    outcome,
    mechanism: 'XOAUTH2',
    steps: [{ name: 'authenticate', outcome, duration_ms: 5, detail: 'refused' }],
    failure: probeFailure(failure),
    duration_ms: 8,
  })

const smtp = (text: string, enhanced: string) =>
  fails({ reply: `535 ${enhanced} ${text}`, smtp_code: 535, smtp_enhanced: enhanced })
const smtpRefused = smtp('Authentication unsuccessful', '5.7.3')
const notConnected = fails({
  step: 'mailbox',
  kind: 'not_connected',
  reply: 'BAD User is authenticated but not connected.',
  imap_status: 'BAD',
})
const imapRefused = fails({ reply: 'NO AUTHENTICATE failed.', imap_status: 'NO' })

const causes = ({ diagnosis }: Validation) => diagnosis?.candidates.map(({ cause }) => cause) ?? []

/** Validates an account with a grant of Alice against this server. */
async function validated(
  probe: MailWorld['login']['probe'],
  changes: object = {},
  form: typeof imapForm = imapForm,
) {
  const world = await activeMailWorld()
  world.login.probe = probe
  const validation = await world.validate(form(await world.grant(ALICE), changes))
  return { world, validation, diagnosis: validation.diagnosis }
}

describe('the diagnosis of a validation', () => {
  it('is null after a success and stored with the result after a failure', async () => {
    const world = await activeMailWorld()
    const grant = await world.grant(ALICE)
    expect((await world.validate(imapForm(grant))).diagnosis).toBeNull()
    world.login.probe = notConnected
    const failed = await world.validate(imapForm(grant))
    expect(causes(failed)[0]).toBe('imap-disabled-mailbox')
    expect(failed.diagnosis?.verdict).toBe('likely')
    expect(await world.get(`/v1/validations/${failed.id}`)).toMatchObject({
      diagnosis: failed.diagnosis,
    })
  })

  it('is derived from the stored facts when it is read, so that it follows the catalogue', async () => {
    const { world, validation: failed } = await validated(notConnected)
    const row = await world.db
      .prepare('SELECT login_facts FROM validations WHERE id = ?')
      .bind(failed.id)
      .first()
    expect(row).toMatchObject({ login_facts: expect.stringContaining(ALICE) })
    await rows(
      "UPDATE validations SET login_facts = json_set(login_facts, '$.values.username', ?)",
      BOB,
    )
    const read = await world.call('GET', `/v1/validations/${failed.id}`)
    expect(JSON.stringify(((await read.json()) as Validation).diagnosis)).toContain(BOB)
  })

  it('fills in the mailbox, so that the command of the fix is ready to run', async () => {
    const { diagnosis } = await validated(notConnected)
    const commands = diagnosis?.candidates[0]?.fixes.map(({ command }) => command).join()
    expect(commands).toContain(`'${ALICE}'`)
  })

  it('recognises a tenant policy, and then tries no other user name', async () => {
    const text = 'Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant.'
    const refusal = smtp(text, '5.7.139')
    const { world, validation } = await validated(refusal, { username: SHARED }, smtpForm)
    expect(causes(validation)[0]).toBe('smtp-auth-disabled-tenant')
    expect(world.probes).toHaveLength(1)
  })

  it('blames neither the host nor Microsoft when another server refuses a password', async () => {
    const world = await activeMailWorld()
    const reply = 'NO [AUTHENTICATIONFAILED] Authentication failed.'
    const refusal = fails({ reply, imap_status: 'NO', imap_response_code: 'AUTHENTICATIONFAILED' })
    world.login.probe = () => ({ ...refusal(), mechanism: 'PLAIN' })
    const { diagnosis } = await world.validate(passwordForm())
    expect(diagnosis).toMatchObject({
      verdict: 'certain',
      candidates: [{ cause: 'password-refused' }],
    })
  })

  it('says who must act when the checker is unreachable', async () => {
    const world = await createMailWorld({
      externalFetch: () => Promise.reject(new TypeError('refused')),
    })
    const { diagnosis } = await world.validate(passwordForm())
    expect(diagnosis?.candidates[0]).toMatchObject({
      cause: 'checker-unavailable',
      responsible: 'operator',
    })
  })

  it('depends on earlier successes and on the other protocol', async () => {
    const weigh = async (before: (world: MailWorld, grant: string) => Promise<unknown>) => {
      const world = await activeMailWorld()
      const grant = await world.grant(ALICE)
      await before(world, grant)
      world.login.probe = imapRefused
      return (await world.validate(imapForm(grant))).diagnosis
    }
    const fresh = await weigh(async () => undefined)
    const worked = await weigh((world, grant) => world.validate(imapForm(grant)))
    const other = await weigh((world, grant) => world.validate(smtpForm(grant)))
    expect(worked).not.toEqual(fresh)
    expect(other).not.toEqual(fresh)
    expect(other).not.toEqual(worked)
  })
})

describe('a refused login when another account signed in', () => {
  const onlyAs =
    (identity: string, refusal: () => ProbeReport) =>
    (request: Parameters<typeof passes>[0]): ProbeReport =>
      request.identity === identity ? passes(request) : refusal()

  it('is retried as the account that signed in, which should be the delegate', async () => {
    const server = onlyAs(ALICE, smtpRefused)
    const { world, validation: failed } = await validated(server, { username: SHARED }, smtpForm)
    expect(failed.outcome).toBe('failed')
    expect(world.probes.map(({ identity }) => identity)).toEqual([SHARED, ALICE])
    const [first, second] = world.probes
    expect({ ...second, identity: '' }).toEqual({ ...first, identity: '' })
    expect(failed.warnings.at(-1)).toContain(`but accepted ${ALICE}`)
    expect(causes(failed)[0]).toBe('shared-mailbox-smtp-identity')
    expect(failed.diagnosis?.verdict).toBe('certain')
  })

  it('reports the mismatch first when the account cannot open the mailbox over IMAP', async () => {
    const { validation } = await validated(onlyAs(ALICE, notConnected), { username: BOB })
    expect(causes(validation)[0]).toBe('account-mismatch')
    expect(JSON.stringify(validation.diagnosis)).toContain(`${ALICE} signed in`)
  })

  it('does not blame the user name when the other one is refused as well', async () => {
    const { world, validation } = await validated(smtpRefused, { username: SHARED }, smtpForm)
    expect(world.probes).toHaveLength(2)
    expect(causes(validation)[0]).not.toBe('shared-mailbox-smtp-identity')
  })

  it('warns when the other user name is refused as well', async () => {
    const shared = { username: SHARED, delegate: ALICE }
    const { world, validation } = await validated(imapRefused, shared)
    expect(world.probes).toHaveLength(2)
    expect(validation.warnings.at(-1)).toContain(`as ${SHARED} and as ${ALICE}`)
  })

  it.each([
    ['there is no other user name', {}, imapRefused],
    ['the server was only busy', { username: SHARED }, fails({ kind: 'throttled' })],
    ['the login was never attempted', { username: SHARED }, fails({ step: 'tls', kind: 'tls' })],
  ])('is not retried when %s', async (_reason, form, probe) => {
    const { world } = await validated(probe, form)
    expect(world.probes).toHaveLength(1)
  })
})

describe('a diagnosis', () => {
  it('repeats no token, even when a server echoes it', async () => {
    const { world, diagnosis } = await validated(({ credential }) => {
      const token = credential.type === 'oauth' ? credential.access_token : ''
      return fails({ reply: `NO AUTHENTICATE failed: ${token}`, challenge: token })()
    })
    expect(diagnosis?.candidates.length).toBeGreaterThan(0)
    const text = JSON.stringify(diagnosis)
    for (const { credential } of world.probes) {
      if (credential.type !== 'oauth') throw new Error('a token was sent')
      for (const part of credential.access_token.split('.')) expect(text).not.toContain(part)
    }
  })
})
