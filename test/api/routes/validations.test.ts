import { describe, expect, it } from 'vitest'
import {
  activeMailWorld,
  grantWorld,
  imapAccountWorld,
  imapForm,
  passwordForm,
  refuses,
  smtpForm,
  withoutPassword,
} from '../mail-world.ts'

describe('validating a form', () => {
  it('logs in with the token of an unsaved grant and returns the result', async () => {
    const { world, grant } = await grantWorld({ saved: false })
    const validation = await world.validate(imapForm(grant))
    expect(validation).toEqual({
      id: expect.stringMatching(/^va_[a-z2-7]{26}$/),
      outcome: 'passed',
      protocol: 'imap',
      host: 'outlook.office365.com',
      port: 993,
      security: 'tls',
      mechanism: 'XOAUTH2',
      identity: 'alice@contoso.test',
      steps: [
        { name: 'connect', outcome: 'passed', duration_ms: 3, detail: null },
        { name: 'authenticate', outcome: 'passed', duration_ms: 5, detail: null },
      ],
      warnings: [],
      diagnosis: null,
      duration_ms: 0,
      checked_at: '2026-11-24T09:00:00.000Z',
    })
    expect(world.probes).toEqual([
      {
        protocol: 'imap',
        host: 'outlook.office365.com',
        port: 993,
        security: 'tls',
        identity: 'alice@contoso.test',
        credential: { type: 'oauth', access_token: expect.any(String), cloud: 'global' },
      },
    ])
    expect(await world.grantStatus(grant)).toBe('unsaved')
    expect(await world.get(`/v1/validations/${validation.id}`)).toEqual(validation)
    expect(await world.events()).toContain('validation.passed')
  })

  it('returns 201 with a result even if the server rejects the login', async () => {
    const { world, grant } = await grantWorld({}, { probe: refuses })
    const validation = await world.validate(imapForm(grant))
    expect(validation.outcome).toBe('failed')
    expect(validation.steps.at(-1)?.detail).toContain('NO AUTHENTICATE failed.')
    expect(await world.events()).toContain('validation.failed')
    const { results } = await world.db.prepare('SELECT failure FROM validations').all()
    expect(JSON.parse(String(results[0]?.failure))).toMatchObject({
      from: 'checker',
      probe: { kind: 'rejected', imap_status: 'NO' },
    })
  })

  it('logs in to a shared mailbox by its own name over IMAP and as its delegate over SMTP', async () => {
    const { world, grant } = await grantWorld()
    const shared = { username: 'support@contoso.test', delegate: 'alice@contoso.test' }
    const imap = await world.validate(imapForm(grant, shared))
    const smtp = await world.validate(smtpForm(grant, shared))
    expect([imap.identity, smtp.identity]).toEqual(['support@contoso.test', 'alice@contoso.test'])
    expect(world.probes.map(({ identity }) => identity)).toEqual([imap.identity, smtp.identity])
    expect([...imap.warnings, ...smtp.warnings]).toEqual([])
  })

  it('passes with a warning when another account signed in', async () => {
    const world = await activeMailWorld()
    const grant = await world.grant('heidi.h@contoso.test')
    const form = imapForm(grant, { username: 'heidi@contoso.test' })
    const { outcome, warnings } = await world.validate(form)
    expect(outcome).toBe('passed')
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('heidi.h@contoso.test')
    expect(warnings[0]).toContain('the mailbox is heidi@contoso.test')
  })

  it.each([
    [
      "a server that is not the cloud's",
      { host: 'imap.evil.example' },
      422,
      'mail_host_not_allowed',
    ],
    ['a port that is not a mail port', { port: 22 }, 422, 'validation_failed'],
    ['an unknown account', { mail_account_id: `ma_${'a'.repeat(26)}` }, 422, 'validation_failed'],
    ['a password account without a password', withoutPassword, 422, 'password_required'],
  ])('rejects %s without calling the checker', async (_what, change, status, code) => {
    const { world, grant } = await grantWorld()
    const problem = await world.problem('POST', '/v1/validations', imapForm(grant, change))
    expect(problem).toMatchObject({ status, code })
    expect(world.probes).toEqual([])
  })

  it('rejects a protocol that the grant lacks', async () => {
    const { world, grant } = await grantWorld({ protocols: ['smtp'] })
    expect(await world.problem('POST', '/v1/validations', imapForm(grant))).toMatchObject({
      status: 409,
      code: 'protocol_not_granted',
    })
  })

  it('rejects OAuth while the integration is inactive, but not passwords', async () => {
    const { world, grant, id } = await imapAccountWorld()
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    for (const [path, body] of [
      ['/v1/validations', imapForm(grant)],
      [`/v1/mail-accounts/${id}/validate`, undefined],
    ] as const) {
      const problem = await world.problem('POST', path, body)
      expect(problem).toMatchObject({ status: 409, code: 'integration_inactive' })
    }
    await world.call('DELETE', `/v1/grants/${grant}?detach=true`)
    const detached = await world.problem('POST', `/v1/mail-accounts/${id}/validate`)
    expect(detached.code).toBe('integration_inactive')
    expect(await world.validate(passwordForm())).toMatchObject({
      outcome: 'passed',
      mechanism: 'PLAIN',
    })
  })
})
