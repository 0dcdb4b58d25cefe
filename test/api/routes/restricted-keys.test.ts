import { describe, expect, it } from 'vitest'
import type { AuthorizationCreated } from '../../../schema/authorization.ts'
import { problemOf } from '../harness.ts'
import { callerOf, createKey } from '../keys.ts'
import { grantWorld, imapForm, passwordForm, smtpForm } from '../mail-world.ts'
import { type AnyAuthorization, browserOf, signIn } from '../sign-in.ts'

/** Creates a key that is restricted to Alice's mailbox, and Bob's mailbox, which it must not see. */
async function restrictedWorld(scopes = ['write', 'tokens']) {
  const { world, grant } = await grantWorld()
  const foreignGrant = await world.grant('bob@contoso.test')
  const mine = await world.save(imapForm(grant))
  world.advance(1)
  const foreign = await world.save(imapForm(foreignGrant, { username: 'bob@contoso.test' }))
  const key = await createKey(world, { scopes, mail_accounts: [mine.id] })
  return { world, grant, foreignGrant, mine, foreign, key, call: callerOf(world, key.key) }
}

type RestrictedWorld = Awaited<ReturnType<typeof restrictedWorld>>
type List = { data: { id: string }[] }

const idsOf = async (call: RestrictedWorld['call'], path: string) =>
  (await (await call('GET', path)).json<List>()).data.map(({ id }) => id)

const authorization = { provider: 'microsoft', username: 'alice@contoso.test' }

describe('a restricted key and mail accounts', () => {
  it('can read, list, replace, validate, use and delete only its own accounts', async () => {
    const { world, grant, foreignGrant, mine, foreign, call } = await restrictedWorld()
    expect(await idsOf(call, '/v1/mail-accounts')).toEqual([mine.id])
    expect(await idsOf(call, '/v1/mail-accounts?username=bob@contoso.test')).toEqual([])
    expect(await idsOf(call, `/v1/mail-accounts?grant_id=${foreignGrant}`)).toEqual([])
    const calls = (id: string, used: string) =>
      [
        ['GET', `/v1/mail-accounts/${id}`, undefined, 200],
        ['PUT', `/v1/mail-accounts/${id}`, imapForm(used, { name: 'Renamed' }), 200],
        ['POST', `/v1/mail-accounts/${id}/validate`, undefined, 201],
        ['POST', `/v1/mail-accounts/${id}/access-token`, {}, 200],
        ['DELETE', `/v1/mail-accounts/${id}`, undefined, 204],
      ] as const
    for (const [method, path, body] of calls(foreign.id, grant)) {
      const response = await call(method, path, body)
      expect([method, path, response.status]).toEqual([method, path, 404])
      expect(await response.json()).toMatchObject({ code: 'not_found' })
    }
    expect((await world.read(foreign.id)).name).toBe(foreign.name)
    for (const [method, path, body, status] of calls(mine.id, grant)) {
      expect([method, path, (await call(method, path, body)).status]).toEqual([
        method,
        path,
        status,
      ])
    }
    expect(await world.grantStatus(grant)).toBe('gone')
  })

  it('cannot change the owner or customer of its account, which would let it handle the mail of others', async () => {
    const { world, grant } = await grantWorld()
    const { id } = await world.save(smtpForm(grant))
    const { key } = await createKey(world, { scopes: ['write'], mail_accounts: [id] })
    const put = (changes: object) =>
      callerOf(world, key)('PUT', `/v1/mail-accounts/${id}`, smtpForm(grant, changes))
    expect((await put({ name: 'Renamed' })).status).toBe(200)
    for (const changes of [
      { owner: { type: 'global' } },
      { owner: { type: 'brand', id: 'another' } },
      { owner: { type: 'department', id: 'dep_7' }, protocol: 'imap' },
      { customer: 'acme' },
    ]) {
      expect(await problemOf(put(changes))).toMatchObject({ status: 403, code: 'key_limited' })
    }
  })
})

