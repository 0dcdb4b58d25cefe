import { describe, expect, it } from 'vitest'
import type { SetupInput } from '../../../../../api/domain/app/setup/app-registration.ts'
import { guideFor } from '../../../../setup-guide.ts'

const CLIENT = '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11'

function appOnly(settings: Partial<SetupInput['settings']> = {}) {
  const { app_only: scripts } = guideFor(settings)
  if (!scripts) throw new Error('there are no app-only scripts')
  return scripts
}

describe('the app-only scripts of the setup guide', () => {
  it('are separate from the steps that every sign-in requires', () => {
    const { app_only: extra, ...others } = guideFor({ clientId: CLIENT })
    expect(JSON.stringify(others)).not.toMatch(/AsApp|New-ServicePrincipal/)
    expect(JSON.stringify(extra)).toContain('IMAP.AccessAsApp')
  })

  it('are absent for personal accounts, which have no app-only access', () => {
    expect(guideFor({ tenant: 'consumers' }).app_only).toBeNull()
  })

  it('contain the app, its tenant and the protocols of the settings', () => {
    const { azure_cli, powershell } = appOnly({
      clientId: CLIENT,
      homeTenant: 'contoso.com',
      protocols: ['graph_send'],
    })
    expect(azure_cli).toContain(`app_id='${CLIENT}'\n`)
    expect(powershell).toContain(`$appId = '${CLIENT}'\n`)
    expect(powershell).toContain("$tenant = 'contoso.com'\n")
    expect(powershell).toContain("$protocols = 'graph_send'\n")
  })

  it('never give the app both a permission to send and a role for a group', () => {
    const { powershell } = appOnly({ clientId: CLIENT })
    const refusals = powershell.indexOf('throw "The app sends under RBAC for Applications')
    expect(refusals).toBeGreaterThan(powershell.indexOf('throw "The app has the permission'))
    expect(refusals).toBeLessThan(powershell.indexOf('Update-MgApplication'))
    expect(refusals).toBeLessThan(powershell.indexOf('New-ManagementRoleAssignment'))
  })

  it.each([
    ['us_gov_high', 'O365USGovGCCHigh', 'USGov'],
    ['us_gov_dod', 'O365USGovDoD', 'USGovDoD'],
    ['china', 'O365China', 'China'],
  ] as const)('connect to the Exchange and Graph of %s', (cloud, exchange, graph) => {
    const { powershell } = appOnly({ cloud })
    expect(powershell).toContain(`$exchangeEnvironment = '${exchange}'\n`)
    expect(powershell).toContain(`$cloud = '${cloud}'\n`)
    expect(powershell).toContain(`${cloud} = '${graph}'`)
  })

  it('hard-code no permission id, since they look permissions up by name', () => {
    const { powershell, azure_cli } = appOnly({ clientId: CLIENT })
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

  it('quote settings so that they cannot become commands', () => {
    const { powershell, azure_cli } = appOnly({ homeTenant: "x'; rm -rf ~; '" })
    expect(powershell).toContain("$tenant = 'x''; rm -rf ~; '''")
    expect(azure_cli).toContain(`tenant='x'\\''; rm -rf ~; '\\'''`)
  })
})
