import { describe, expect, it } from 'vitest'
import { grantedProtocols, MAIL_PERMISSIONS, mailScopes } from '../../../api/entra/scopes.ts'
import { isGuid } from '../../../schema/integration.ts'
import { Cloud } from '../../../schema/mail-servers.ts'

describe('the requested scopes', () => {
  it('are the mail scopes of the protocols and the sign-in scopes, in a fixed order', () => {
    const signIn = ['offline_access', 'openid', 'profile']
    const imap = 'https://outlook.office.com/IMAP.AccessAsUser.All'
    const smtp = 'https://outlook.office.com/SMTP.Send'
    expect(mailScopes('global', ['imap', 'smtp'])).toEqual([imap, smtp, ...signIn])
    expect(mailScopes('global', ['smtp', 'imap', 'smtp'])).toEqual([imap, smtp, ...signIn])
    expect(mailScopes('global', ['smtp'])).toEqual([smtp, ...signIn])
  })

  it('name the resource of the cloud', () => {
    expect(mailScopes('china', ['imap'])[0]).toBe(
      'https://partner.outlook.cn/IMAP.AccessAsUser.All',
    )
    expect(mailScopes('us_gov_high', ['smtp'])[0]).toBe('https://outlook.office365.us/SMTP.Send')
  })

  it.each(Cloud.options)('are recognised as granted in %s', (cloud) => {
    expect(grantedProtocols(cloud, mailScopes(cloud, ['imap', 'smtp']).join(' '))).toEqual([
      'imap',
      'smtp',
    ])
  })
})

describe('granted scopes', () => {
  it.each([
    ['https://outlook.office.com/IMAP.AccessAsUser.All', ['imap']],
    ['HTTPS://OUTLOOK.OFFICE.COM/smtp.send', ['smtp']],
    [
      'https://outlook.office365.com/SMTP.Send https://ps.outlook.com/imap.accessasuser.all',
      ['imap', 'smtp'],
    ],
    ['openid\n profile\thttps://outlook.office.com/SMTP.Send  email', ['smtp']],
    ['https://outlook.office.com/POP.AccessAsUser.All https://outlook.office.com/Mail.Read', []],
    ['', []],
    // A bare name belongs to Graph, whose tokens open no mailbox.
    ['IMAP.AccessAsUser.All SMTP.Send', []],
    ['https://graph.microsoft.com/IMAP.AccessAsUser.All', []],
    ['https://outlook.office.com.evil.example/IMAP.AccessAsUser.All', []],
    ['https://outlook.office.com/IMAP.AccessAsUser.All.Not', []],
    ['https://outlook.office365.us/SMTP.Send', []],
  ])('%j allow the protocols %j', (scope, protocols) => {
    expect(grantedProtocols('global', scope)).toEqual(protocols)
  })
})

it('lists each requested permission exactly once, by name and id', () => {
  const names = MAIL_PERMISSIONS.map(({ name }) => name)
  const requested = mailScopes('global', ['imap', 'smtp']).map((scope) => scope.split('/').at(-1))
  expect(names).toEqual(requested)
  const ids = MAIL_PERMISSIONS.map(({ id }) => id)
  expect(ids.every(isGuid)).toBe(true)
  expect(new Set(ids).size).toBe(ids.length)
})
