import { describe, expect, it } from 'vitest'
import { APP_ROLES } from '../../../../../api/domain/app/console-roles.ts'
import { clouds } from '../../../../../api/entra/clouds.ts'
import { declaredPermissions } from '../../../../../api/entra/scopes.ts'
import { SETUP_CALLS } from '../../../../../api/paths.ts'
import { Cloud } from '../../../../../schema/mail-servers.ts'
import { SetupGuide } from '../../../../../schema/setup-guide.ts'
import { assumptions } from '../../../../acceptance/assumptions.ts'
import {
  ADMIN_REDIRECT,
  CONSOLE_REDIRECT,
  FEDERATION,
  guideFor,
  REDIRECT,
  readScript,
} from '../../../../setup-guide.ts'

const CERTIFICATE = {
  certificate: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----',
}
const CLIENT = '6f1b1e1a-3a0b-4f0e-9a39-3b8f4a2f9c11'

const valuesOf = (guide: SetupGuide) =>
  guide.steps.flatMap(({ values, alternatives = [] }) => [
    ...values,
    ...alternatives.flatMap((way) => way.values),
  ])
const find = (guide: SetupGuide, label: string) =>
  valuesOf(guide).find((value) => value.label === label)?.value
const titlesOf = (guide: SetupGuide) => guide.steps.map(({ title }) => title)
const credentialStepOf = (guide: SetupGuide) =>
  guide.steps.find(({ alternatives }) => alternatives !== undefined)

/** Returns the values that the guide fills into a script, by their names in PowerShell. */
const valuesIn = (script: string) =>
  Object.fromEntries(
    [...script.matchAll(/^(?:(\w+)=|\$(\w+) = )'([^'\n]*)'$/gm)].map(([, bash, name, value]) => [
      name ?? bash?.replace(/_./g, (part) => part.slice(1).toUpperCase()),
      value,
    ]),
  )

