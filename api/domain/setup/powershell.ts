/**
 * The PowerShell script that registers the app with the Microsoft.Graph modules. As the Azure CLI's,
 * it prints the secret before any step that can still fail, and may be run again.
 */
import type { Cloud } from '../../../schema/mail-servers.ts'
import { GRAPH_APP_ID, MAIL_PERMISSIONS } from '../../entra/scopes.ts'
import { consentGrants, type Registration } from './app-registration.ts'

/** One literal string for PowerShell, to which typographic quotes are quotes as well. */
export const powershellQuote = (text: string) =>
  `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`

/** Names of Get-MgEnvironment. */
export const ENVIRONMENTS: Record<Cloud, string> = {
  global: 'Global',
  us_gov_high: 'USGov',
  us_gov_dod: 'USGovDoD',
  china: 'China',
}

export function powershellScript(registration: Registration): string {
  const { organisations } = registration
  return `#Requires -Modules Microsoft.Graph.Authentication, Microsoft.Graph.Applications${organisations ? ', Microsoft.Graph.Identity.SignIns' : ''}
# Registers the app at Microsoft Entra and prints what belongs into the Microsoft settings.
# Needs the modules above (Install-Module Microsoft.Graph) and an account that may register apps,
# such as one with the role Application Developer. It may be run again: an app of the same name gets
# these settings, its redirect URIs and the permissions that it declares are replaced (for access
# without a person run that script again afterwards), and one more client secret is made. An app that
# allows personal accounts can have two secrets; delete an old one when Entra refuses a third.
$ErrorActionPreference = 'Stop'

$appName = ${powershellQuote(registration.name)}
$redirectUris = @(
  ${registration.redirectUris.map(powershellQuote).join(',\n  ')}
)
# The directory (a GUID or a domain) to register the app in. Empty: the one you sign in to.
$homeTenant = ${powershellQuote(registration.home ?? '')}
${organisations ? CONSENT_SWITCH : ''}
$scopes = @('Application.ReadWrite.All')
${organisations ? "if ($grantConsent) { $scopes += 'DelegatedPermissionGrant.ReadWrite.All' }\n" : ''}$connection = @{ Environment = '${ENVIRONMENTS[registration.cloud]}'; Scopes = $scopes; NoWelcome = $true }
if ($homeTenant) { $connection.TenantId = $homeTenant }
Connect-MgGraph @connection

$registration = @{
  DisplayName = $appName
  SignInAudience = '${registration.audience}'
  Api = @{ RequestedAccessTokenVersion = 2 }
  Web = @{ RedirectUris = $redirectUris }
  RequiredResourceAccess = @(
    @{
      ResourceAppId = '${GRAPH_APP_ID}'
      ResourceAccess = @(
${MAIL_PERMISSIONS.map(({ name, id, type }) => `        @{ Id = '${id}'; Type = '${type}' } # ${name}`).join('\n')}
      )
    }
  )
}
$nameInFilter = $appName.Replace("'", "''")
$found = @(Get-MgApplication -Filter "displayName eq '$nameInFilter'")
if ($found.Count -gt 1) { throw "Several apps are named $appName. Change the name in this script." }
if ($found.Count -eq 1) {
  $app = $found[0]
  Update-MgApplication -ApplicationId $app.Id @registration
} else {
  $app = New-MgApplication @registration
}

$now = (Get-Date).ToUniversalTime()
$secret = Add-MgApplicationPassword -ApplicationId $app.Id -PasswordCredential @{
  DisplayName = 'mailgrant-' + $now.ToString('s')
  EndDateTime = $now.AddMonths(24)
}
$expires = $secret.EndDateTime.ToUniversalTime().ToString('s') + 'Z'

Write-Host ''
Write-Host 'Paste these into the Microsoft settings (PUT /v1/integrations/microsoft/settings):'
Write-Host ''
Write-Host "  Client ID      client_id                 $($app.AppId)"
Write-Host "  Client secret  credential.client_secret  $($secret.SecretText)"
Write-Host "  Expires        credential.expires_at     $expires"
${organisations ? PRINT_HOME : ''}Write-Host ''
Write-Host 'The secret cannot be shown again. Clear this screen once it is saved.'
${organisations ? PRINCIPAL_AND_CONSENT : ''}`
}

const CONSENT_SWITCH = `# $true: also consent for everybody in this directory. Needs a Cloud Application Administrator.
$grantConsent = $false
`

const PRINT_HOME = `Write-Host "  Home tenant    home_tenant               $((Get-MgContext).TenantId)"
`

// A grant names service principals by their object ids, not by their app ids.
const PRINCIPAL_AND_CONSENT = `
# The enterprise app, which holds the consent. A new app takes some seconds to be known everywhere.
$principal = Get-MgServicePrincipal -Filter "appId eq '$($app.AppId)'"
if (-not $principal) {
  try {
    $principal = New-MgServicePrincipal -AppId $app.AppId
  } catch {
    Start-Sleep -Seconds 20
    $principal = New-MgServicePrincipal -AppId $app.AppId
  }
}

if ($grantConsent) {
  $grants = @(
${consentGrants.map(({ api, scopes }) => `    @{ Api = '${api}'; Scope = '${scopes.join(' ')}' }`).join('\n')}
  )
  foreach ($grant in $grants) {
    $api = Get-MgServicePrincipal -Filter "appId eq '$($grant.Api)'"
    $filter = "clientId eq '$($principal.Id)' and resourceId eq '$($api.Id)' and consentType eq 'AllPrincipals'"
    $earlier = Get-MgOauth2PermissionGrant -Filter $filter
    if ($earlier) {
      Update-MgOauth2PermissionGrant -OAuth2PermissionGrantId $earlier.Id -Scope $grant.Scope
    } else {
      $body = @{
        clientId = $principal.Id
        consentType = 'AllPrincipals'
        resourceId = $api.Id
        scope = $grant.Scope
      }
      New-MgOauth2PermissionGrant -BodyParameter $body | Out-Null
    }
  }
  Write-Host 'Consent is given for everybody in this directory.'
}
`
