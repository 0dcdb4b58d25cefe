/**
 * PowerShell script that registers the app with the Microsoft.Graph modules. Like the one for the Azure
 * CLI, it prints the secret before any later step can fail, and is safe to run again.
 */
import type { Cloud } from '../../../schema/mail-servers.ts'
import { GRAPH_APP_ID, MAIL_PERMISSIONS } from '../../entra/scopes.ts'
import { consentGrants, type Registration } from './app-registration.ts'

/** Quotes a text as a literal string of PowerShell, which treats typographic quotes as quotes too. */
export const powershellQuote = (text: string) =>
  `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`

/** Names as in Get-MgEnvironment. */
export const GRAPH_ENVIRONMENTS: Record<Cloud, string> = {
  global: 'Global',
  us_gov_high: 'USGov',
  us_gov_dod: 'USGovDoD',
  china: 'China',
}

/** `saveSettings`: API call that stores the printed values. */
export function powershellScript(registration: Registration, saveSettings: string): string {
  const { workAccounts } = registration
  return `#Requires -Modules Microsoft.Graph.Authentication, Microsoft.Graph.Applications${workAccounts ? ', Microsoft.Graph.Identity.SignIns' : ''}
# Registers the app at Microsoft Entra and prints the values for the Microsoft settings.
# Requires the modules above (Install-Module Microsoft.Graph) and an account that may register apps,
# for example with the role Application Developer.
# It is safe to run again: it updates an app of the same name, replaces its redirect URIs and declared
# permissions, and adds a client secret. For app-only access, run the script for app-only access again
# afterwards. An app that allows personal accounts can have two secrets: delete an old one if Entra
# refuses a third.
$ErrorActionPreference = 'Stop'

$appName = ${powershellQuote(registration.name)}
$redirectUris = @(
  ${registration.redirectUris.map(powershellQuote).join(',\n  ')}
)
# Directory (GUID or domain) to register the app in. Empty: the one you sign in to.
$homeTenant = ${powershellQuote(registration.home ?? '')}
${workAccounts ? CONSENT_SWITCH : ''}
$scopes = @('Application.ReadWrite.All')
${workAccounts ? "if ($grantConsent) { $scopes += 'DelegatedPermissionGrant.ReadWrite.All' }\n" : ''}$connection = @{ Environment = '${GRAPH_ENVIRONMENTS[registration.cloud]}'; Scopes = $scopes; NoWelcome = $true }
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
Write-Host ${powershellQuote(`Enter these values in the Microsoft settings (${saveSettings}):`)}
Write-Host ''
Write-Host "  Client ID      client_id                 $($app.AppId)"
Write-Host "  Client secret  credential.client_secret  $($secret.SecretText)"
Write-Host "  Expires        credential.expires_at     $expires"
${workAccounts ? PRINT_HOME : ''}Write-Host ''
Write-Host 'The secret cannot be shown again. Clear this screen after saving it.'
${workAccounts ? PRINCIPAL_AND_CONSENT : ''}`
}

const CONSENT_SWITCH = `# $true: also consent for all users of this directory. Requires a Cloud Application Administrator.
$grantConsent = $false
`

const PRINT_HOME = `Write-Host "  Home tenant    home_tenant               $((Get-MgContext).TenantId)"
`

// A grant refers to service principals by object ID, not by app ID.
const PRINCIPAL_AND_CONSENT = `
# Enterprise application, which holds the consent. A new app takes a few seconds to be available.
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
    $existing = Get-MgOauth2PermissionGrant -Filter $filter
    if ($existing) {
      Update-MgOauth2PermissionGrant -OAuth2PermissionGrantId $existing.Id -Scope $grant.Scope
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
  Write-Host 'Consent has been granted for all users of this directory.'
}
`
