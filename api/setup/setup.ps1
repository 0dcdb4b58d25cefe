#Requires -Modules Microsoft.Graph.Authentication, Microsoft.Graph.Applications, Microsoft.Graph.Identity.SignIns
# Registers the app at Microsoft Entra and prints what to enter in the Microsoft settings.
# Requires the modules above (Install-Module Microsoft.Graph) and an account that may register apps,
# for example with the role Application Developer.
#
#   .\setup.ps1 [-Credential federated|certificate|secret] [-LifetimeDays DAYS]
#
# -Credential: how the app proves its identity. The default is the one that fits your deployment best.
#   federated    Entra trusts what Mailgrant signs: no secret, and nothing that expires. Entra must be
#                able to reach Mailgrant at a PUBLIC_URL with https. Microsoft does not say whether it
#                accepts one for personal accounts.
#   certificate  Entra gets the certificate that Mailgrant has generated.
#   secret       Entra makes a text to copy, which expires.
# -LifetimeDays: lifetime of the secret, 730 days by default. That of a certificate is chosen in the
#   Microsoft settings (lifetime_days), where Mailgrant makes it.
#
# It is safe to run again: it continues with the app that it finds by its client ID or redirect URI, and
# adds what is missing. A client secret is added each time. An app that allows personal accounts can
# have two secrets: delete an old one if Entra refuses a third.
param(
  [ValidateSet('federated', 'certificate', 'secret')]
  [string]$Credential,
  [ValidateRange(1, 36500)]
  [int]$LifetimeDays = 730
)
$ErrorActionPreference = 'Stop'

# Values of your deployment, which the setup guide fills in.
$appName = ''
# Client ID of the app. Empty: found by its redirect URI, or else registered.
$appId = ''
# global, us_gov_high, us_gov_dod or china.
$cloud = ''
# AzureADMyOrg, AzureADMultipleOrgs, AzureADandPersonalMicrosoftAccount or PersonalMicrosoftAccount.
$audience = ''
$redirectUri = ''
$adminConsentRedirectUri = ''
$consoleRedirectUri = ''
# Directory (GUID or domain) to register the app in. Empty: the one you sign in to.
$homeTenant = ''
# Identity that a federated credential trusts. Empty if Entra cannot reach Mailgrant.
$issuer = ''
$subject = ''
$tokenAudience = ''
# Certificate that Mailgrant has generated, base64 of its DER. Empty if there is none.
$certificate = ''
# Credential without the parameter -Credential: federated, certificate or secret.
$defaultCredential = ''
# Delegated permissions that the app declares, all under Microsoft Graph, by ID.
$permissionIds = ''
# What sign-ins for the person's own mailbox request of them: at Exchange Online, and at Microsoft Graph.
$exchangeScopes = ''
$graphScopes = ''

# $true: also consent for all users of this directory. Requires a Cloud Application Administrator.
$grantConsent = $false

if (-not $appName) { throw 'Take this script from the setup guide in Mailgrant, which fills in its values.' }

# Names of the clouds as in Get-MgEnvironment.
$environments = @{ global = 'Global'; us_gov_high = 'USGov'; us_gov_dod = 'USGovDoD'; china = 'China' }
$graphAppId = '00000003-0000-0000-c000-000000000000'
$exchangeAppId = '00000002-0000-0ff1-ce00-000000000000'
$permissions = @($permissionIds -split ' ' | ForEach-Object { @{ Id = $_; Type = 'Scope' } })
# Roles of people who sign in to Mailgrant's console.
$roles = @(
  @{
    Id = '6d1c6f0e-52a4-4b0e-9b8e-0a6f6c1f1a01'
    Value = 'Mailgrant.Viewer'
    DisplayName = 'Mailgrant viewer'
    Description = 'Sees mailboxes and their state in the Mailgrant console'
    AllowedMemberTypes = @('User')
    IsEnabled = $true
  }
  @{
    Id = '6d1c6f0e-52a4-4b0e-9b8e-0a6f6c1f1a02'
    Value = 'Mailgrant.Operator'
    DisplayName = 'Mailgrant operator'
    Description = 'Connects and changes mailboxes in the Mailgrant console'
    AllowedMemberTypes = @('User')
    IsEnabled = $true
  }
  @{
    Id = '6d1c6f0e-52a4-4b0e-9b8e-0a6f6c1f1a03'
    Value = 'Mailgrant.Admin'
    DisplayName = 'Mailgrant administrator'
    Description = 'Does everything in the Mailgrant console except fetching access tokens'
    AllowedMemberTypes = @('User')
    IsEnabled = $true
  }
)