describe('the setup guide', () => {
  it.each(Cloud.options)('fits the wire contract and opens the portal of %s', (cloud) => {
    const guide = guideFor({ cloud })
    expect(SetupGuide.parse(guide)).toEqual(guide)
    for (const { url } of guide.steps.slice(0, -1)) {
      expect(new URL(url ?? '').origin).toBe(clouds[cloud].portal)
    }
    expect(guide.steps.at(-1)?.url).toBeNull()
  })

  it('reports the three redirect URIs, for the platform Web', () => {
    const guide = guideFor()
    expect(find(guide, 'Redirect URI')).toBe(REDIRECT)
    expect(find(guide, 'Redirect URI for admin consent')).toBe(ADMIN_REDIRECT)
    expect(find(guide, 'Redirect URI for the console')).toBe(CONSOLE_REDIRECT)
    expect(find(guide, 'Platform')).toBe('Web')
  })

  it('says that a personal account needs a directory, where personal accounts may sign in', () => {
    const registers = ({ steps: [first] }: SetupGuide) => first?.text
    const note = 'signing up for Azure creates one'
    expect(registers(guideFor({ tenant: 'common' }))).toContain(note)
    expect(registers(guideFor({ tenant: 'consumers' }))).toContain(note)
    expect(registers(guideFor({ tenant: 'organizations' }))).not.toContain(note)
    expect(registers(guideFor({ homeTenant: 'contoso.com' }))).not.toContain(note)
  })

  it.each([
    [['imap', 'smtp'], 'IMAP.AccessAsUser.All SMTP.Send', 'offline_access openid profile'],
    [['graph_send'], '', 'Mail.Send offline_access openid profile'],
    [['imap', 'graph_send'], 'IMAP.AccessAsUser.All', 'Mail.Send offline_access openid profile'],
  ] as const)(
    'reports the permissions of %j and no others, as delegated permissions of Microsoft Graph',
    (protocols, exchangeScopes, graphScopes) => {
      const guide = guideFor({ protocols })
      expect(find(guide, 'API')).toBe('Microsoft Graph')
      expect(find(guide, 'Type')).toBe('Delegated permissions')
      const permissions = declaredPermissions(protocols)
      const step = guide.steps.find(({ title }) => title === 'Add the API permissions')
      expect(step?.values.slice(2)).toEqual(
        permissions.map(({ name, id }) => ({ label: `Permission ${id}`, value: name })),
      )
      const permissionIds = permissions.map(({ id }) => id).join(' ')
      for (const script of Object.values(guide.scripts)) {
        expect(valuesIn(script)).toMatchObject({ permissionIds, exchangeScopes, graphScopes })
      }
      const reads = (protocols as readonly string[]).includes('imap')
      const consent = guide.steps.find(({ title }) => title === 'Grant admin consent')?.text
      expect(consent?.includes('cannot consent to IMAP access')).toBe(reads)
    },
  )

  it.each([
    ['common', null, 'Any Entra ID Tenant + Personal Microsoft accounts'],
    ['organizations', null, 'Multiple Entra ID tenants'],
    ['consumers', null, 'Personal accounts only'],
    ['contoso.com', null, 'Single tenant only'],
    ['contoso.com', 'contoso.com', 'Single tenant only'],
    ['contoso.com', 'vendor.example', 'Multiple Entra ID tenants'],
    ['organizations', 'vendor.example', 'Multiple Entra ID tenants'],
  ])('chooses the account types for tenant %s and home tenant %s', (tenant, homeTenant, label) => {
    expect(find(guideFor({ tenant, homeTenant }), 'Supported account types')).toBe(label)
  })

  it.each(Cloud.options.filter((cloud) => cloud !== 'global'))(
    'never offers personal accounts in %s, which has none',
    (cloud) => {
      for (const tenant of ['common', 'consumers']) {
        const guide = guideFor({ cloud, tenant })
        expect(find(guide, 'Supported account types')).toBe('Multiple Entra ID tenants')
        for (const script of Object.values(guide.scripts)) {
          expect(valuesIn(script).audience).toBe('AzureADMultipleOrgs')
        }
      }
    },
  )

  it('omits admin consent when only personal accounts may sign in', () => {
    const guide = guideFor({ tenant: 'consumers' })
    expect(titlesOf(guide)).not.toContain('Grant admin consent')
    expect(titlesOf(guideFor())).toContain('Grant admin consent')
  })

  it('fills the same values into both scripts', () => {
    const settings = {
      ...{ clientId: CLIENT, tenant: 'organizations', homeTenant: 'contoso.com' },
      credential: CERTIFICATE,
    }
    const { scripts } = guideFor(settings, { federation: FEDERATION })
    for (const script of Object.values(scripts)) {
      expect(valuesIn(script)).toMatchObject({
        ...{
          appName: 'Mailgrant',
          appId: CLIENT,
          cloud: 'global',
          audience: 'AzureADMultipleOrgs',
        },
        redirectUri: REDIRECT,
        adminConsentRedirectUri: ADMIN_REDIRECT,
        consoleRedirectUri: CONSOLE_REDIRECT,
        homeTenant: 'contoso.com',
        issuer: FEDERATION.issuer,
        subject: FEDERATION.subject,
        tokenAudience: FEDERATION.audience,
        certificate: 'MIIB',
      })
    }
  })

  it.each(['setup.sh', 'setup.ps1'])('shows the calls of the API in %s', (name) => {
    const { saveSettings, saveNextCredential, verify } = SETUP_CALLS
    for (const call of [saveSettings, saveNextCredential, verify]) {
      expect(readScript(name)).toContain(`(${call})`)
    }
  })

  it('mentions other organisations only when they may sign in', () => {
    const consent = (tenant: string) =>
      guideFor({ tenant }).steps.find(({ title }) => title === 'Grant admin consent')?.text
    expect(consent('common')).toContain('every other organisation')
    expect(consent('contoso.com')).not.toContain('every other organisation')
  })

  it('continues with the stored app registration instead of creating another', () => {
    const guide = guideFor({ clientId: CLIENT })
    expect(titlesOf(guide)).not.toContain('Register an app')
    expect(find(guide, 'Application (client) ID')).toBe(CLIENT)
    for (const { url } of guide.steps.slice(0, -1)) expect(url).toContain(CLIENT)
  })

  it('distinguishes the secret from its ID and says where to paste it', () => {
    const guide = guideFor()
    const secret = credentialStepOf(guide)?.alternatives?.find(
      ({ title }) => title === 'Client secret',
    )
    expect(secret?.text).toContain('The column "Secret ID" is not the secret')
    expect(find(guide, 'Save')).toBe('PUT /v1/integrations/microsoft/settings')
    expect(guide.steps.at(-1)?.text).toContain('credential.client_secret')
  })

  it('gives the values of a federated credential where Entra can reach Mailgrant', () => {
    const guide = guideFor({}, { federation: FEDERATION })
    expect(find(guide, 'Federated credential scenario')).toBe('Other issuer')
    expect(find(guide, 'Issuer')).toBe(FEDERATION.issuer)
    expect(find(guide, 'Value (subject identifier)')).toBe(FEDERATION.subject)
    expect(find(guide, 'Audience')).toBe(FEDERATION.audience)
    expect(guide.steps.at(-1)?.text).toContain('federated, certificate or client_secret')
  })

  it.each([
    ['organizations', FEDERATION, null, 'federated'],
    ['contoso.com', FEDERATION, CERTIFICATE, 'federated'],
    ['common', FEDERATION, null, 'certificate'],
    ['consumers', FEDERATION, null, 'certificate'],
    ['common', null, null, 'client_secret'],
    ['contoso.com', null, null, 'client_secret'],
    ['contoso.com', null, CERTIFICATE, 'certificate'],
  ] as const)(
    'recommends the credential that fits best, in its scripts, too: %s',
    (tenant, federation, nextCredential, credential) => {
      const guide = guideFor({ tenant, nextCredential }, { federation })
      expect(guide.credential).toBe(credential)
      const defaultCredential = credential.replace('client_', '')
      for (const script of Object.values(guide.scripts)) {
        expect(valuesIn(script)).toMatchObject({ defaultCredential })
      }
      const untried = JSON.stringify(guide.steps).includes('accepts one for personal accounts')
      expect(untried).toBe(federation !== null && credential === 'certificate')
    },
  )

  it('recommends no federated credential for personal accounts until that is verified', () => {
    const { source } = assumptions['federated-for-personal'] ?? {}
    const { credential } = guideFor({ tenant: 'common' }, { federation: FEDERATION })
    expect(credential === 'federated').toBe(source?.standing === 'verified')
  })

  it('says why there is no federated credential on a private host', () => {
    const guide = guideFor()
    const choice = credentialStepOf(guide)
    expect(choice?.alternatives?.map(({ title }) => title)).toEqual([
      'Client secret',
      'Certificate',
    ])
    expect(choice?.text).toContain('needs a PUBLIC_URL with https')
    expect(choice?.text).toContain('The client secret is recommended here')
  })

  it('registers in the home tenant, or else in the only tenant', () => {
    for (const settings of [{ homeTenant: 'vendor.example' }, { tenant: 'vendor.example' }]) {
      const guide = guideFor(settings)
      expect(guide.steps[0]?.text).toContain('In the directory vendor.example')
      expect(find(guide, 'home_tenant')).toBe('vendor.example')
      for (const script of Object.values(guide.scripts)) {
        expect(valuesIn(script).homeTenant).toBe('vendor.example')
      }
    }
    expect(valuesIn(guideFor().scripts.azure_cli).homeTenant).toBe('')
  })

  it.each([
    ['http://127.0.0.1:8787', 'Manifest'],
    ['http://mail.example.com', 'only https'],
  ])('warns of a redirect URI that the portal does not accept: %s', (origin, warning) => {
    const text = (redirectUri: string) => guideFor({}, { redirectUri }).steps[1]?.text
    expect(text(`${origin}/oauth/microsoft/callback`)).toContain(warning)
    expect(text('http://localhost:8787/oauth/microsoft/callback')).not.toContain(warning)
    expect(text(REDIRECT)).not.toContain(warning)
  })
})

