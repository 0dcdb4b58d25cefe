/**
 * PowerShell script that registers the app with the Microsoft.Graph modules. Like the one for the Azure
 * CLI, it adds the credential last, and a second run continues with the same app.
 */

import type { Cloud } from '../../../schema/mail-servers.ts'
import { GRAPH_APP_ID, MAIL_PERMISSIONS } from '../../entra/scopes.ts'
import { powershellQuote } from '../shell-quotes.ts'
import { consentGrants, type Registration, type SetupInput } from './app-registration.ts'
import {
  AUDIENCE_REFUSED,
  afterFederated,
  CREDENTIAL_KINDS,
  type CredentialChoice,
  type CredentialKind,
  otherWays,
  refusalsOf,
  WHO_CHANGES_POLICY,
} from './credential-choice.ts'

/** Names as in Get-MgEnvironment. */
export const GRAPH_ENVIRONMENTS: Record<Cloud, string> = {
  global: 'Global',
  us_gov_high: 'USGov',
  us_gov_dod: 'USGovDoD',
  china: 'China',
}

type Calls = Pick<SetupInput['calls'], 'saveSettings' | 'saveNextCredential' | 'verify'>

export function powershellScript(registration: Registration, calls: Calls): string {
  const { workAccounts, credential } = registration
  return `#Requires -Modules Microsoft.Graph.Authentication, Microsoft.Graph.Applications${workAccounts ? ', Microsoft.Graph.Identity.SignIns' : ''}
# Registers the app at Microsoft Entra and prints what to enter in the Microsoft settings.
# Requires the modules above (Install-Module Microsoft.Graph) and an account that may register apps,
# for example with the role Application Developer.
#
#   .\\setup.ps1 [-Credential federated|certificate|secret] [-LifetimeDays DAYS] [-CertificatePath FILE]
#
# -Credential: how the app proves its identity. Default: ${credential.preferred}. ${credential.reason}
#   federated    Entra trusts what Mailgrant signs: no secret, and nothing that expires.
#   certificate  Entra gets a certificate, by default the one that Mailgrant has generated.
#   secret       Entra makes a text to copy, which expires.
# -LifetimeDays: lifetime of the secret, 730 days by default. That of a certificate is chosen in the
#   Microsoft settings (lifetime_days), where Mailgrant makes it.
# -CertificatePath: PEM file with another certificate, whose private key you enter in Mailgrant.
#
# It is safe to run again: it continues with the app that it finds by its client ID or redirect URI, and
# adds what is missing. A client secret is added each time. An app that allows personal accounts can
# have two secrets: delete an old one if Entra refuses a third.
param(
  [ValidateSet('federated', 'certificate', 'secret')]
  [string]$Credential = '${credential.preferred}',
  [ValidateRange(1, 36500)]
  [int]$LifetimeDays = 730,
  [string]$CertificatePath = ''
)
$ErrorActionPreference = 'Stop'

$appName = ${powershellQuote(registration.name)}
# Client ID of the app. Empty: found by its redirect URI, or else registered.
$appId = ${powershellQuote(registration.clientId ?? '')}
$redirectUris = @(
  ${registration.redirectUris.map(powershellQuote).join(',\n  ')}
)
# Directory (GUID or domain) to register the app in. Empty: the one you sign in to.
$homeTenant = ${powershellQuote(registration.home ?? '')}
${workAccounts ? CONSENT_SWITCH : ''}
${checkCredential(credential)}
$scopes = @('Application.ReadWrite.All')
${workAccounts ? "if ($grantConsent) { $scopes += 'DelegatedPermissionGrant.ReadWrite.All' }\n" : ''}$connection = @{ Environment = '${GRAPH_ENVIRONMENTS[registration.cloud]}'; Scopes = $scopes; NoWelcome = $true }
if ($homeTenant) { $connection.TenantId = $homeTenant }
Connect-MgGraph @connection

# 1. The app with its redirect URIs and permissions.
if ($appId) {
  $app = Get-MgApplication -Filter "appId eq '$appId'"
  if (-not $app) { throw "This directory has no app with the client ID $appId." }
} else {
  $nameInFilter = $appName.Replace("'", "''")
  $named = @(Get-MgApplication -Filter "displayName eq '$nameInFilter'")
  $app = $named | Where-Object { $_.Web.RedirectUris -contains $redirectUris[0] } | Select-Object -First 1
  if ($named -and -not $app) {
    throw "The app $($named[0].AppId) has the same name, but other redirect URIs: it may belong to another deployment. To use it, enter its client ID as appId at the top of this script; to register another app, change appName."
  }
}
$permissions = @(
${MAIL_PERMISSIONS.map(({ name, id, type }) => `  @{ Id = '${id}'; Type = '${type}' } # ${name}`).join('\n')}
)
$access = @()
if ($app) {
  Write-Host "Continuing with the app $($app.AppId)."
  $redirectUris += @($app.Web.RedirectUris | Where-Object { $_ -notin $redirectUris })
  $access += @($app.RequiredResourceAccess | Where-Object ResourceAppId -ne '${GRAPH_APP_ID}')
  $permissions += @($app.RequiredResourceAccess | Where-Object ResourceAppId -eq '${GRAPH_APP_ID}' |
    ForEach-Object ResourceAccess | Where-Object Id -notin $permissions.Id)
}
$registration = @{
  DisplayName = $appName
  SignInAudience = '${registration.audience}'
  Api = @{ RequestedAccessTokenVersion = 2 }
  Web = @{ RedirectUris = $redirectUris }
  RequiredResourceAccess = $access + @{ ResourceAppId = '${GRAPH_APP_ID}'; ResourceAccess = $permissions }
}
${registration.appRoles.length === 0 ? '' : appRoles(registration.appRoles)}try {
  if ($app) {
    $registration.Remove('DisplayName')
    Update-MgApplication -ApplicationId $app.Id @registration
  } else {
    $app = New-MgApplication @registration
  }
} catch {
  if ("$($_.FullyQualifiedErrorId) $($_.Exception.Message)" -match ${powershellQuote(AUDIENCE_REFUSED.pattern)}) {
    Write-Warning ${powershellQuote(AUDIENCE_REFUSED.because)}
    Write-Warning ${powershellQuote(WHO_CHANGES_POLICY)}
  }
  throw
}
${workAccounts ? PRINCIPAL_AND_CONSENT : ''}
# ${workAccounts ? 3 : 2}. The credential, last: a policy may refuse it.
$now = (Get-Date).ToUniversalTime()
$credentialName = 'mailgrant-' + $now.ToString('yyyyMMddTHHmmssZ')
try {
  switch ($Credential) {
${CREDENTIAL_KINDS.flatMap((kind) => addCredential[kind](credential) ?? []).join('\n')}
  }
} catch {
  Deny $_
}