if (-not $Credential) { $Credential = $defaultCredential }
if ($Credential -eq 'federated' -and -not $issuer) {
  throw 'A federated credential needs a PUBLIC_URL with https that the internet can reach. Choose -Credential certificate or -Credential secret.'
}
if ($Credential -ne 'secret' -and $PSBoundParameters.ContainsKey('LifetimeDays')) {
  throw '-LifetimeDays is for -Credential secret. A federated credential does not expire, and the lifetime of a certificate is chosen where it is made, in the Microsoft settings (lifetime_days).'
}
if ($Credential -eq 'certificate' -and -not $certificate) {
  throw 'Mailgrant has not generated a certificate. Do that in the Microsoft settings and take this script from the setup guide again. Or choose -Credential secret.'
}

$policy = 'An app management policy of your organisation'
$exemption = 'A Security Administrator can change the policy or exempt this app: Entra admin center > Enterprise apps > Application policies.'

# Explains why Entra refused the credential, and how to go on
# (https://learn.microsoft.com/graph/api/resources/applicationauthenticationmethodpolicy).
function Deny($failure) {
  $text = "$($failure.FullyQualifiedErrorId) $($failure.Exception.Message) $($failure.ErrorDetails.Message)"
  $refused = 'this credential'
  switch ($Credential) {
    'federated' {
      $kind = 'federated credentials'
      $refused = 'federated credentials of this issuer'
    }
    'certificate' {
      $kind = 'certificates'
      $shorter = 'Have Mailgrant generate one with fewer days in the Microsoft settings (lifetime_days) and take this script from the setup guide again, or give a PEM file with one.'
    }
    'secret' {
      $kind = 'client secrets'
      $shorter = 'Run this script again with fewer days, for example -LifetimeDays 90.'
    }
  }
  $because = $null
  if ($text -match 'Credential type not allowed|CredentialTypeNotAllowed') {
    $because = "$policy does not allow $kind."
  } elseif ($text -match 'Credential lifetime exceeds|CredentialInvalidLifetime') {
    $because = "$policy allows $kind only for a shorter time. $shorter"
  } elseif ($text -match 'as per assigned policy|AsPerAppPolicy') {
    $because = "$policy does not allow $refused."
  }
  Write-Warning $failure.Exception.Message
  if ($because) {
    Write-Warning $because
    Write-Warning $exemption
  }
  Write-Host "Everything else is done. The client ID is $($app.AppId); only a credential is missing."
  Write-Host 'To use another one, run this script again, which continues with the same app:'
  if ($Credential -ne 'federated' -and $issuer) {
    Write-Host '  -Credential federated: no secret, and nothing that expires'
  }
  if ($Credential -ne 'certificate' -and $certificate) {
    Write-Host '  -Credential certificate: uploads the certificate that Mailgrant has generated'
  } elseif ($Credential -ne 'certificate') {
    Write-Host '  -Credential certificate: first have Mailgrant generate a certificate, and take this script from the setup guide again'
  }
  if ($Credential -ne 'secret') {
    Write-Host '  -Credential secret -LifetimeDays 180: a text to copy, which expires after that time'
  }
  throw 'Entra refused the credential.'
}

$scopes = @('Application.ReadWrite.All')
if ($grantConsent) { $scopes += 'DelegatedPermissionGrant.ReadWrite.All' }
$connection = @{ Environment = $environments[$cloud]; Scopes = $scopes; NoWelcome = $true }
if ($homeTenant) { $connection.TenantId = $homeTenant }
Connect-MgGraph @connection