describe('a restricted key and grants', () => {
  it('sees only the grants of its accounts', async () => {
    const { world, call, grant, foreignGrant } = await restrictedWorld()
    world.advance(60)
    expect(await idsOf(call, '/v1/grants')).toEqual([grant])
    expect((await call('GET', `/v1/grants/${grant}`)).status).toBe(200)
    expect((await call('GET', `/v1/grants/${foreignGrant}`)).status).toBe(404)
    expect((await call('POST', `/v1/grants/${grant}/retry`)).status).toBe(200)
    expect((await call('DELETE', `/v1/grants/${foreignGrant}?detach=true`)).status).toBe(404)
  })

  it("does not see other callers' unsaved grants, and uses neither these nor those of other accounts", async () => {
    const { world, call, mine, foreignGrant } = await restrictedWorld()
    const unsaved = await world.grant('alice@contoso.test', { saved: false })
    expect((await call('GET', `/v1/grants/${unsaved}`)).status).toBe(404)
    for (const [method, path, form] of [
      ['PUT', `/v1/mail-accounts/${mine.id}`, imapForm(unsaved)],
      ['PUT', `/v1/mail-accounts/${mine.id}`, imapForm(foreignGrant)],
      ['POST', '/v1/validations', { ...imapForm(unsaved), mail_account_id: mine.id }],
    ] as const) {
      const response = await call(method, path, form)
      expect(response.status).toBe(422)
      const errors = [{ pointer: '/authentication/grant_id' }]
      expect(await response.json()).toMatchObject({ errors })
    }
    expect(await world.grantStatus(unsaved)).toBe('unsaved')
  })

  it('can use an unsaved grant of its own authorization', async () => {
    const { world, call, mine, grant } = await restrictedWorld()
    const body = { provider: 'microsoft', mail_account_id: mine.id }
    const created = await (
      await call('POST', '/v1/authorizations', body)
    ).json<AuthorizationCreated>()
    await signIn(world, browserOf(world), created.url, 'alice@contoso.test')
    const done = await (
      await call('GET', `/v1/authorizations/${created.id}`)
    ).json<AnyAuthorization>()
    const fresh = done.grant?.id ?? ''
    expect(await idsOf(call, '/v1/grants')).toEqual([fresh, grant])
    const other = callerOf(
      world,
      (await createKey(world, { scopes: ['write'], mail_accounts: [mine.id] })).key,
    )
    expect((await other('GET', `/v1/grants/${fresh}`)).status).toBe(404)
    const seen = await other('GET', `/v1/authorizations/${created.id}`)
    expect(await seen.json()).not.toHaveProperty('grant')
    const saved = await call('PUT', `/v1/mail-accounts/${mine.id}`, imapForm(fresh))
    expect(saved.status).toBe(200)
    expect(await idsOf(other, '/v1/grants')).toEqual([fresh])
  })

  it('cannot delete a grant that other accounts use too, and does not learn their ids', async () => {
    const { world, call, grant, mine } = await restrictedWorld()
    const shared = await world.save(smtpForm(grant))
    const inUse = await problemOf(call('DELETE', `/v1/grants/${grant}`))
    expect(inUse).toMatchObject({ status: 409, mail_accounts: [mine.id] })
    const refused = await call('DELETE', `/v1/grants/${grant}?detach=true`)
    expect(refused.status).toBe(403)
    const text = await refused.text()
    expect(JSON.parse(text)).toMatchObject({ code: 'key_limited' })
    expect(text).not.toContain(shared.id)
    expect(await world.grantStatus(grant)).toBe('active')
    await world.call('DELETE', `/v1/mail-accounts/${shared.id}`)
    expect((await call('DELETE', `/v1/grants/${grant}?detach=true`)).status).toBe(200)
    expect((await world.read(mine.id)).health).toBe('reconnect_required')
  })
})

describe('a restricted key and authorizations', () => {
  it('can create authorizations only for its accounts', async () => {
    const { call, mine, foreign } = await restrictedWorld()
    const free = await problemOf(call('POST', '/v1/authorizations', authorization))
    expect(free).toMatchObject({ status: 403, code: 'key_limited' })
    const body = { ...authorization, mail_account_id: foreign.id }
    const other = await problemOf(call('POST', '/v1/authorizations', body))
    expect(other).toMatchObject({ status: 422, errors: [{ pointer: '/mail_account_id' }] })
    const own = await call('POST', '/v1/authorizations', { ...body, mail_account_id: mine.id })
    expect(own.status).toBe(201)
  })

  it("cannot read other callers' authorizations or link them to an admin consent", async () => {
    const { world, call, foreign } = await restrictedWorld()
    for (const body of [authorization, { ...authorization, mail_account_id: foreign.id }]) {
      const made = await world.call('POST', '/v1/authorizations', body)
      const { id } = await made.json<AuthorizationCreated>()
      expect((await call('GET', `/v1/authorizations/${id}`)).status).toBe(404)
      const link = { authorization_id: id }
      const response = await call('POST', '/v1/integrations/microsoft/admin-consent', link)
      expect(response.status).toBe(422)
    }
  })
})

describe('a restricted key, validations and diagnoses', () => {
  it('can validate only its accounts, and read only their validations', async () => {
    const { world, call, grant, mine, foreign } = await restrictedWorld()
    const free = await problemOf(call('POST', '/v1/validations', imapForm(grant)))
    expect(free).toMatchObject({ status: 403, code: 'key_limited' })
    const form = (id: string) => ({ ...imapForm(grant), mail_account_id: id })
    expect((await call('POST', '/v1/validations', form(foreign.id))).status).toBe(422)
    const own = await call('POST', '/v1/validations', form(mine.id))
    expect(own.status).toBe(201)
    const { id } = await own.json<{ id: string }>()
    expect((await call('GET', `/v1/validations/${id}`)).status).toBe(200)
    const other = await world.validateSaved(foreign.id)
    expect((await call('GET', `/v1/validations/${other.id}`)).status).toBe(404)
    const unsaved = await world.validate(passwordForm())
    expect((await call('GET', `/v1/validations/${unsaved.id}`)).status).toBe(404)
  })

  it('cannot validate with the password of another account', async () => {
    const { world, call, mine } = await restrictedWorld()
    const locked = await world.save(passwordForm())
    const { authentication: _, ...values } = passwordForm()
    const form = { ...values, authentication: { type: 'password' } }
    for (const id of [locked.id, mine.id]) {
      const response = await call('POST', '/v1/validations', { ...form, mail_account_id: id })
      expect(response.status).toBe(422)
    }
    expect(world.probes).toEqual([])
  })

  it('can diagnose errors of its accounts, or of no account', async () => {
    const { call, mine, foreign } = await restrictedWorld()
    const report = { protocol: 'imap', error: 'NO AUTHENTICATE failed.' }
    const diagnose = (more: object) => call('POST', '/v1/diagnoses', { ...report, ...more })
    expect((await diagnose({})).status).toBe(200)
    expect((await diagnose({ mail_account_id: mine.id })).status).toBe(200)
    expect((await diagnose({ mail_account_id: foreign.id })).status).toBe(422)
  })
})
