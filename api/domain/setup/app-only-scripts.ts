/**
 * Scripts for app-only access. They query the IDs of permissions and service principals from the tenant.
 * Both are safe to run again: they add only what is missing. For sending, they offer RBAC for Applications
 * (https://learn.microsoft.com/exchange/client-developer/legacy-protocols/smtp-app-rbac-onboarding).
 */

import { clouds } from '../../entra/clouds.ts'
import { APP_ONLY_PERMISSIONS } from '../../entra/scopes.ts'
import { bashQuote, powershellQuote } from '../shell-quotes.ts'
import { EXCHANGE_APP_ID, type Registration } from './app-registration.ts'
import { useCloud } from './azure-cli.ts'
import { GRAPH_ENVIRONMENTS } from './powershell.ts'

/** Role of Exchange Online that takes the place of the permission SMTP.SendAsApp, for some mailboxes only. */
export const SENDING_ROLE = 'Application SMTP.SendAsApp'
export const sendingScope = (name: string) => `${name} sending`

const { imap: READ, smtp: SEND } = APP_ONLY_PERMISSIONS

const TWO_WAYS = `# Without a group, the app gets the permission ${SEND} and may send as every mailbox that it is given
# access to. With a group, RBAC for Applications in Exchange Online lets it send as the members of that
# group instead (a distribution group or a mail-enabled security group). Both at once undo the group:
# the script refuses that. Reading mail always requires ${READ} and access to each mailbox.`

