#!/usr/bin/env bash
# Registers the app at Microsoft Entra and prints what to enter in the Microsoft settings.
# Requires bash, the Azure CLI (2.76 or later), and an account that may register apps, for
# example with the role Application Developer.
#
#   bash setup.sh [--credential federated|certificate|secret] [--lifetime-days DAYS]
#
# --credential: how the app proves its identity. The default is the one that fits your deployment best.
#   federated    Entra trusts what Mailgrant signs: no secret, and nothing that expires. Entra must be
#                able to reach Mailgrant at a PUBLIC_URL with https. Microsoft does not say whether it
#                accepts one for personal accounts.
#   certificate  Entra gets the certificate that Mailgrant has generated.
#   secret       Entra makes a text to copy, which expires.
# --lifetime-days: lifetime of the secret, 730 days by default. That of a certificate is chosen in the
#   Microsoft settings (lifetime_days), where Mailgrant makes it.
#
# It is safe to run again: it continues with the app that it finds by its client ID or redirect URI, and
# adds what is missing. A client secret is added each time. An app that allows personal accounts can
# have two secrets: delete an old one if Entra refuses a third.
set -euo pipefail

# Values of your deployment, which the setup guide fills in.
app_name=''
# Client ID of the app. Empty: found by its redirect URI, or else registered.
app_id=''
# global, us_gov_high, us_gov_dod or china.
cloud=''
# AzureADMyOrg, AzureADMultipleOrgs, AzureADandPersonalMicrosoftAccount or PersonalMicrosoftAccount.
audience=''
redirect_uri=''
admin_consent_redirect_uri=''
console_redirect_uri=''
# Directory (GUID or domain) to register the app in. Empty: the one you are signed in to.
home_tenant=''
# Identity that a federated credential trusts. Empty if Entra cannot reach Mailgrant.
issuer=''
subject=''
token_audience=''
# Certificate that Mailgrant has generated, base64 of its DER. Empty if there is none.
certificate=''
# Credential without the option --credential: federated, certificate or secret.
default_credential=''
# Delegated permissions that the app declares, all under Microsoft Graph, by ID.
permission_ids=''
# What sign-ins for the person's own mailbox request of them: at Exchange Online, and at Microsoft Graph.
exchange_scopes=''
graph_scopes=''

# yes: also consent for all users of this directory. Requires a Cloud Application Administrator.
grant_consent=no

graph=00000003-0000-0000-c000-000000000000
exchange=00000002-0000-0ff1-ce00-000000000000
read -ra permissions <<<"$permission_ids"
# Roles of people who sign in to Mailgrant's console. An app that allows personal accounts has none.
role() {
  printf '{"id":"%s","value":"%s","displayName":"%s","description":"%s",' "$@"
  printf '"allowedMemberTypes":["User"],"isEnabled":true}'
}
viewer=$(role 6d1c6f0e-52a4-4b0e-9b8e-0a6f6c1f1a01 Mailgrant.Viewer 'Mailgrant viewer' \
  'Sees mailboxes and their state in the Mailgrant console')
operator=$(role 6d1c6f0e-52a4-4b0e-9b8e-0a6f6c1f1a02 Mailgrant.Operator 'Mailgrant operator' \
  'Connects and changes mailboxes in the Mailgrant console')
admin=$(role 6d1c6f0e-52a4-4b0e-9b8e-0a6f6c1f1a03 Mailgrant.Admin 'Mailgrant administrator' \
  'Does everything in the Mailgrant console except fetching access tokens')
app_roles=()
case $audience in
  AzureADMyOrg | AzureADMultipleOrgs) app_roles=(--app-roles "[$viewer,$operator,$admin]") ;;
esac

stop() { printf '%s\n' "$@" >&2; exit 2; }
[ -n "$app_name" ] || stop 'Take this script from the setup guide in Mailgrant, which fills in its values.'

credential=$default_credential
lifetime_days=''
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || stop "A value is missing after $1."
  case $1 in
    --credential) credential=$2 ;;
    --lifetime-days) lifetime_days=$2 ;;
    *) stop "Unknown option: $1" ;;
  esac
  shift 2
