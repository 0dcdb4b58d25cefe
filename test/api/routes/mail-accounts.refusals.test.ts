import { describe, expect, it } from 'vitest'
import { createMailWorld, imapForm } from '../mail-world.ts'

describe('an invalid mail account', () => {
  it.each([
    ['an IMAP account of a brand', { owner: { type: 'brand', id: 'b' } }, '/owner/type'],
    ['a global IMAP account', { owner: { type: 'global' } }, '/owner/type'],
    ['an SMTP account of a department', { protocol: 'smtp' }, '/owner/type'],
    ['an owner without its id', { owner: { type: 'department' } }, '/owner/id'],
    ['another kind of owner without its id', { owner: { type: 'other' } }, '/owner/id'],
    ['a port that is not a mail port', { port: 22 }, '/port'],
    ['a port that is not a number', { port: '993' }, '/port'],
    ['a user name that is not an address', { username: 'alice' }, '/username'],
    ['an unknown property', { pasword: 'x' }, '/pasword'],
    [
      'a user name that injects an XOAUTH2 field',
      { username: 'a\x01auth=x@contoso.test' },
      '/username',
    ],
    [
      'a delegate that injects an XOAUTH2 field',
      { delegate: 'a\x01auth=x@contoso.test' },
      '/delegate',
    ],
    ['a password of two lines', passwordOf('a\r\nb'), '/authentication/password'],
    ['an empty password', passwordOf(''), '/authentication/password'],
    [
      'an unknown authentication type',
      { authentication: { type: 'ntlm' } },
      '/authentication/type',
    ],
  ])('is rejected with a pointer to %s', async (_what, change, pointer) => {
    const world = await createMailWorld()
    const grant = await world.grant('alice@contoso.test')
    const problem = await world.problem('POST', '/v1/mail-accounts', imapForm(grant, change))
    expect(problem).toMatchObject({ status: 422, code: 'validation_failed' })
    expect(problem.errors?.map((error) => error.pointer)).toContain(pointer)
  })

  it('stores nothing and records no event', async () => {
    const world = await createMailWorld()
    const grant = await world.grant('alice@contoso.test', { saved: false })
    await world.problem('POST', '/v1/mail-accounts', imapForm(grant, { host: 'imap.evil.example' }))
    expect(await world.get('/v1/mail-accounts')).toEqual({ data: [], next_cursor: null })
    expect(await world.events()).toEqual([])
    expect(await world.grantStatus(grant)).toBe('unsaved')
  })
})

function passwordOf(password: string) {
  return { authentication: { type: 'password', password } }
}
