import { describe, expect, it } from 'vitest'
import type { SetupInput } from '../../../../../api/domain/app/setup/app-registration.ts'
import { guideFor } from '../../../../setup-guide.ts'

const CLIENT = '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11'

function appOnly(settings: Partial<SetupInput['settings']> = {}) {
  const { app_only: guide } = guideFor(settings)
  if (!guide) throw new Error('there is no app-only part')
  const values = guide.steps.flatMap((step) => step.values)
  return { ...guide, find: (label: string) => values.find((one) => one.label === label)?.value }
}

describe('the app-only part of the setup guide', () => {
  it('is separate from the steps that every sign-in requires', () => {
    const { app_only: extra, ...others } = guideFor({ clientId: CLIENT })
    expect(JSON.stringify(others)).not.toMatch(/AsApp|New-ServicePrincipal/)
    expect(JSON.stringify(extra)).toContain('IMAP.AccessAsApp')
  })

  it('is absent for personal accounts, which have no app-only access', () => {
    expect(guideFor({ tenant: 'consumers' }).app_only).toBeNull()
  })

  it('asks for application permissions of Exchange Online, not of Microsoft Graph', () => {
    const { find } = appOnly()
    expect(find('API')).toBe('Office 365 Exchange Online')
    expect(find('Type')).toBe('Application permissions')
    expect([find('Permission to read'), find('Permission to send')]).toEqual([
      'IMAP.AccessAsApp',
      'SMTP.SendAsApp',
    ])
  })

  it('registers the app in Exchange by the object ID of the enterprise application', () => {
    const { find, steps } = appOnly({ clientId: CLIENT, homeTenant: 'contoso.com' })
    expect(find('Connect')).toBe("Connect-ExchangeOnline -Organization 'contoso.com'")
    expect(find('Register the app')).toBe(
      `New-ServicePrincipal -AppId '${CLIENT}' -ObjectId <object ID of the enterprise application> -DisplayName 'Mailgrant'`,
    )
    expect(find('Let it open a mailbox')).toContain('Add-MailboxPermission')
    expect(find('Let it send as the mailbox')).toContain('Add-RecipientPermission')
    const warning = steps.find(({ title }) => title.includes('Object ID'))
    expect(warning?.text).toContain('App registrations shows another Object ID')
    expect(find('authentication.tenant')).toBe('contoso.com')
  })

  it('offers a group for sending instead of the permission, and says that they exclude each other', () => {
    const { find, steps } = appOnly({ clientId: CLIENT })
    expect(find('Allow the app to send for it')).toBe(
      `New-ManagementRoleAssignment -Role 'Application SMTP.SendAsApp' -App '${CLIENT}' -CustomResourceScope 'Mailgrant sending'`,
    )
    expect(find('Check a mailbox')).toBe(
      `Test-ServicePrincipalAuthorization -Identity '${CLIENT}' -Resource <mailbox>`,
    )
    const step = steps.find(({ title }) => title.includes('group'))
    expect(step?.text).toContain('leave out the permission SMTP.SendAsApp')
    expect(step?.text).toContain('There is no such role for IMAP')
  })

  it('lets the app send through Graph by a role first, and warns of the consent beside it', () => {
    const { find, steps, scripts } = appOnly({ clientId: CLIENT, protocols: ['graph_send'] })
    expect(find('Allow the app to send for it through Graph')).toBe(
      `New-ManagementRoleAssignment -Role 'Application Mail.Send' -App '${CLIENT}' -CustomResourceScope 'Mailgrant sending'`,
    )
    const titles = steps.map(({ title }) => title)
    expect(titles).toEqual([
      'Copy the Object ID of the enterprise application',
      'Register the app in Exchange Online',
      'Let the app send only as the members of a group',
      'Or: let the app send through Microsoft Graph as every mailbox',
      'Save the email account',
    ])
    const step = steps.find(({ title }) => title.includes('group'))
    expect(step?.text).toContain('as every mailbox until that consent is removed')
    expect(find('Permission to send through Graph')).toBe('Mail.Send')
    expect(JSON.stringify(steps)).not.toMatch(/IMAP|SMTP|MailboxPermission/)
    expect(scripts.powershell).toContain("$protocols = 'graph_send'\n")
  })

  it.each([
    [['imap'], /SMTP|Mail\.Send/],
    [['smtp'], /IMAP\.|Mail\.Send/],
    [['imap', 'smtp'], /Mail\.Send/],
  ] as const)(
    'has no step for a protocol that the settings do not list: %j',
    (protocols, others) => {
      expect(JSON.stringify(appOnly({ protocols }).steps)).not.toMatch(others)
    },
  )

  it('never does both in the PowerShell script', () => {
    const { powershell } = appOnly({ clientId: CLIENT }).scripts
    const refusals = powershell.indexOf('throw "The app sends under RBAC for Applications')
    expect(refusals).toBeGreaterThan(powershell.indexOf('throw "The app has the permission'))
    expect(refusals).toBeLessThan(powershell.indexOf('Update-MgApplication'))
    expect(refusals).toBeLessThan(powershell.indexOf('New-ManagementRoleAssignment'))
  })

  it('mentions administrators of other organisations, unless the app is for one tenant', () => {
    const textOf = (tenant: string) => JSON.stringify(appOnly({ tenant }).steps)
    expect(textOf('organizations')).toContain('administrator of another organisation')
    expect(textOf('contoso.com')).not.toContain('administrator of another organisation')
  })

  it.each([
    ['us_gov_high', 'O365USGovGCCHigh', 'USGov'],
    ['us_gov_dod', 'O365USGovDoD', 'USGovDoD'],
    ['china', 'O365China', 'China'],
  ] as const)('connects to the Exchange and Graph of %s', (cloud, exchange, graph) => {
    const { find, scripts } = appOnly({ cloud })
    expect(find('Connect')).toContain(`-ExchangeEnvironmentName ${exchange}`)
    expect(scripts.powershell).toContain(`$exchangeEnvironment = '${exchange}'\n`)
    expect(scripts.powershell).toContain(`$cloud = '${cloud}'\n`)
    expect(scripts.powershell).toContain(`${cloud} = '${graph}'`)
  })

  it('hard-codes no permission id: the scripts look permissions up by name', () => {
    const { powershell, azure_cli } = appOnly({ clientId: CLIENT }).scripts
    const expectedIds = [
      CLIENT,
      '00000002-0000-0ff1-ce00-000000000000',
      '00000003-0000-0000-c000-000000000000',
    ]
    for (const script of [powershell, azure_cli]) {
      const ids = script.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g)
      expect(new Set(ids)).toEqual(new Set(expectedIds))
    }
  })

  it('quotes settings so that they cannot become commands', () => {
    const { powershell, azure_cli } = appOnly({ homeTenant: "x'; rm -rf ~; '" }).scripts
    expect(powershell).toContain("$tenant = 'x''; rm -rf ~; '''")
    expect(azure_cli).toContain(`tenant='x'\\''; rm -rf ~; '\\'''`)
  })
})