done
case $credential in
  federated)
    [ -n "$issuer" ] || stop 'A federated credential needs a PUBLIC_URL with https that the internet can reach.' \
      'Choose --credential certificate or --credential secret.'
    [ -z "$lifetime_days" ] || stop 'A federated credential does not expire: --lifetime-days is for --credential secret.'
    ;;
  certificate)
    [ -z "$lifetime_days" ] || stop 'The lifetime of a certificate is chosen where it is made, in the Microsoft settings' \
      '(lifetime_days): --lifetime-days is for --credential secret.'
    [ -n "$certificate" ] || stop 'Mailgrant has not generated a certificate. Do that in the Microsoft settings and take this script' \
      'from the setup guide again. Or choose --credential secret.'
    ;;
  secret)
    [[ ${lifetime_days:=730} =~ ^[1-9][0-9]*$ ]] || stop '--lifetime-days must be a number of days.'
    ;;
  *) stop '--credential must be federated, certificate or secret.' ;;
esac

policy='An app management policy of your organisation'
exemption='A Security Administrator can change the policy or exempt this app: Entra admin center > Enterprise apps > Application policies.'

# Explains why Entra refused the app itself.
refused_app() {
  cat "$errors" >&2
  if grep -qE 'SignInAudience.*not allowed|SignInAudienceNotAllowed' "$errors"; then
    printf '\n%s does not allow apps for accounts of other organisations.\n' "$policy" >&2
    printf 'Enter your own directory as the tenant in the Microsoft settings, and take this script from the\n' >&2
    printf 'setup guide again: it then registers the app for your directory only.\n%s\n' "$exemption" >&2
  fi
  exit 1
}

# Explains why Entra refused the credential, and how to go on
# (https://learn.microsoft.com/graph/api/resources/applicationauthenticationmethodpolicy).
refused_credential() {
  cat "$errors" >&2
  local because='' kind shorter='' refused='this credential' upload
  case $credential in
    federated)
      kind='federated credentials' refused='federated credentials of this issuer'
      ;;
    certificate)
      kind=certificates
      shorter='Have Mailgrant generate one with fewer days in the Microsoft settings (lifetime_days) and take this script from the setup guide again, or give a PEM file with one.'
      ;;
    secret)
      kind='client secrets'
      shorter='Run this script again with fewer days, for example --lifetime-days 90.'
      ;;
  esac
  if grep -qE 'Credential type not allowed|CredentialTypeNotAllowed' "$errors"; then
    because="$policy does not allow $kind."
  elif grep -qE 'Credential lifetime exceeds|CredentialInvalidLifetime' "$errors"; then
    because="$policy allows $kind only for a shorter time. $shorter"
  elif grep -qE 'as per assigned policy|AsPerAppPolicy' "$errors"; then
    because="$policy does not allow $refused."
  fi
  [ -z "$because" ] || printf '\n%s\n%s\n' "$because" "$exemption" >&2
  printf '\nEverything else is done. The client ID is %s; only a credential is missing.\n' "$app_id" >&2
  printf 'To use another one, run this script again, which continues with the same app:\n' >&2
  [ "$credential" = federated ] || [ -z "$issuer" ] ||
    printf '  --credential federated: no secret, and nothing that expires\n' >&2
  upload='first have Mailgrant generate a certificate, and take this script from the setup guide again'
  [ -z "$certificate" ] || upload='uploads the certificate that Mailgrant has generated'
  [ "$credential" = certificate ] || printf '  --credential certificate: %s\n' "$upload" >&2
  [ "$credential" = secret ] ||
    printf '  --credential secret --lifetime-days 180: a text to copy, which expires after that time\n' >&2
  exit 1
}