export function appOnlyAzureCli({ cloud, home, name }: Registration, clientId: string | null) {
  const scope = sendingScope(name)
  return `#!/usr/bin/env bash
# Grants the app the application permissions of Exchange Online, with admin consent, then prints the
# commands for Exchange Online PowerShell. Requires bash, the Azure CLI, and a Privileged Role
# Administrator or Cloud Application Administrator. It is safe to run again.
#
#   bash app-only.sh [--group NAME]
#
${TWO_WAYS}
set -euo pipefail

# Application (client) ID of the app registration.
app_id=${bashQuote(clientId ?? '')}
# Directory (GUID or domain) with the mailboxes. Empty: the one you are signed in to.
tenant=${bashQuote(home ?? '')}
# Group of the mailboxes that the app may send as. Empty: it gets ${SEND}.
group=''
exchange=${EXCHANGE_APP_ID}
stop() { printf '%s\\n' "$@" >&2; exit 2; }
if [ "\${1:-}" = --group ] && [ $# -eq 2 ] && [ -n "$2" ]; then
  group=$2
elif [ $# -gt 0 ]; then
  stop 'The only option is --group NAME.'
fi
: "\${app_id:?Enter the client ID at the top of this script}"

# In Git Bash and WSL, the Azure CLI may be the Windows program, which ends lines with CR LF.
value_of() { az "$@" --output tsv | tr -d '\\r'; }

previous_cloud=$(value_of cloud show --query name)
trap 'az cloud set --name "$previous_cloud" --output none' EXIT
${useCloud(cloud)}
if [ -n "$tenant" ]; then
  az login --allow-no-subscriptions --tenant "$tenant" --output none
elif ! az account show --output none 2>/dev/null; then
  az login --allow-no-subscriptions --output none
fi
graph=$(value_of cloud show --query endpoints.microsoftGraphResourceId)
graph="\${graph%/}/v1.0"

# Enterprise application. Exchange requires its object ID, not that of the app registration.
az ad sp show --id "$app_id" --output none 2>/dev/null ||
  az ad sp create --id "$app_id" --output none
object_id=$(value_of ad sp show --id "$app_id" --query id)
exchange_object_id=$(value_of ad sp show --id "$exchange" --query id)
# Only the app's own directory has an app registration, which declares the permissions.
registered=no
if az ad app show --id "$app_id" --output none 2>/dev/null; then registered=yes; fi

role_of() {
  value_of ad sp show --id "$exchange" --query "appRoles[?value=='$1'].id | [0]"
}
declared_of() {
  [ "$registered" = no ] || value_of ad app show --id "$app_id" \\
    --query "requiredResourceAccess[].resourceAccess[] | [?id=='$1'].id | [0]"
}
assignment_of() {
  value_of rest --method GET --url "$graph/servicePrincipals/$object_id/appRoleAssignments" \\
    --query "value[?appRoleId=='$1'].id | [0]"
}

permissions='${READ} ${SEND}'
if [ -n "$group" ]; then
  permissions=${READ}
  role=$(role_of ${SEND})
  declared=$(declared_of "$role")
  assigned=$(assignment_of "$role")
  if [ -n "$declared$assigned" ]; then
    stop "The app has the permission ${SEND}, with which Exchange ignores the group and checks the access to" \\
      'each mailbox again. No permission has been changed. To use the group, remove the permission first:' \\
      "\${declared:+  az ad app permission delete --id $app_id --api $exchange --api-permissions $role}" \\
      "\${assigned:+  az rest --method DELETE --url $graph/servicePrincipals/$object_id/appRoleAssignments/$assigned}"
  fi
fi

for permission in $permissions; do
  role=$(role_of "$permission")
  : "\${role:?Exchange Online does not offer $permission in this directory}"
  if [ "$registered" = yes ] && [ -z "$(declared_of "$role")" ]; then
    az ad app permission add --id "$app_id" --api "$exchange" \\
      --api-permissions "$role=Role" --output none
  fi
  if [ -z "$(assignment_of "$role")" ]; then
    az rest --method POST --url "$graph/servicePrincipals/$object_id/appRoleAssignments" \\
      --headers Content-Type=application/json --output none --body \\
      "{\\"principalId\\":\\"$object_id\\",\\"resourceId\\":\\"$exchange_object_id\\",\\"appRoleId\\":\\"$role\\"}"
  fi
done

printf '\\nRun once in Exchange Online PowerShell:\\n\\n'
printf '  New-ServicePrincipal -AppId %s -ObjectId %s\\n' "$app_id" "$object_id"
if [ -n "$group" ]; then
  quote="'"
  printf '  $group = Get-DistributionGroup -Identity %s\\n' "'\${group//$quote/$quote$quote}'"
  printf '  $members = $group.DistinguishedName.Replace("%s", "%s")\\n' "$quote" "$quote$quote"
  printf '  New-ManagementScope -Name %s -RecipientRestrictionFilter "MemberOfGroup -eq %s$members%s"\\n' \\
    ${bashQuote(powershellQuote(scope))} "$quote" "$quote"
  printf '  New-ManagementRoleAssignment -Role "${SENDING_ROLE}" -App %s -CustomResourceScope %s\\n' \\
    "$app_id" ${bashQuote(powershellQuote(scope))}
fi
printf '\\nAnd for each mailbox:\\n\\n'
printf '  Add-MailboxPermission -Identity MAILBOX -User %s -AccessRights FullAccess\\n' "$object_id"
if [ -n "$group" ]; then
  printf '  Add-DistributionGroupMember -Identity $group.Identity -Member MAILBOX\\n'
else
  printf '  Add-RecipientPermission -Identity MAILBOX -Trustee %s -AccessRights SendAs\\n' "$object_id"
fi
printf '  Set-CASMailbox -Identity MAILBOX -SmtpClientAuthenticationDisabled $false\\n'
if [ -n "$group" ]; then
  printf '  Test-ServicePrincipalAuthorization -Identity %s -Resource MAILBOX\\n' "$app_id"
fi
`
}

