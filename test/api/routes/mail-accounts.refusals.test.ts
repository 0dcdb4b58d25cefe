import { describe, expect, it } from 'vitest'
import { createMailWorld, imapForm, passwordForm, withoutPassword } from '../mail-world.ts'

describe('refusing a mail account', () => {
  it.each([
    ['an IMAP account of a brand', { owner: { type: 'brand', id: 'b' } }, '/owner/type'],
    ['an IMAP account of everybody', { owner: { type: 'global' } }, '/owner/type'],
    ['an SMTP account of a department', { protocol: 'smtp' }, '/owner/type'],
    ['an owner without its id', { owner: { type: 'department' } }, '/owner/id'],
    ['a port that is not for mail', { port: 22 }, '/port'],
    ['a port that is no number', { port: '993' }, '/port'],
    ['a user name that is no address', { username: 'alice' }, '/username'],
    ['a name that is no text', { name: 7 }, '/name'],
    ['an unknown member', { pasword: 'x' }, '/pasword'],
    ['a user name with a field of its own', { username: 'a\x01auth=x@contoso.test' }, '/username'],
    ['a delegate with a field of its own', { delegate: 'a\x01auth=x@contoso.test' }, '/delegate'],
    ['a password of two lines', passwordOf('a\r\nb'), '/authentication/password'],
    ['an empty password', passwordOf(''), '/authentication/password'],
    [
      'a way to log in that is not known',
      { authentication: { type: 'ntlm' } },
      '/authentication/type',
    ],
  ])('says where: %s', async (_what, change, pointer) => {
    const world = await createMailWorld()
    const grant = await world.grant('alice@contoso.test')
    const problem = await world.problem('POST', '/v1/mail-accounts', imapForm(grant, change))
    expect(problem).toMatchObject({ status: 422, code: 'validation_failed' })
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer)
  })

  it('names the servers that a token may go to', async () => {
    const world = await createMailWorld()
    const grant = await world.grant('alice@contoso.test')
    for (const change of [{ host: 'imap.evil.example' }, { port: 143 }, { security: 'starttls' }]) {
      const problem = await world.problem('POST', '/v1/mail-accounts', imapForm(grant, change))
      expect(problem).toMatchObject({ status: 422, code: 'mail_host_not_allowed' })
      expect(problem.detail).toContain('outlook.office365.com:993 (tls)')
    }
  })

  it('needs a password for a password account', async () => {
    const world = await createMailWorld()
    const problem = await world.problem('POST', '/v1/mail-accounts', passwordForm(withoutPassword))
    expect(problem).toMatchObject({
      status: 422,
      code: 'password_required',
      errors: [{ pointer: '/authentication/password' }],
    })
  })

  it('knows no grant that was never made', async () => {
    const world = await createMailWorld()
    const form = imapForm(`gr_${'a'.repeat(26)}`)
    expect(await world.problem('POST', '/v1/mail-accounts', form)).toMatchObject({
      status: 422,
      code: 'validation_failed',
      errors: [
        {
          pointer: '/authentication/grant_id',
          message: 'is not the ID of a grant, or the grant has expired',
        },
      ],
    })
  })

  it('tells malformed JSON, other content and oversized bodies apart', async () => {
    const world = await createMailWorld()
    const post = (body: string, type = 'application/json') =>
      world.send(
        new Request('http://localhost:8787/v1/mail-accounts', {
          method: 'POST',
          headers: {
            authorization: `Bearer ${world.services.settings.rootApiKey}`,
            'content-type': type,
          },
          body,
        }),
      )
    expect((await post('{"owner":')).status).toBe(400)
    expect((await post('owner=x', 'text/plain')).status).toBe(415)
    const large = passwordForm({ name: 'x'.repeat(70_000) })
    expect((await post(JSON.stringify(large))).status).toBe(413)
  })

  it('stores nothing and tells no event when it refuses', async () => {
    const world = await createMailWorld()
    const grant = await world.grant('alice@contoso.test', { saved: false })
    await world.problem('POST', '/v1/mail-accounts', imapForm(grant, { host: 'imap.evil.example' }))
    const list = await world.call('GET', '/v1/mail-accounts')
    expect(await list.json()).toEqual({ data: [], next_cursor: null })
    expect(await world.events()).toEqual([])
    expect(await world.grantStatus(grant)).toBe('unsaved')
  })
})

function passwordOf(password: string) {
  return { authentication: { type: 'password', password } }
}