# In Git Bash and WSL, the Azure CLI may be the Windows program, which ends lines with CR LF.
value_of() { az "$@" --output tsv | tr -d '\r'; }
# Quotes a text for JMESPath, the language of --query.
quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/[\\\\']/\\\\&/g")"; }

errors=$(mktemp)
previous_cloud=$(value_of cloud show --query name)
trap 'rm -f "$errors"; az cloud set --name "$previous_cloud" --output none' EXIT
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

# Azure Cloud Shell is signed in already: an account of the right directory need not sign in again.
signed_in=$(value_of account show --query '[tenantId,tenantDefaultDomain]' 2>/dev/null | tr '\t' '\n' || true)
if [ -n "$home_tenant" ]; then
  grep -qixF -e "$home_tenant" <<<"$signed_in" ||
    az login --allow-no-subscriptions --tenant "$home_tenant" --output none
elif [ -z "$signed_in" ]; then
  az login --allow-no-subscriptions --output none
fi
tenant_id=$(value_of account show --query tenantId)

# 1. The app with its redirect URIs and permissions.
redirect_uris=("$redirect_uri" "$admin_consent_redirect_uri" "$console_redirect_uri")
if [ -z "$app_id" ]; then
  app_id=$(value_of ad app list --display-name "$app_name" \
    --query "[?contains(web.redirectUris || \`[]\`, $(quoted "$redirect_uri"))].appId | [0]")
fi
if [ -z "$app_id" ]; then
  # The Azure CLI would overwrite an app of the same name.
  same_name=$(value_of ad app list --display-name "$app_name" \
    --query "[?displayName==$(quoted "$app_name")].appId | [0]")
  [ -z "$same_name" ] || stop "The app $same_name has the same name, but other redirect URIs: it may belong to" \
    'another deployment. To use it, enter its client ID as app_id at the top of this script; to register' \
    'another app, change app_name.'
  access=$(printf '{"id":"%s","type":"Scope"},' "${permissions[@]}")
  app_id=$(value_of ad app create \
    --display-name "$app_name" \
    --sign-in-audience "$audience" \
    --requested-access-token-version 2 \
    --web-redirect-uris "${redirect_uris[@]}" \
    --required-resource-accesses "[{\"resourceAppId\":\"$graph\",\"resourceAccess\":[${access%,}]}]" \
    ${app_roles[@]+"${app_roles[@]}"} \
    --query appId 2>"$errors") || refused_app
else
  printf 'Continuing with the app %s.\n' "$app_id"
  present=$(value_of ad app show --id "$app_id" --query 'web.redirectUris[]')
  while IFS= read -r uri; do
    [ -z "$uri" ] || printf '%s\n' "${redirect_uris[@]}" | grep -qxF -e "$uri" || redirect_uris+=("$uri")
  done <<<"$present"
  az ad app update --id "$app_id" \
    --sign-in-audience "$audience" \
    --requested-access-token-version 2 \
    --web-redirect-uris "${redirect_uris[@]}" --output none 2>"$errors" || refused_app
  declared=$(value_of ad app show --id "$app_id" --query 'requiredResourceAccess[].resourceAccess[].id')
  for permission in "${permissions[@]}"; do
    grep -qxF "$permission" <<<"$declared" || az ad app permission add --id "$app_id" \
      --api "$graph" --api-permissions "$permission=Scope" --output none
  done
  if [ "${#app_roles[@]}" -gt 0 ]; then
    # Setting the roles would delete others, and Entra refuses to delete one that is in use.
    roles=$(value_of ad app show --id "$app_id" --query 'appRoles[].value')
    if [ -z "$roles" ]; then
      az ad app update --id "$app_id" "${app_roles[@]}" --output none
    elif ! grep -qxF Mailgrant.Admin <<<"$roles"; then
      printf "The app has app roles of its own. Add Mailgrant's by hand, as the setup guide says.\n"
    fi
  fi
fi

# 2. The enterprise application, which holds the consent. A new app takes a few seconds to be available.
create_principal() {
  az ad sp show --id "$app_id" --output none 2>/dev/null ||
    az ad sp create --id "$app_id" --output none
}
consent() {
  local scopes
  read -ra scopes <<<"$2"
  [ -z "$2" ] || az ad app permission grant --id "$app_id" --api "$1" \
    --consent-type AllPrincipals --scope "${scopes[@]}" --output none
}
# Personal accounts need neither.
if [ "$audience" != PersonalMicrosoftAccount ]; then
  create_principal || { sleep 20; create_principal; }
  if [ "$grant_consent" = yes ]; then
    # Sign-ins request the scopes of IMAP and SMTP at Exchange. The others belong to Graph.
    if consent "$exchange" "$exchange_scopes" && consent "$graph" "$graph_scopes"; then
      printf 'Consent has been granted for all users of this directory.\n'
    else
      grant_consent=failed
    fi
  fi
fi

# 3. The credential, last: a policy may refuse it. It is added beside existing ones.
credential_name="mailgrant-$(date -u +%Y%m%dT%H%M%SZ)"
case $credential in
  federated)
    trusted=$(value_of ad app federated-credential list --id "$app_id" \
      --query "[?issuer==$(quoted "$issuer") && subject==$(quoted "$subject")].name | [0]")
    [ -n "$trusted" ] || az ad app federated-credential create --id "$app_id" --output none --parameters \
      "{\"name\":\"$credential_name\",\"issuer\":\"$issuer\",\"subject\":\"$subject\",\"audiences\":[\"$token_audience\"]}" \
      2>"$errors" || refused_credential
    ;;
  certificate)
    # Named by its last characters, a part of the signature.
    credential_name="mailgrant-${certificate: -12}"
    uploaded=$(value_of ad app credential list --id "$app_id" --cert \
      --query "[?displayName=='$credential_name'].keyId | [0]")
    # The Azure CLI caps the end date at that of the certificate. Without --append, it would delete
    # all other certificates.
    [ -n "$uploaded" ] || az ad app credential reset --id "$app_id" --append --output none \
      --display-name "$credential_name" --cert "$certificate" --end-date 2099-12-31 2>"$errors" || refused_credential
    ;;
  secret)
    # GNU date and that of macOS differ.
    end=$(($(date +%s) + lifetime_days * 86400))
    end_date=$(date -u -d "@$end" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -r "$end" +%Y-%m-%dT%H:%M:%SZ)
    # Without --append, all existing secrets of the app would be deleted.
    client_secret=$(value_of ad app credential reset --id "$app_id" --append \
      --display-name "$credential_name" --end-date "$end_date" --query password 2>"$errors") || refused_credential
    expires_at=$(value_of ad app credential list --id "$app_id" \
      --query "[?displayName=='$credential_name'].endDateTime | [0]")
    ;;