Write-Host ''
Write-Host ${powershellQuote(`Enter these values in the Microsoft settings (${calls.saveSettings}):`)}
Write-Host ''
Write-Host "  Client ID      client_id                 $($app.AppId)"
if ($Credential -eq 'secret') {
  Write-Host "  Client secret  credential.client_secret  $($secret.SecretText)"
  Write-Host "  Expires        credential.expires_at     $($secret.EndDateTime.ToUniversalTime().ToString('s') + 'Z')"
} else {
  Write-Host "  Credential     credential.type           $Credential"
}
${workAccounts ? PRINT_HOME : ''}Write-Host ''
if ($Credential -eq 'certificate' -and -not $CertificatePath) {
  Write-Host 'Mailgrant has its private key already: enter no other credential. Promote it if it is the next one.'
} else {
  switch ($Credential) {
    'federated' { Write-Host ${powershellQuote(afterFederated(registration))} }
    'certificate' { Write-Host 'Enter its private key, too (credential.private_key, credential.certificate).' }
    'secret' { Write-Host 'The secret cannot be shown again. Clear this screen after saving it.' }
  }
  Write-Host ${powershellQuote(`If the settings have another credential, enter this one as the next (${calls.saveNextCredential}).`)}
}
Write-Host ${powershellQuote(`Then verify it (${calls.verify}).`)}
${workAccounts ? WITHOUT_CONSENT : ''}`
}

/** Adds the roles of people in the console beside those that the app has, which Entra would delete. */
const appRoles = (
  roles: Registration['appRoles'],
) => `# Roles of people who sign in to the console of Mailgrant.
$roles = @(
${roles
  .map(
    ({ id, value, name, description }) => `  @{
    Id = '${id}'
    Value = ${powershellQuote(value)}
    DisplayName = ${powershellQuote(name)}
    Description = ${powershellQuote(description)}
    AllowedMemberTypes = @('User')
    IsEnabled = $true
  }`,
  )
  .join('\n')}
)
$present = @($app.AppRoles | Where-Object { $_ })
$registration.AppRoles = $present + @($roles | Where-Object { $_.Value -notin $present.Value })
`

/** Checks the parameters before anything is done, and defines what is said when Entra refuses. */
function checkCredential(choice: CredentialChoice): string {
  const { federation, certificate } = choice
  const unreachable =
    federation === null
      ? `if ($Credential -eq 'federated') { throw ${powershellQuote(`${choice.reason} Choose -Credential certificate or -Credential secret.`)} }\n`
      : ''
  return `if ($CertificatePath) { $Credential = 'certificate' }
${unreachable}if ($Credential -ne 'secret' -and $PSBoundParameters.ContainsKey('LifetimeDays')) {
  throw '-LifetimeDays is for -Credential secret. A federated credential does not expire, and the lifetime of a certificate is chosen where it is made, in the Microsoft settings (lifetime_days).'
}
$certificate = ${powershellQuote(certificate ?? '')}
if ($CertificatePath) {
  $pem = Get-Content -Path $CertificatePath -Raw
  $found = [regex]::Match($pem, '(?s)-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----')
  if (-not $found.Success) { throw "There is no certificate in PEM in $CertificatePath." }
  $certificate = $found.Groups[1].Value -replace '\\s'
}
if ($Credential -eq 'certificate' -and -not $certificate) {
  throw 'Mailgrant has not generated a certificate. Do that in the Microsoft settings and take this script from the setup guide again, or give a PEM file with one: -CertificatePath FILE.'
}