# 1. The app with its redirect URIs and permissions.
if ($appId) {
  $app = Get-MgApplication -Filter "appId eq '$appId'"
  if (-not $app) { throw "This directory has no app with the client ID $appId." }
} else {
  $nameInFilter = $appName.Replace("'", "''")
  $named = @(Get-MgApplication -Filter "displayName eq '$nameInFilter'")
  $app = $named | Where-Object { $_.Web.RedirectUris -contains $redirectUri } | Select-Object -First 1
  if ($named -and -not $app) {
    throw "The app $($named[0].AppId) has the same name, but other redirect URIs: it may belong to another deployment. To use it, enter its client ID as appId at the top of this script; to register another app, change appName."
  }
}
$redirectUris = @($redirectUri, $adminConsentRedirectUri, $consoleRedirectUri)
$access = @()
if ($app) {
  Write-Host "Continuing with the app $($app.AppId)."
  $redirectUris += @($app.Web.RedirectUris | Where-Object { $_ -notin $redirectUris })
  $access += @($app.RequiredResourceAccess | Where-Object ResourceAppId -ne $graphAppId)
  $permissions += @($app.RequiredResourceAccess | Where-Object ResourceAppId -eq $graphAppId |
    ForEach-Object ResourceAccess | Where-Object Id -notin $permissions.Id)
}
$registration = @{
  DisplayName = $appName
  SignInAudience = $audience
  Api = @{ RequestedAccessTokenVersion = 2 }
  Web = @{ RedirectUris = $redirectUris }
  RequiredResourceAccess = $access + @{ ResourceAppId = $graphAppId; ResourceAccess = $permissions }
}
# An app that allows personal accounts has no roles. Without the existing ones, they would be deleted.
if ($audience -notlike '*Personal*') {
  $present = @($app.AppRoles | Where-Object { $_ })
  $registration.AppRoles = $present + @($roles | Where-Object { $_.Value -notin $present.Value })
}
try {
  if ($app) {
    $registration.Remove('DisplayName')
    Update-MgApplication -ApplicationId $app.Id @registration
  } else {
    $app = New-MgApplication @registration
  }
} catch {
  if ("$($_.FullyQualifiedErrorId) $($_.Exception.Message)" -match 'SignInAudience.*not allowed|SignInAudienceNotAllowed') {
    Write-Warning "$policy does not allow apps for accounts of other organisations. Enter your own directory as the tenant in the Microsoft settings, and take this script from the setup guide again: it then registers the app for your directory only."
    Write-Warning $exemption
  }
  throw
}

# 2. The enterprise application, which holds the consent. A new app takes a few seconds to be available.
# Personal accounts need neither. A grant refers to service principals by object ID, not by app ID.
$consentFailed = $false
if ($audience -ne 'PersonalMicrosoftAccount') {
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
    # Sign-ins request the scopes of IMAP and SMTP at Exchange. The others belong to Graph.
    $grants = @(
      @{ Api = $exchangeAppId; Scope = $exchangeScopes }
      @{ Api = $graphAppId; Scope = $graphScopes }
    ) | Where-Object Scope
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
}

# 3. The credential, last: a policy may refuse it. It is added beside existing ones.
$now = (Get-Date).ToUniversalTime()
$credentialName = 'mailgrant-' + $now.ToString('yyyyMMddTHHmmssZ')
try {
  switch ($Credential) {
    'federated' {
      $trusted = Get-MgApplicationFederatedIdentityCredential -ApplicationId $app.Id -All |
        Where-Object { $_.Issuer -ceq $issuer -and $_.Subject -ceq $subject }
      if (-not $trusted) {
        New-MgApplicationFederatedIdentityCredential -ApplicationId $app.Id -BodyParameter @{
          name = $credentialName
          issuer = $issuer
          subject = $subject
          audiences = @($tokenAudience)
        } | Out-Null
      }
    }
    'certificate' {
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
    }
    'secret' {
      $secret = Add-MgApplicationPassword -ApplicationId $app.Id -PasswordCredential @{
        DisplayName = $credentialName
        EndDateTime = $now.AddDays($LifetimeDays)
      }
    }
  }
} catch {
  Deny $_
}

Write-Host ''
Write-Host 'Enter these values in the Microsoft settings (PUT /v1/integrations/microsoft/settings):'
Write-Host ''
Write-Host "  Client ID      client_id                 $($app.AppId)"
if ($Credential -eq 'secret') {
  Write-Host "  Client secret  credential.client_secret  $($secret.SecretText)"
  Write-Host "  Expires        credential.expires_at     $($secret.EndDateTime.ToUniversalTime().ToString('s') + 'Z')"
} else {
  Write-Host "  Credential     credential.type           $Credential"
}
if ($audience -ne 'PersonalMicrosoftAccount') {
  Write-Host "  Home tenant    home_tenant               $((Get-MgContext).TenantId)"
}
Write-Host ''
if ($Credential -eq 'certificate') {
  Write-Host 'Mailgrant has its private key already: enter no other credential. Promote it if it is the next one.'
} else {
  switch ($Credential) {
    'federated' {
      Write-Host 'Entra can take a few minutes until it accepts a new federated credential.'
      if ($audience -like '*Personal*') {
        Write-Host 'Microsoft does not say whether it accepts one for personal accounts: sign in with such an account before you rely on it.'
      }
    }
    'secret' { Write-Host 'The secret cannot be shown again. Clear this screen after saving it.' }
  }
  Write-Host 'If the settings have another credential, enter this one as the next (PUT /v1/integrations/microsoft/settings/next-credential).'
}
Write-Host 'Then verify it (POST /v1/integrations/microsoft/settings/verify).'
if ($consentFailed) {
  throw 'Consent could not be granted: that takes a Cloud Application Administrator. Have one run this script again, or send one an admin-consent link from Mailgrant.'
}