export function appOnlyPowershell({ cloud, home, name }: Registration, clientId: string | null) {
  const environment = clouds[cloud].exchangeEnvironment
  const scope = powershellQuote(sendingScope(name))
  return `#Requires -Modules Microsoft.Graph.Authentication, Microsoft.Graph.Applications, ExchangeOnlineManagement
# Grants the app the application permissions of Exchange Online, with admin consent, registers it in
# Exchange and gives it access to the mailboxes below. Requires the modules above, a Privileged Role
# Administrator or Cloud Application Administrator, and an Exchange Administrator. It is safe to run
# again. If the modules conflict in one session, run the script for the Azure CLI: it prints what to run
# in Exchange.
#
#   .\\app-only.ps1 [-Group NAME]
#
${TWO_WAYS}
param([string]$Group = '')
$ErrorActionPreference = 'Stop'

# Application (client) ID of the app registration.
$appId = ${powershellQuote(clientId ?? '')}
# Directory (GUID or domain) with the mailboxes.
$tenant = ${powershellQuote(home ?? '')}
# Mailboxes that the app may open and send as: @('support@contoso.com', 'sales@contoso.com')
$mailboxes = @()
if (-not $appId -or -not $tenant) { throw 'Enter the client ID and the tenant at the top of this script.' }

Connect-MgGraph -Environment ${GRAPH_ENVIRONMENTS[cloud]} -TenantId $tenant -NoWelcome \`
  -Scopes 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All'
Connect-ExchangeOnline -Organization $tenant${environment === null ? '' : ` -ExchangeEnvironmentName ${environment}`} -ShowBanner:$false

# Enterprise application. Exchange requires its object ID, not that of the app registration.
$principal = Get-MgServicePrincipal -Filter "appId eq '$appId'"
if (-not $principal) { $principal = New-MgServicePrincipal -AppId $appId }
$objectId = $principal.Id
$exchange = Get-MgServicePrincipal -Filter "appId eq '${EXCHANGE_APP_ID}'"
$roles = @($exchange.AppRoles | Where-Object Value -in '${READ}', '${SEND}')
if ($roles.Count -ne 2) { throw 'Exchange Online does not offer ${READ} and ${SEND} in this directory.' }
# Only the app's own directory has an app registration, which declares the permissions.
$app = Get-MgApplication -Filter "appId eq '$appId'"
$assigned = @(Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $objectId -All)
$registered = Get-ServicePrincipal | Where-Object AppId -eq $appId
$sendingRoles = @()
if ($registered) {
  $sendingRoles = @(Get-ManagementRoleAssignment -Role '${SENDING_ROLE}' -RoleAssignee $registered.ObjectId)
}

# The two ways to send exclude each other.
if ($Group) {
  $sending = $roles | Where-Object Value -eq '${SEND}'
  $assignment = $assigned | Where-Object AppRoleId -eq $sending.Id
  $declaration = $app.RequiredResourceAccess.ResourceAccess | Where-Object Id -eq $sending.Id
  if ($assignment -or $declaration) {
    if ($assignment) {
      Write-Warning "Remove the consent: Remove-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $objectId -AppRoleAssignmentId $($assignment.Id)"
    }
    if ($declaration) { Write-Warning 'Remove ${SEND} under API permissions of the app registration.' }
    throw 'The app has the permission ${SEND}, with which Exchange ignores the group and checks the access to each mailbox again. No permission has been changed.'
  }
  $roles = @($roles | Where-Object Value -eq '${READ}')
} elseif ($sendingRoles) {
  throw "The app sends under RBAC for Applications, which the permission ${SEND} would undo. No permission has been changed. Run this script with -Group, or first: Remove-ManagementRoleAssignment -Identity '$($sendingRoles[0].Name)'"
}

if ($app) {
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
  $sendingRoles = @()
}
if (-not $registered) {
  New-ServicePrincipal -AppId $appId -ObjectId $objectId -DisplayName ${powershellQuote(name)} | Out-Null
}
if ($Group) {
  $members = (Get-DistributionGroup -Identity $Group).DistinguishedName.Replace("'", "''")
  $filter = "MemberOfGroup -eq '$members'"
  if (Get-ManagementScope | Where-Object Name -eq ${scope}) {
    Set-ManagementScope -Identity ${scope} -RecipientRestrictionFilter $filter
  } else {
    New-ManagementScope -Name ${scope} -RecipientRestrictionFilter $filter | Out-Null
  }
  if (-not $sendingRoles) {
    New-ManagementRoleAssignment -Role '${SENDING_ROLE}' -App $appId -CustomResourceScope ${scope} | Out-Null
  }
}
foreach ($mailbox in $mailboxes) {
  Add-MailboxPermission -Identity $mailbox -User $objectId -AccessRights FullAccess | Out-Null
  if ($Group) {
    $result = Test-ServicePrincipalAuthorization -Identity $appId -Resource $mailbox | Where-Object RoleName -eq '${SENDING_ROLE}'
    if (-not $result.InScope) { Write-Warning "$mailbox is not a member of $Group, so the app may not send as it." }
  } else {
    Add-RecipientPermission -Identity $mailbox -Trustee $objectId -AccessRights SendAs -Confirm:$false | Out-Null
  }
  Set-CASMailbox -Identity $mailbox -SmtpClientAuthenticationDisabled $false
}
Write-Host 'Done. It can take 30 minutes until the app can open the mailboxes, and two hours until it can send as a group.'
`
}
