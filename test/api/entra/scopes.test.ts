import { describe, expect, it } from 'vitest'
import {
  allowShared,
  declaredPermissions,
  grantedProtocols,
  mailScopes,
  mergedScopes,
  scopesAfter,
  scopesFor,
  unaskedPermissions,
} from '../../../api/entra/scopes.ts'
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
    const scope = mailScopes(cloud, ['imap', 'smtp', 'graph_send']).join(' ')
    expect(grantedProtocols('outlook', scope)).toEqual(['imap', 'smtp'])
    expect(grantedProtocols('graph', scope)).toEqual(['graph_send'])
  })
})

describe('the scopes of a token request', () => {
  const signIn = ['offline_access', 'openid', 'profile']
  const both = mailScopes('global', ['smtp', 'graph_send'], { shared: true })
  const graph = [
    'https://graph.microsoft.com/Mail.Send',
    'https://graph.microsoft.com/Mail.Send.Shared',
  ]

  it('are those of one resource that the sign-in named, else those of the protocol', () => {
    const smtp = 'https://outlook.office.com/SMTP.Send'
    expect(scopesFor('global', both, 'outlook')).toEqual([smtp, ...signIn])
    expect(scopesFor('global', both, 'graph')).toEqual([...graph, ...signIn])
    expect(scopesFor('global', signIn, 'outlook', ['smtp'])).toEqual([smtp, ...signIn])
  })

  it('of a grant change with a further sign-in for the resources that this is for', () => {
    const before = mailScopes('global', ['imap'])
    expect(mergedScopes(before, mailScopes('global', ['graph_send']))).toEqual([
      before[0],
      graph[0],
      ...signIn,
    ])
    expect(mergedScopes(both, mailScopes('global', ['imap']))).toEqual([
      ...graph,
      before[0],
      ...signIn,
    ])
  })

  it("of a grant name the permission for someone else's mailbox if the last response did", () => {
    const allowedAfter = (scopes: readonly string[], scope: string) =>
      allowShared(scopesAfter('global', scopes, 'graph', scope), 'graph_send')
    expect(allowedAfter(mailScopes('global', ['graph_send']), graph.join(' '))).toBe(true)
    expect(allowedAfter(both, 'https://graph.microsoft.com/Mail.Send')).toBe(false)
    expect(allowedAfter(both, '')).toBe(true)
    expect(scopesAfter('global', both, 'outlook', 'https://outlook.office.com/SMTP.Send')).toEqual(
      both,
    )
    expect(scopesFor('global', signIn, 'graph', ['graph_send'], { shared: true })).toEqual([
      ...graph,
      ...signIn,
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
    // Entra gives each permission the prefix of the resource that was asked for.
    ['IMAP.AccessAsUser.All https://graph.microsoft.com/SMTP.Send', ['imap', 'smtp']],
    ['https://outlook.office.com/Mail.Send', []],
    ['https://outlook.office.com/IMAP.AccessAsUser.All.Not', []],
  ])('%j allow the protocols %j at Outlook', (scope, protocols) => {
    expect(grantedProtocols('outlook', scope)).toEqual(protocols)
  })

  it('that no sign-in asks for are named, but not those of other email accounts of the person', () => {
    const scope =
      'openid https://outlook.office.com/Mail.Send https://outlook.office.com/POP.AccessAsUser.All User.Read SMTP.Send Calendars.Read'
    expect(unaskedPermissions(scope)).toEqual(['POP.AccessAsUser.All', 'Calendars.Read'])
  })
})

it('lists each requested permission exactly once, by name and id', () => {
  const protocols = ['imap', 'smtp', 'graph_send'] as const
  const permissions = declaredPermissions(protocols)
  const names = permissions.map(({ name }) => name)
  const requested = mailScopes('global', protocols, { shared: true }).map((scope) =>
    scope.split('/').at(-1),
  )
  expect(names).toEqual(requested)
  expect(declaredPermissions(['imap'])).toHaveLength(4)
  const ids = permissions.map(({ id }) => id)
  expect(ids.every(isGuid)).toBe(true)
  expect(new Set(ids).size).toBe(ids.length)
})