# Explains why Entra refused the credential, and how to go on.
function Deny($failure) {
  $text = "$($failure.FullyQualifiedErrorId) $($failure.Exception.Message) $($failure.ErrorDetails.Message)"
  $because = $null
  switch ($Credential) {
${CREDENTIAL_KINDS.map((kind) => refusedCase(kind, choice)).join('\n')}
  }
  Write-Warning $failure.Exception.Message
  if ($because) {
    Write-Warning $because
    Write-Warning ${powershellQuote(WHO_CHANGES_POLICY)}
  }
  Write-Host "Everything else is done. The client ID is $($app.AppId); only a credential is missing."
  Write-Host 'To use another one, run this script again, which continues with the same app:'
  $ways | ForEach-Object { Write-Host "  $_" }
  throw 'Entra refused the credential.'
}
`
}

const option = (kind: CredentialKind) =>
  kind === 'secret' ? '-Credential secret -LifetimeDays 180' : `-Credential ${kind}`

function refusedCase(kind: CredentialKind, choice: CredentialChoice): string {
  const reasons = refusalsOf(kind, '-LifetimeDays 90').map(
    ({ pattern, because }, index) =>
      `      ${index === 0 ? 'if' : 'elseif'} ($text -match ${powershellQuote(pattern)}) {
        $because = ${powershellQuote(because)}
      }`,
  )
  return `    '${kind}' {
      $ways = @(
        ${otherWays(kind, choice, option).map(powershellQuote).join(',\n        ')}
      )
${reasons.join('\n')}
    }`
}

/** Adds the credential beside existing ones. Null where this way does not work. */
const addCredential: Record<CredentialKind, (choice: CredentialChoice) => string | null> = {
  federated: ({ federation }) =>
    federation &&
    `    'federated' {
      $issuer = ${powershellQuote(federation.issuer)}
      $subject = ${powershellQuote(federation.subject)}
      $trusted = Get-MgApplicationFederatedIdentityCredential -ApplicationId $app.Id -All |
        Where-Object { $_.Issuer -ceq $issuer -and $_.Subject -ceq $subject }
      if (-not $trusted) {
        New-MgApplicationFederatedIdentityCredential -ApplicationId $app.Id -BodyParameter @{
          name = $credentialName
          issuer = $issuer
          subject = $subject
          audiences = @(${powershellQuote(federation.audience)})
        } | Out-Null
      }
    }`,
  certificate: () => `    'certificate' {
      # Named by its last characters, a part of the signature.
      $credentialName = 'mailgrant-' + $certificate.Substring($certificate.Length - 12)
      if ($app.KeyCredentials.DisplayName -notcontains $credentialName) {
        # Without the existing ones, they would be deleted.
        $keys = @($app.KeyCredentials | Where-Object { $_ }) + @{
          Type = 'AsymmetricX509Cert'
          Usage = 'Verify'
          DisplayName = $credentialName
          Key = [Convert]::FromBase64String($certificate)
        }
        Update-MgApplication -ApplicationId $app.Id -KeyCredentials $keys
      }
    }`,
  secret: () => `    'secret' {
      $secret = Add-MgApplicationPassword -ApplicationId $app.Id -PasswordCredential @{
        DisplayName = $credentialName
        EndDateTime = $now.AddDays($LifetimeDays)
      }
    }`,
}

const CONSENT_SWITCH = `# $true: also consent for all users of this directory. Requires a Cloud Application Administrator.
$grantConsent = $false
`

const PRINT_HOME = `Write-Host "  Home tenant    home_tenant               $((Get-MgContext).TenantId)"
`

// A grant refers to service principals by object ID, not by app ID.
const PRINCIPAL_AND_CONSENT = `
# 2. The enterprise application, which holds the consent. A new app takes a few seconds to be available.
$principal = Get-MgServicePrincipal -Filter "appId eq '$($app.AppId)'"
if (-not $principal) {
  try {
    $principal = New-MgServicePrincipal -AppId $app.AppId
  } catch {
    Start-Sleep -Seconds 20
    $principal = New-MgServicePrincipal -AppId $app.AppId
  }
}

$consentFailed = $false
if ($grantConsent) {
  $grants = @(
${consentGrants.map(({ api, scopes }) => `    @{ Api = '${api}'; Scope = '${scopes.join(' ')}' }`).join('\n')}
  )
  try {
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
  } catch {
    Write-Warning $_.Exception.Message
    $consentFailed = $true
  }
}
`

const WITHOUT_CONSENT = `if ($consentFailed) {
  throw 'Consent could not be granted: that takes a Cloud Application Administrator. Have one run this script again, or send one an admin-consent link from Mailgrant.'
}
`
