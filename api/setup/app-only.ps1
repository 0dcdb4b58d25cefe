#Requires -Modules Microsoft.Graph.Authentication, Microsoft.Graph.Applications, ExchangeOnlineManagement
# Grants the app the application permissions of Exchange Online, with admin consent, registers it in
# Exchange and gives it access to the mailboxes below. Requires the modules above, a Privileged Role
# Administrator or Cloud Application Administrator, and an Exchange Administrator. It is safe to run
# again. If the modules conflict in one session, run the script for the Azure CLI: it prints what to run
# in Exchange.
#
#   .\app-only.ps1 [-Group NAME]
#
# Without a group, the app gets the permission SMTP.SendAsApp and may send as every mailbox that it is given
# access to. With a group, RBAC for Applications in Exchange Online lets it send as the members of that
# group instead (a distribution group or a mail-enabled security group), over SMTP and through Microsoft
# Graph. A permission for the whole organisation undoes the group: the script refuses both at once.
# To send through Microsoft Graph, the script requires a group: the permission Mail.Send in Entra would
# open every mailbox. Reading mail always requires IMAP.AccessAsApp and access to each mailbox.
# https://learn.microsoft.com/exchange/permissions-exo/application-rbac
# https://learn.microsoft.com/exchange/client-developer/legacy-protocols/smtp-app-rbac-onboarding
param([string]$Group = '')
$ErrorActionPreference = 'Stop'

# Values of your deployment, which the setup guide fills in.
$appName = ''
# Application (client) ID of the app registration.
$appId = ''
# global, us_gov_high, us_gov_dod or china.
$cloud = ''
# Name for Connect-ExchangeOnline -ExchangeEnvironmentName. Empty: its default.
$exchangeEnvironment = ''
# Directory (GUID or domain) with the mailboxes.
$tenant = ''
# Protocols of the settings: imap, smtp, graph_send.
$protocols = ''

# Mailboxes that the app may open and send as: @('support@contoso.com', 'sales@contoso.com')
$mailboxes = @()
if (-not $appName) { throw 'Take this script from the setup guide in Mailgrant, which fills in its values.' }
if (-not $appId -or -not $tenant) { throw 'Enter the client ID and the tenant at the top of this script.' }
$listed = $protocols -split ' '
$sends = @('graph_send', 'smtp' | Where-Object { $_ -in $listed })
$usesExchange = 'imap' -in $listed -or 'smtp' -in $listed
if ($Group -and -not $sends) { throw 'The settings list no protocol that sends, so there is nothing to allow for a group.' }
if (-not $Group -and -not $usesExchange) {
  throw 'To send through Microsoft Graph, give the group of the mailboxes that the app may send as: -Group NAME.'
}

