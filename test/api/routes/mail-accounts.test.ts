import { describe, expect, it } from 'vitest'
import type { MailAccount } from '../../../schema/mail-account.ts'
import { anotherApp, problemOf } from '../harness.ts'
import {
  activeMailWorld,
  createMailWorld,
  department,
  grantWorld,
  imapForm,
  type MailWorld,
  oauth,
  passwordForm,
  smtpForm,
  withoutPassword,
} from '../mail-world.ts'

describe('saving a mail account', () => {
  it("uses Microsoft's server by default and returns no secret", async () => {
    const { world, grant } = await grantWorld({ saved: false })
    const response = await world.call(
      'POST',
      '/v1/mail-accounts',
      imapForm(grant, { name: 'Support' }),
    )
    expect(response.status).toBe(201)
    expect(response.headers.get('etag')).toBe('"1"')
    expect(await response.json()).toEqual({
      id: expect.stringMatching(/^ma_[a-z2-7]{26}$/),
      customer: null,
      name: 'Support',
      owner: department,
      protocol: 'imap',
      host: 'outlook.office365.com',
      port: 993,
      security: 'tls',
      username: 'alice@contoso.test',
      delegate: null,
      from: null,
      authentication: {
        type: 'oauth',
        provider: 'microsoft',
        flow: 'delegated',
        grant_id: grant,
      },
      health: 'unverified',
      problem: null,
      grant: {
        id: grant,
        status: 'active',
        signed_in_as: 'alice@contoso.test',
        access_token_expires_at: expect.any(String),
      },
      last_validation: null,
      created_at: '2026-11-24T09:00:00.000Z',
      updated_at: '2026-11-24T09:00:00.000Z',
    })
  })

  it('may belong to anything of the caller, whether it reads or sends', async () => {
    const { world, grant } = await grantWorld()
    const owner = { type: 'other', id: 'project_9' }
    for (const form of [imapForm(grant, { owner }), smtpForm(grant, { owner })]) {
      const { id } = await world.save(form)
      expect((await world.read(id)).owner).toEqual(owner)
    }
    const response = await world.call('GET', '/v1/mail-accounts?owner_type=other')
    expect((await response.json<{ data: unknown[] }>()).data).toHaveLength(2)
  })

  it('needs no owner, and neither does a validation of its form', async () => {
    const world = await createMailWorld()
    await world.save(passwordForm())
    const { owner: _, ...form } = passwordForm()
    expect(await world.validate(form)).toMatchObject({ outcome: 'passed' })
    const account = await world.save({ ...form, owner: null })
    expect(account.owner).toBeNull()
    const again = await world.problem('POST', '/v1/mail-accounts', { ...form, unique: true })
    expect(again).toMatchObject({ code: 'mail_account_exists', existing: account.id })
    const headers = { 'idempotency-key': 'once' }
    await world.call('POST', '/v1/mail-accounts/bulk', { items: [form] }, headers)
    const list = await world.get<{ data: MailAccount[] }>('/v1/mail-accounts?owner_type=none')
    expect(list.data.map(({ owner }) => owner)).toEqual([null, null])
    expect(await world.get('/v1/mail-accounts/owners')).toMatchObject({
      data: [{ owner: department }, { owner: null, mail_accounts: 2 }],
    })
    expect(await world.get('/v1/mail-accounts/summary')).toMatchObject({ duplicates: 1 })
    expect(await world.replace(account.id, passwordForm())).toMatchObject({ owner: department })
    expect(await world.replace(account.id, form)).toMatchObject({ owner: null })
  })

  it('works while the integration is inactive, which its health shows', async () => {
    const world = await createMailWorld()
    const account = await world.save(imapForm(await world.grant('alice@contoso.test')))
    expect(account).toMatchObject({
      health: 'inactive',
      problem: { code: 'integration_inactive', detail: expect.stringContaining('Activate') },
    })
  })

  it('accepts a password account on any public server', async () => {
    const world = await createMailWorld()
    const form = passwordForm({ host: 'Mail.Example.org', port: 143 })
    const account = await world.save(form)
    expect(account).toMatchObject({
      host: 'mail.example.org',
      port: 143,
      security: 'starttls',
      authentication: { type: 'password' },
      health: 'unverified',
    })
    expect(account.grant).toBeNull()
  })

  it("uses the server of the integration's cloud for a password account without a host", async () => {
    const world = await createMailWorld()
    const settings = { ...anotherApp, cloud: 'us_gov_high' }
    await world.call('PUT', '/v1/integrations/microsoft/settings', settings)
    const account = await world.save(passwordForm({ host: undefined }))
    expect(account.host).toBe('outlook.office365.us')
  })
})

describe('an account that changes its authentication type', () => {
  it('loses its password when it gets a grant, and its grant when it gets a password', async () => {
    const { world, grant } = await grantWorld()
    const { id } = await world.save(passwordForm())
    const toOAuth = await world.replace(id, imapForm(grant))
    expect(toOAuth.authentication).toEqual({ ...oauth(grant), flow: 'delegated' })
    const problem = await world.problem(
      'PUT',
      `/v1/mail-accounts/${id}`,
      imapForm(grant, withoutPassword),
    )
    expect(problem.code).toBe('password_required')
    await world.replace(id, passwordForm())
    expect(await world.grantStatus(grant)).toBe('gone')
  })
})

describe('a new account that must be unique', () => {
  const create = (world: MailWorld, changes: object = {}) =>
    world.call('POST', '/v1/mail-accounts', { ...passwordForm(), unique: true, ...changes })

  it('is refused with the id of the one that the owner has for the mailbox and protocol', async () => {
    const world = await activeMailWorld()
    const { id, username } = await world.save(passwordForm())
    const again = await problemOf(create(world, { username: username.toUpperCase() }))
    expect(again).toMatchObject({ status: 409, code: 'mail_account_exists', existing: id })
    for (const changes of [
      { owner: { type: 'other', id: 'dep_7' } },
      { username: 'another@contoso.test' },
      { customer: 'acme' },
      { unique: false },
    ]) {
      expect((await create(world, changes)).status).toBe(201)
    }
  })

  it('is created once by requests at the same time', async () => {
    const world = await activeMailWorld()
    const statuses = await Promise.all([1, 2, 3].map(async () => (await create(world)).status))
    expect(statuses.toSorted()).toEqual([201, 409, 409])
  })
})
