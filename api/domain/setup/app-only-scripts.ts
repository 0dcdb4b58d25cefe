/**
 * The scripts for access without a person. Ids of permissions and of the service principal are asked of
 * the tenant when they run. Both may be run again: what is there already stays.
 */
import { clouds } from '../../entra/clouds.ts'
import { APP_ONLY_PERMISSIONS } from '../../entra/scopes.ts'
import { EXCHANGE_APP_ID, type Registration } from './app-registration.ts'
import { bashQuote, useCloud } from './azure-cli.ts'
import { ENVIRONMENTS, powershellQuote } from './powershell.ts'

const names = Object.values(APP_ONLY_PERMISSIONS)

export const appOnlyAzureCli = ({ cloud, home }: Registration, clientId: string | null) =>
  `#!/usr/bin/env bash
# Gives the app the application permissions of Exchange Online and consents to them, then prints what
# Exchange needs. Needs bash, the Azure CLI, and a Privileged Role Administrator or a Cloud
# Application Administrator. It may be run again.
set -euo pipefail

# Application (client) ID of the app registration.
app_id=${bashQuote(clientId ?? '')}
# The directory (a GUID or a domain) where the mailboxes are. Empty: the one you are signed in to.
tenant=${bashQuote(home ?? '')}
exchange=${EXCHANGE_APP_ID}
: "\${app_id:?Enter the client ID at the top of this script}"

# The Azure CLI may be a Windows program (Git Bash, WSL), which ends its lines with CR LF.
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

# The enterprise application. Its id is the one that Exchange wants; the app registration has another.
az ad sp show --id "$app_id" --output none 2>/dev/null ||
  az ad sp create --id "$app_id" --output none
object_id=$(value_of ad sp show --id "$app_id" --query id)
exchange_object_id=$(value_of ad sp show --id "$exchange" --query id)

for permission in ${names.join(' ')}; do
  role=$(value_of ad sp show --id "$exchange" --query "appRoles[?value=='$permission'].id | [0]")
  : "\${role:?Exchange Online offers no permission $permission here}"
  # In a directory that is not the app's own there is nothing to declare.
  if az ad app show --id "$app_id" --output none 2>/dev/null; then
    declared=$(value_of ad app show --id "$app_id" \\
      --query "requiredResourceAccess[].resourceAccess[] | [?id=='$role'].id | [0]")
    if [ -z "$declared" ]; then
      az ad app permission add --id "$app_id" --api "$exchange" \\
        --api-permissions "$role=Role" --output none
    fi
  fi
  given=$(value_of rest --method GET \\
    --url "$graph/servicePrincipals/$object_id/appRoleAssignments" \\
    --query "value[?appRoleId=='$role'].id | [0]")
  if [ -z "$given" ]; then
    az rest --method POST --url "$graph/servicePrincipals/$object_id/appRoleAssignments" \\
      --headers Content-Type=application/json --output none --body \\
      "{\\"principalId\\":\\"$object_id\\",\\"resourceId\\":\\"$exchange_object_id\\",\\"appRoleId\\":\\"$role\\"}"
  fi
done

printf '\\nNow in Exchange Online PowerShell, the last three for every mailbox:\\n\\n'
printf '  New-ServicePrincipal -AppId %s -ObjectId %s\\n' "$app_id" "$object_id"
printf '  Add-MailboxPermission -Identity MAILBOX -User %s -AccessRights FullAccess\\n' "$object_id"
printf '  Add-RecipientPermission -Identity MAILBOX -Trustee %s -AccessRights SendAs\\n' "$object_id"
printf '  Set-CASMailbox -Identity MAILBOX -SmtpClientAuthenticationDisabled $false\\n'
`

export function appOnlyPowershell({ cloud, home, name }: Registration, clientId: string | null) {
  const environment = clouds[cloud].exchangeEnvironment
  return `#Requires -Modules Microsoft.Graph.Authentication, Microsoft.Graph.Applications, ExchangeOnlineManagement
# Gives the app the application permissions of Exchange Online, consents to them, registers it in
# Exchange and gives it the mailboxes below. Needs the modules above, a Privileged Role
# Administrator or a Cloud Application Administrator, and an Exchange Administrator. It may be run
# again. Should the two modules not get along in one session, run the part from
# "Connect-ExchangeOnline" on in a new one, with $objectId set to what was printed.
$ErrorActionPreference = 'Stop'

# Application (client) ID of the app registration.
$appId = ${powershellQuote(clientId ?? '')}
# The directory (a GUID or a domain) where the mailboxes are.
$tenant = ${powershellQuote(home ?? '')}
# Mailboxes that the app may open and send as: @('support@contoso.com', 'sales@contoso.com')
$mailboxes = @()
if (-not $appId -or -not $tenant) { throw 'Enter the client ID and the tenant at the top.' }

Connect-MgGraph -Environment ${ENVIRONMENTS[cloud]} -TenantId $tenant -NoWelcome \`
  -Scopes 'Application.ReadWrite.All', 'AppRoleAssignment.ReadWrite.All'

# The enterprise application. Its id is the one that Exchange wants; the app registration has another.
$principal = Get-MgServicePrincipal -Filter "appId eq '$appId'"
if (-not $principal) { $principal = New-MgServicePrincipal -AppId $appId }
$objectId = $principal.Id
$exchange = Get-MgServicePrincipal -Filter "appId eq '${EXCHANGE_APP_ID}'"
$roles = @($exchange.AppRoles | Where-Object Value -in ${names.map(powershellQuote).join(', ')})
if ($roles.Count -ne ${names.length}) { throw 'Exchange Online does not offer ${names.join(' and ')} in this directory.' }

# In a directory that is not the app's own there is nothing to declare.
$app = Get-MgApplication -Filter "appId eq '$appId'"
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
$given = @(Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $objectId -All)
foreach ($role in $roles) {
  if ($given.AppRoleId -contains $role.Id) { continue }
  New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $objectId -BodyParameter @{
    principalId = $objectId
    resourceId = $exchange.Id
    appRoleId = $role.Id
  } | Out-Null
}
Write-Host "Object ID of the enterprise application: $objectId"

Connect-ExchangeOnline -Organization $tenant${environment === null ? '' : ` -ExchangeEnvironmentName ${environment}`} -ShowBanner:$false
$known = Get-ServicePrincipal | Where-Object AppId -eq $appId
if ($known -and $known.ObjectId -ne $objectId) {
  Write-Host 'Exchange knows the app under the wrong object ID: it is registered anew.'
  Remove-ServicePrincipal -Identity $known.ObjectId -Confirm:$false
  $known = $null
}
if (-not $known) {
  New-ServicePrincipal -AppId $appId -ObjectId $objectId -DisplayName ${powershellQuote(name)} | Out-Null
}
foreach ($mailbox in $mailboxes) {
  Add-MailboxPermission -Identity $mailbox -User $objectId -AccessRights FullAccess | Out-Null
  Add-RecipientPermission -Identity $mailbox -Trustee $objectId -AccessRights SendAs -Confirm:$false | Out-Null
  Set-CASMailbox -Identity $mailbox -SmtpClientAuthenticationDisabled $false
}
Write-Host 'Done. It can take half an hour until the mailboxes open.'
`
}
