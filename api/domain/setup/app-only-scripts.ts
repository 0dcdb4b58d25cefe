/**
 * Scripts for app-only access. They query the IDs of permissions and service principals from the tenant.
 * Both are safe to run again: they add only what is missing.
 */
import { clouds } from '../../entra/clouds.ts'
import { APP_ONLY_PERMISSIONS } from '../../entra/scopes.ts'
import { EXCHANGE_APP_ID, type Registration } from './app-registration.ts'
import { bashQuote, useCloud } from './azure-cli.ts'
import { GRAPH_ENVIRONMENTS, powershellQuote } from './powershell.ts'

const permissions = Object.values(APP_ONLY_PERMISSIONS)

export const appOnlyAzureCli = ({ cloud, home }: Registration, clientId: string | null) =>
  `#!/usr/bin/env bash
# Grants the app the application permissions of Exchange Online, with admin consent, then prints the
# commands for Exchange Online PowerShell. Requires bash, the Azure CLI, and a Privileged Role
# Administrator or Cloud Application Administrator. It is safe to run again.
set -euo pipefail

# Application (client) ID of the app registration.
app_id=${bashQuote(clientId ?? '')}
# Directory (GUID or domain) with the mailboxes. Empty: the one you are signed in to.
tenant=${bashQuote(home ?? '')}
exchange=${EXCHANGE_APP_ID}
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

for permission in ${permissions.join(' ')}; do
  role=$(value_of ad sp show --id "$exchange" --query "appRoles[?value=='$permission'].id | [0]")
  : "\${role:?Exchange Online does not offer $permission in this directory}"
  # Only the app's own directory has an app registration, which declares the permissions.
  if az ad app show --id "$app_id" --output none 2>/dev/null; then
    declared=$(value_of ad app show --id "$app_id" \\
      --query "requiredResourceAccess[].resourceAccess[] | [?id=='$role'].id | [0]")
    if [ -z "$declared" ]; then
      az ad app permission add --id "$app_id" --api "$exchange" \\
        --api-permissions "$role=Role" --output none
    fi
  fi
  assigned=$(value_of rest --method GET \\
    --url "$graph/servicePrincipals/$object_id/appRoleAssignments" \\
    --query "value[?appRoleId=='$role'].id | [0]")
  if [ -z "$assigned" ]; then
    az rest --method POST --url "$graph/servicePrincipals/$object_id/appRoleAssignments" \\
      --headers Content-Type=application/json --output none --body \\
      "{\\"principalId\\":\\"$object_id\\",\\"resourceId\\":\\"$exchange_object_id\\",\\"appRoleId\\":\\"$role\\"}"
  fi
done

printf '\\nRun in Exchange Online PowerShell, the last three commands for each mailbox:\\n\\n'
printf '  New-ServicePrincipal -AppId %s -ObjectId %s\\n' "$app_id" "$object_id"
printf '  Add-MailboxPermission -Identity MAILBOX -User %s -AccessRights FullAccess\\n' "$object_id"
printf '  Add-RecipientPermission -Identity MAILBOX -Trustee %s -AccessRights SendAs\\n' "$object_id"
printf '  Set-CASMailbox -Identity MAILBOX -SmtpClientAuthenticationDisabled $false\\n'
`

export function appOnlyPowershell({ cloud, home, name }: Registration, clientId: string | null) {
  const environment = clouds[cloud].exchangeEnvironment
  return `#Requires -Modules Microsoft.Graph.Authentication, Microsoft.Graph.Applications, ExchangeOnlineManagement
# Grants the app the application permissions of Exchange Online, with admin consent, registers it in
# Exchange and gives it access to the mailboxes below. Requires the modules above, a Privileged Role
# Administrator or Cloud Application Administrator, and an Exchange Administrator. It is safe to run
# again. If the modules conflict in one session, run the part from Connect-ExchangeOnline onwards in a
# new one, with the variables at the top and $objectId set to the printed object ID.
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

# Enterprise application. Exchange requires its object ID, not that of the app registration.
$principal = Get-MgServicePrincipal -Filter "appId eq '$appId'"
if (-not $principal) { $principal = New-MgServicePrincipal -AppId $appId }
$objectId = $principal.Id
$exchange = Get-MgServicePrincipal -Filter "appId eq '${EXCHANGE_APP_ID}'"
$roles = @($exchange.AppRoles | Where-Object Value -in ${permissions.map(powershellQuote).join(', ')})
if ($roles.Count -ne ${permissions.length}) { throw 'Exchange Online does not offer ${permissions.join(' and ')} in this directory.' }

# Only the app's own directory has an app registration, which declares the permissions.
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
$assigned = @(Get-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $objectId -All)
foreach ($role in $roles) {
  if ($assigned.AppRoleId -contains $role.Id) { continue }
  New-MgServicePrincipalAppRoleAssignment -ServicePrincipalId $objectId -BodyParameter @{
    principalId = $objectId
    resourceId = $exchange.Id
    appRoleId = $role.Id
  } | Out-Null
}
Write-Host "Object ID of the enterprise application: $objectId"

Connect-ExchangeOnline -Organization $tenant${environment === null ? '' : ` -ExchangeEnvironmentName ${environment}`} -ShowBanner:$false
$registered = Get-ServicePrincipal | Where-Object AppId -eq $appId
if ($registered -and $registered.ObjectId -ne $objectId) {
  Write-Host 'Exchange has registered the app under another object ID. Registering it again.'
  Remove-ServicePrincipal -Identity $registered.ObjectId -Confirm:$false
  $registered = $null
}
if (-not $registered) {
  New-ServicePrincipal -AppId $appId -ObjectId $objectId -DisplayName ${powershellQuote(name)} | Out-Null
}
foreach ($mailbox in $mailboxes) {
  Add-MailboxPermission -Identity $mailbox -User $objectId -AccessRights FullAccess | Out-Null
  Add-RecipientPermission -Identity $mailbox -Trustee $objectId -AccessRights SendAs -Confirm:$false | Out-Null
  Set-CASMailbox -Identity $mailbox -SmtpClientAuthenticationDisabled $false
}
Write-Host 'Done. It can take 30 minutes until the app can open the mailboxes.'
`
}