describe('the PowerShell script', () => {
  it.each([
    ['global', 'Global'],
    ['us_gov_high', 'USGov'],
    ['us_gov_dod', 'USGovDoD'],
    ['china', 'China'],
  ] as const)('connects to the environment of %s', (cloud, environment) => {
    const { powershell } = guideFor({ cloud }).scripts
    expect(powershell).toContain(`$cloud = '${cloud}'\n`)
    expect(powershell).toContain(`${cloud} = '${environment}'`)
  })

  it('asks for version 2 tokens', () => {
    expect(readScript('setup.ps1')).toContain('RequestedAccessTokenVersion = 2')
  })

  it.each(APP_ROLES)('adds the app role $value of the console', (role) => {
    expect(readScript('setup.ps1')).toContain(`
    Id = '${role.id}'
    Value = '${role.value}'
    DisplayName = '${role.name}'
    Description = '${role.description}'
`)
  })

  it('doubles every character that PowerShell treats as a quote', () => {
    const appName = `O'Brien \u2018typographic\u2019 \u201alow\u201b $(Remove-Item x)`
    expect(guideFor({}, { appName }).scripts.powershell).toContain(
      `$appName = 'O''Brien \u2018\u2018typographic\u2019\u2019 \u201a\u201alow\u201b\u201b $(Remove-Item x)'`,
    )
  })

  it('adds the credential last, whichever it is', () => {
    const { powershell } = guideFor({}, { federation: FEDERATION }).scripts
    const places = [
      '$app = New-MgApplication @registration',
      '$principal = New-MgServicePrincipal',
      'New-MgOauth2PermissionGrant -BodyParameter',
      'New-MgApplicationFederatedIdentityCredential -ApplicationId',
      'Update-MgApplication -ApplicationId $app.Id -KeyCredentials',
      '$secret = Add-MgApplicationPassword',
    ].map((command) => powershell.indexOf(command))
    expect(places).toEqual(places.toSorted((a, b) => a - b))
    expect(places[0]).toBeGreaterThan(0)
  })

  it.each([
    ['CredentialTypeNotAllowed', 'does not allow $kind.'],
    ['CredentialInvalidLifetime', '-LifetimeDays 90'],
    ['SignInAudienceNotAllowed', 'Enter your own directory as the tenant'],
    ['AsPerAppPolicy', 'federated credentials of this issuer'],
  ])('recognises the refusal of a policy by its code: %s', (code, explanation) => {
    const { powershell } = guideFor().scripts
    const lines = powershell.split('\n')
    const at = lines.findIndex((line) => line.includes('-match') && line.includes(code))
    expect(at).toBeGreaterThan(0)
    expect(powershell).toContain(explanation)
  })

  it('grants no admin consent by default', () => {
    expect(guideFor().scripts.powershell).toContain('$grantConsent = $false\n')
  })
})
