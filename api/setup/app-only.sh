#!/usr/bin/env bash
# Grants the app the application permissions of Exchange Online, with admin consent, then prints the
# commands for Exchange Online PowerShell. Requires bash, the Azure CLI, and a Privileged Role
# Administrator or Cloud Application Administrator. It is safe to run again.
#
#   bash app-only.sh [--group NAME]
#
# Without a group, the app gets the permission SMTP.SendAsApp and may send as every mailbox that it is given
# access to. With a group, RBAC for Applications in Exchange Online lets it send as the members of that
# group instead (a distribution group or a mail-enabled security group), over SMTP and through Microsoft
# Graph. A permission for the whole organisation undoes the group: the script refuses both at once.
# To send through Microsoft Graph, the script requires a group: the permission Mail.Send in Entra would
# open every mailbox. Reading mail always requires IMAP.AccessAsApp and access to each mailbox.
# https://learn.microsoft.com/exchange/permissions-exo/application-rbac
# https://learn.microsoft.com/exchange/client-developer/legacy-protocols/smtp-app-rbac-onboarding
set -euo pipefail

# Values of your deployment, which the setup guide fills in.
app_name=''
# Application (client) ID of the app registration.
app_id=''
# global, us_gov_high, us_gov_dod or china.
cloud=''
# Directory (GUID or domain) with the mailboxes. Empty: the one you are signed in to.
tenant=''
# Protocols of the settings: imap, smtp, graph_send.
protocols=''

exchange=00000002-0000-0ff1-ce00-000000000000
microsoft_graph=00000003-0000-0000-c000-000000000000
# Group of the mailboxes that the app may send as. Empty: it gets SMTP.SendAsApp.
group=''
stop() { printf '%s\n' "$@" >&2; exit 2; }
[ -n "$app_name" ] || stop 'Take this script from the setup guide in Mailgrant, which fills in its values.'
if [ "${1:-}" = --group ] && [ $# -eq 2 ] && [ -n "$2" ]; then
  group=$2
elif [ $# -gt 0 ]; then
  stop 'The only option is --group NAME.'
fi
: "${app_id:?Enter the client ID at the top of this script}"
is_listed() { [[ " $protocols " = *" $1 "* ]]; }
uses_exchange=no
if is_listed imap || is_listed smtp; then uses_exchange=yes; fi
# Roles of Exchange Online for the group.
roles=()
if is_listed graph_send; then roles+=('Application Mail.Send'); fi
if is_listed smtp; then roles+=('Application SMTP.SendAsApp'); fi
if [ -n "$group" ]; then
  [ "${#roles[@]}" -gt 0 ] || stop 'The settings list no protocol that sends, so there is nothing to allow for a group.'
elif [ "$uses_exchange" = no ]; then
  stop 'To send through Microsoft Graph, give the group of the mailboxes that the app may send as: --group NAME.'
fi

# In Git Bash and WSL, the Azure CLI may be the Windows program, which ends lines with CR LF.
value_of() { az "$@" --output tsv | tr -d '\r'; }

previous_cloud=$(value_of cloud show --query name)
trap 'az cloud set --name "$previous_cloud" --output none' EXIT
case $cloud in
  global) cloud_name=AzureCloud ;;
  us_gov_high) cloud_name=AzureUSGovernment ;;
  us_gov_dod)
    # The CLI has one US cloud, for GCC High. DoD signs in at the same hosts, but has its own Graph
    # (https://learn.microsoft.com/graph/deployments).
    cloud_name=AzureUSGovernmentDoD
    az cloud show --name "$cloud_name" --output none 2>/dev/null ||
      az cloud register --name "$cloud_name" --output none --cloud-config '{"endpoints":{'\
'"activeDirectory":"https://login.microsoftonline.us",'\
'"activeDirectoryResourceId":"https://management.core.usgovcloudapi.net/",'\
'"activeDirectoryGraphResourceId":"https://graph.microsoftazure.us/",'\
'"management":"https://management.core.usgovcloudapi.net/",'\
'"resourceManager":"https://management.usgovcloudapi.net/",'\
'"microsoftGraphResourceId":"https://dod-graph.microsoft.us/"}}'
    ;;
  china) cloud_name=AzureChinaCloud ;;
esac
az cloud set --name "$cloud_name" --output none

if [ -n "$tenant" ]; then
  az login --allow-no-subscriptions --tenant "$tenant" --output none
elif ! az account show --output none 2>/dev/null; then
  az login --allow-no-subscriptions --output none
fi
graph=$(value_of cloud show --query endpoints.microsoftGraphResourceId)
graph="${graph%/}/v1.0"

# Enterprise application. Exchange requires its object ID, not that of the app registration.
az ad sp show --id "$app_id" --output none 2>/dev/null ||
  az ad sp create --id "$app_id" --output none