esac

printf '\nEnter these values in the Microsoft settings (PUT /v1/integrations/microsoft/settings):\n\n'
printf '  Client ID      client_id                 %s\n' "$app_id"
if [ "$credential" = secret ]; then
  printf '  Client secret  credential.client_secret  %s\n' "$client_secret"
  printf '  Expires        credential.expires_at     %s\n' "$expires_at"
else
  printf '  Credential     credential.type           %s\n' "$credential"
fi
if [ "$audience" != PersonalMicrosoftAccount ]; then
  printf '  Home tenant    home_tenant               %s\n' "$tenant_id"
fi
if [ "$credential" = certificate ]; then
  printf '\nMailgrant has its private key already: enter no other credential. Promote it if it is the next one.\n'
else
  case $credential in
    federated)
      printf '\nEntra can take a few minutes until it accepts a new federated credential.\n'
      if [[ $audience == *Personal* ]]; then
        printf 'Microsoft does not say whether it accepts one for personal accounts: sign in with such an account before you rely on it.\n'
      fi
      ;;
    secret) printf '\nThe secret cannot be shown again. Clear this screen after saving it.\n' ;;
  esac
  printf 'If the settings have another credential, enter this one as the next\n'
  printf '(PUT /v1/integrations/microsoft/settings/next-credential).\n'
fi
printf 'Then verify it (POST /v1/integrations/microsoft/settings/verify).\n'
if [ "$grant_consent" = failed ]; then
  printf '\nConsent could not be granted: that takes a Cloud Application Administrator. Have one run this script\n' >&2
  printf 'again, or send one an admin-consent link from Mailgrant.\n' >&2
  exit 1
fi