# Names of the clouds as in Get-MgEnvironment.
$environments = @{ global = 'Global'; us_gov_high = 'USGov'; us_gov_dod = 'USGovDoD'; china = 'China' }
Connect-MgGraph -Environment $environments[$cloud] -TenantId $tenant -NoWelcome `
  -Scopes 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All'
$connection = @{ Organization = $tenant; ShowBanner = $false }
if ($exchangeEnvironment) { $connection.ExchangeEnvironmentName = $exchangeEnvironment }
Connect-ExchangeOnline @connection

# Enterprise application. Exchange requires its object ID, not that of the app registration.
$principal = Get-MgServicePrincipal -Filter "appId eq '$appId'"
if (-not $principal) { $principal = New-MgServicePrincipal -AppId $appId }
$objectId = $principal.Id
# Microsoft publishes no IDs of Exchange Online's permissions, so they are looked up by name.
$exchange = Get-MgServicePrincipal -Filter "appId eq '00000002-0000-0ff1-ce00-000000000000'"
$names = @{ imap = 'IMAP.AccessAsApp'; smtp = 'SMTP.SendAsApp' }
$permissions = @('imap', 'smtp' | Where-Object { $_ -in $listed -and -not ($Group -and $_ -eq 'smtp') } |
  ForEach-Object { $names[$_] })
$roles = @($exchange.AppRoles | Where-Object Value -in $permissions)
if ($roles.Count -ne $permissions.Count) { throw "Exchange Online does not offer $($permissions -join ' and ') in this directory." }
# Only the app's own directory has an app registration, which declares the permissions.
$app = Get-MgApplication -Filter "appId eq '$appId'"
$assigned = @(Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $objectId -All)
$registered = Get-ServicePrincipal | Where-Object AppId -eq $appId
# Roles of Exchange Online in place of permissions in Entra, for some mailboxes only.
$sendingRoles = @{ graph_send = 'Application Mail.Send'; smtp = 'Application SMTP.SendAsApp' }
$given = @()
if ($registered) {
  $given = @($sends | Where-Object {
    Get-ManagementRoleAssignment -Role $sendingRoles[$_] -RoleAssignee $registered.ObjectId
  })
}

# Stops if the app has a permission for the whole organisation, which undoes the group.
function Deny-BesideGroup($api, [string]$permission, [string]$effect) {
  $role = $api.AppRoles | Where-Object Value -eq $permission
  $assignment = $assigned | Where-Object AppRoleId -eq $role.Id
  $declaration = $app.RequiredResourceAccess.ResourceAccess | Where-Object Id -eq $role.Id
  if (-not $assignment -and -not $declaration) { return }
  if ($assignment) {
    Write-Warning "Remove the consent: Remove-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $objectId -AppRoleAssignmentId $($assignment.Id)"
  }
  if ($declaration) { Write-Warning "Remove $permission under API permissions of the app registration." }
  throw "The app has the permission $permission, $effect. No permission has been changed."
}
if ($Group) {
  if ('smtp' -in $sends) {
    Deny-BesideGroup $exchange 'SMTP.SendAsApp' 'with which Exchange ignores the group and checks the access to each mailbox again'
  }
  if ('graph_send' -in $sends) {
    $graph = Get-MgServicePrincipal -Filter "appId eq '00000003-0000-0000-c000-000000000000'"
    Deny-BesideGroup $graph 'Mail.Send' 'with which it sends as every mailbox, whether or not it is in the group'
  }
} elseif ('smtp' -in $given) {
  throw "The app sends under RBAC for Applications, which the permission SMTP.SendAsApp would undo. No permission has been changed. Run this script with -Group, or first remove the role: Get-ManagementRoleAssignment -Role '$($sendingRoles.smtp)' -RoleAssignee $($registered.ObjectId) | Remove-ManagementRoleAssignment"
}

if ($app -and $roles) {
  $access = @($app.RequiredResourceAccess | Where-Object ResourceAppId -ne $exchange.AppId)
  $declared = @($app.RequiredResourceAccess | Where-Object ResourceAppId -eq $exchange.AppId |
    ForEach-Object ResourceAccess | Where-Object Id -notin $roles.Id)
  $access += @{
    ResourceAppId = $exchange.AppId
    ResourceAccess = @($declared) + @($roles | ForEach-Object { @{ Id = $_.Id; Type = 'Role' } })
  }
  Update-MgApplication -ApplicationId $app.Id -RequiredResourceAccess $access
}
foreach ($role in $roles) {
  if ($assigned.AppRoleId -contains $role.Id) { continue }
  New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $objectId -BodyParameter @{
    principalId = $objectId
    resourceId = $exchange.Id
    appRoleId = $role.Id
  } | Out-Null
}
Write-Host "Object ID of the enterprise application: $objectId"

if ($registered -and $registered.ObjectId -ne $objectId) {
  Write-Host 'Exchange has registered the app under another object ID. Registering it again.'
  Remove-ServicePrincipal -Identity $registered.ObjectId -Confirm:$false
  $registered = $null
  $given = @()
}
if (-not $registered) {
  New-ServicePrincipal -AppId $appId -ObjectId $objectId -DisplayName $appName | Out-Null
}
if ($Group) {
  $scope = "$appName sending"
  $members = (Get-DistributionGroup -Identity $Group).DistinguishedName.Replace("'", "''")
  $filter = "MemberOfGroup -eq '$members'"
  if (Get-ManagementScope | Where-Object Name -eq $scope) {
    Set-ManagementScope -Identity $scope -RecipientRestrictionFilter $filter
  } else {
    New-ManagementScope -Name $scope -RecipientRestrictionFilter $filter | Out-Null
  }
  foreach ($protocol in $sends) {
    if ($protocol -in $given) { continue }
    New-ManagementRoleAssignment -Role $sendingRoles[$protocol] -App $appId -CustomResourceScope $scope | Out-Null
  }
}
foreach ($mailbox in $mailboxes) {
  if ($usesExchange) {
    Add-MailboxPermission -Identity $mailbox -User $objectId -AccessRights FullAccess | Out-Null
  }
  if ($Group) {
    $result = Test-ServicePrincipalAuthorization -Identity $appId -Resource $mailbox |
      Where-Object RoleName -in $sendingRoles.Values | Where-Object InScope
    if (-not $result) { Write-Warning "$mailbox is not a member of $Group, so the app is not allowed to send as it." }
  } elseif ('smtp' -in $sends) {
    Add-RecipientPermission -Identity $mailbox -Trustee $objectId -AccessRights SendAs -Confirm:$false | Out-Null
  }
  if ('smtp' -in $sends) { Set-CASMailbox -Identity $mailbox -SmtpClientAuthenticationDisabled $false }
}
if ('graph_send' -in $sends -and -not $Group) {
  Write-Warning 'Nothing is prepared for Microsoft Graph, which requires a group: -Group NAME.'
}
Write-Host 'Done. It can take 30 minutes until the app can open the mailboxes, and two hours until it can send as a group.'