object_id=$(value_of ad sp show --id "$app_id" --query id)
exchange_object_id=$(value_of ad sp show --id "$exchange" --query id)
# Only the app's own directory has an app registration, which declares the permissions.
registered=no
if az ad app show --id "$app_id" --output none 2>/dev/null; then registered=yes; fi

# Microsoft publishes no IDs of Exchange Online's permissions, so they are looked up by name.
role_of() {
  value_of ad sp show --id "$1" --query "appRoles[?value=='$2'].id | [0]"
}
declared_of() {
  [ "$registered" = no ] || value_of ad app show --id "$app_id" \
    --query "requiredResourceAccess[].resourceAccess[] | [?id=='$1'].id | [0]"
}
assignment_of() {
  value_of rest --method GET --url "$graph/servicePrincipals/$object_id/appRoleAssignments" \
    --query "value[?appRoleId=='$1'].id | [0]"
}
# Stops if the app has a permission for the whole organisation, which undoes the group.
refuse_beside_group() {
  local api=$1 permission=$2 effect=$3 role declared assigned
  role=$(role_of "$api" "$permission")
  declared=$(declared_of "$role")
  assigned=$(assignment_of "$role")
  [ -z "$declared$assigned" ] ||
    stop "The app has the permission $permission, $effect." \
      'No permission has been changed. To use the group, remove the permission first:' \
      "${declared:+  az ad app permission delete --id $app_id --api $api --api-permissions $role}" \
      "${assigned:+  az rest --method DELETE --url $graph/servicePrincipals/$object_id/appRoleAssignments/$assigned}"
}

permissions=()
if is_listed imap; then permissions+=(IMAP.AccessAsApp); fi
if [ -z "$group" ]; then
  if is_listed smtp; then permissions+=(SMTP.SendAsApp); fi
else
  if is_listed smtp; then
    refuse_beside_group "$exchange" SMTP.SendAsApp \
      'with which Exchange ignores the group and checks the access to each mailbox again'
  fi
  if is_listed graph_send; then
    refuse_beside_group "$microsoft_graph" Mail.Send \
      'with which it sends as every mailbox, whether or not it is in the group'
  fi
fi

for permission in ${permissions[@]+"${permissions[@]}"}; do
  role=$(role_of "$exchange" "$permission")
  : "${role:?Exchange Online does not offer $permission in this directory}"
  if [ "$registered" = yes ] && [ -z "$(declared_of "$role")" ]; then
    az ad app permission add --id "$app_id" --api "$exchange" \
      --api-permissions "$role=Role" --output none
  fi
  if [ -z "$(assignment_of "$role")" ]; then
    az rest --method POST --url "$graph/servicePrincipals/$object_id/appRoleAssignments" \
      --headers Content-Type=application/json --output none --body \
      "{\"principalId\":\"$object_id\",\"resourceId\":\"$exchange_object_id\",\"appRoleId\":\"$role\"}"
  fi
done

# Quotes a text for PowerShell.
quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/''/g")"; }

scope=$(quoted "$app_name sending")
cat <<END

Run once in Exchange Online PowerShell:

  New-ServicePrincipal -AppId $app_id -ObjectId $object_id
END
if [ -n "$group" ]; then
  cat <<END
  \$group = Get-DistributionGroup -Identity $(quoted "$group")
  \$members = \$group.DistinguishedName.Replace("'", "''")
  New-ManagementScope -Name $scope -RecipientRestrictionFilter "MemberOfGroup -eq '\$members'"
END
  for role in "${roles[@]}"; do
    printf '  New-ManagementRoleAssignment -Role "%s" -App %s -CustomResourceScope %s\n' \
      "$role" "$app_id" "$scope"
  done
fi
printf '\nAnd for each mailbox:\n\n'
if [ "$uses_exchange" = yes ]; then
  printf '  Add-MailboxPermission -Identity MAILBOX -User %s -AccessRights FullAccess\n' "$object_id"
fi
if is_listed smtp; then
  printf '%s\n' "  Set-CASMailbox -Identity MAILBOX -SmtpClientAuthenticationDisabled \$false"
fi
if [ -n "$group" ]; then
  cat <<END
  Add-DistributionGroupMember -Identity \$group.Identity -Member MAILBOX
  Test-ServicePrincipalAuthorization -Identity $app_id -Resource MAILBOX
END
elif is_listed smtp; then
  printf '  Add-RecipientPermission -Identity MAILBOX -Trustee %s -AccessRights SendAs\n' "$object_id"
fi
if is_listed graph_send && [ -z "$group" ]; then
  printf '\nNothing is prepared for Microsoft Graph, which requires a group: --group NAME.\n'
fi
