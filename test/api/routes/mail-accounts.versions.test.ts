import { describe, expect, it } from 'vitest'
import { problemOf } from '../harness.ts'
import {
  grantWorld,
  imapAccountWorld,
  imapForm,
  passwordAccountWorld,
  passwordForm,
  withoutPassword,
} from '../mail-world.ts'
import { rows } from '../sql.ts'

describe('the version of a mail account', () => {
  it('changes with a PUT and with nothing else', async () => {
    const { world, grant, id } = await imapAccountWorld()
    const path = `/v1/mail-accounts/${id}`
    const etag = async () => (await world.call('GET', path)).headers.get('etag')
    expect(await etag()).toBe('"1"')
    await world.validateSaved(id)
    await world.call('POST', `${path}/access-token`, {})
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect(await etag()).toBe('"1"')
    const put = await world.call('PUT', path, imapForm(grant, { name: 'x' }), { 'if-match': '"1"' })
    expect(put.headers.get('etag')).toBe('"2"')
    expect(await etag()).toBe('"2"')
  })

  it('lets one of two concurrent writers win and returns 412 for the other', async () => {
    const { world, id } = await passwordAccountWorld()
    const put = (name: string) =>
      world.call('PUT', `/v1/mail-accounts/${id}`, passwordForm({ name, ...withoutPassword }), {
        'if-match': '"1"',
      })
    const responses = await Promise.all([put('first'), put('second')])
    expect(responses.map(({ status }) => status).sort()).toEqual([200, 412])
    const lost = responses.find(({ status }) => status === 412)
    expect(await lost?.json()).toMatchObject({ code: 'precondition_failed' })
    const updates = (await world.events()).filter((type) => type === 'mail_account.updated')
    expect(updates).toHaveLength(1)
  })

  it('is optional: without If-Match both writers succeed', async () => {
    const { world, id } = await passwordAccountWorld()
    const put = (name: string) =>
      world.call('PUT', `/v1/mail-accounts/${id}`, passwordForm({ name, ...withoutPassword }))
    const responses = await Promise.all([put('first'), put('second')])
    expect(responses.map(({ status }) => status)).toEqual([200, 200])
    const response = await world.call('GET', `/v1/mail-accounts/${id}`)
    expect(response.headers.get('etag')).toBe('"3"')
  })
})

describe('a DELETE', () => {
  it('with If-Match does not delete a newer version', async () => {
    const { world, id } = await passwordAccountWorld()
    await world.replace(id, passwordForm({ name: 'renamed' }))
    const remove = (tag: string) =>
      world.call('DELETE', `/v1/mail-accounts/${id}`, undefined, { 'if-match': tag })
    for (const tag of ['"1"', 'W/"2"', '2', '"x"', `"${'9'.repeat(200)}"`]) {
      const refused = await problemOf(remove(tag))
      expect(refused).toMatchObject({ status: 412, code: 'precondition_failed' })
    }
    expect((await remove('"2"')).status).toBe(204)
    expect((await remove('"2"')).status).toBe(404)
  })
})

describe('a PUT', () => {
  it('clears the fields that it omits', async () => {
    const { world, grant } = await grantWorld()
    const full = { name: 'Desk', from: 'desk@contoso.test', delegate: 'bob@contoso.test' }
    const { id } = await world.save(imapForm(grant, full))
    expect(await world.replace(id, imapForm(grant))).toMatchObject({
      name: null,
      from: null,
      delegate: null,
    })
  })

  it('records the names of the changed fields, but not their values', async () => {
    const { world, id } = await passwordAccountWorld()
    await world.replace(id, passwordForm({ name: 'Desk', port: 143 }))
    const { data } = await world.get<{ data: object[] }>('/v1/events?type=mail_account.updated')
    expect(data).toMatchObject([
      {
        subject: id,
        actor: { type: 'key', id: 'root' },
        data: { changed: 'name port security password' },
      },
    ])
  })
})

describe('the stored password', () => {
  const same = passwordForm({ name: 'renamed', ...withoutPassword })

  it('is kept if omitted while the server is the same', async () => {
    const { world, id } = await passwordAccountWorld()
    await world.replace(id, same)
    await world.validateSaved(id)
    expect(world.probes[0]?.credential).toEqual({ type: 'password', password: 'correct horse' })
  })

  it.each([
    { host: 'mail.evil.example' },
    { port: 143 },
    { port: 993, security: 'starttls' },
    { username: 'other@example.org' },
  ])('is required again with %o', async (change) => {
    const { world, id } = await passwordAccountWorld()
    const form = { ...same, ...change }
    for (const [method, path, body] of [
      ['PUT', `/v1/mail-accounts/${id}`, form],
      ['POST', '/v1/validations', { ...form, mail_account_id: id }],
    ] as const) {
      const problem = await world.problem(method, path, body)
      expect(problem).toMatchObject({ status: 422, code: 'password_required' })
    }
    expect(world.probes).toEqual([])
  })

  it('is required for another protocol, which a PUT cannot change to one that sends', async () => {
    const { world, id } = await passwordAccountWorld()
    const form = {
      ...same,
      protocol: 'smtp',
      owner: { type: 'global' },
      port: 993,
      security: 'tls',
    }
    expect(
      await world.problem('POST', '/v1/validations', { ...form, mail_account_id: id }),
    ).toMatchObject({ status: 422, code: 'password_required' })
    expect(await world.problem('PUT', `/v1/mail-accounts/${id}`, form)).toMatchObject({
      status: 422,
      errors: [{ pointer: '/protocol', message: expect.stringContaining('read mail') }],
    })
    expect(world.probes).toEqual([])
  })

  it('can be entered again when its encryption key is lost', async () => {
    const { world, id } = await passwordAccountWorld()
    await rows(
      'UPDATE mail_accounts SET password_sealed = ? WHERE id = ?',
      `${btoa('{"alg":"dir","enc":"A256GCM","kid":"lost"}')}....`,
      id,
    )
    expect(await world.problem('PUT', `/v1/mail-accounts/${id}`, same)).toMatchObject({
      status: 503,
      code: 'key_missing',
    })
    await world.replace(id, passwordForm())
    expect(await world.validateSaved(id)).toMatchObject({ outcome: 'passed' })
  })
})
