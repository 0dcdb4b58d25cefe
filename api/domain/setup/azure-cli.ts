/**
 * Azure CLI script that registers the app. The credential comes last, so that a policy that refuses it
 * leaves everything else done, and a second run continues with the same app.
 */

import type { Cloud } from '../../../schema/mail-servers.ts'
import { GRAPH_APP_ID, MAIL_PERMISSIONS } from '../../entra/scopes.ts'
import { bashQuote } from '../shell-quotes.ts'
import {
  appRolesJson,
  consentGrants,
  type Registration,
  type SetupInput,
} from './app-registration.ts'
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

const CLOUD_NAMES: Record<Cloud, string> = {
  global: 'AzureCloud',
  us_gov_high: 'AzureUSGovernment',
  us_gov_dod: 'AzureUSGovernmentDoD',
  china: 'AzureChinaCloud',
}

// The CLI has one US cloud, for GCC High. DoD signs in at the same hosts, but has its own Graph
// (https://learn.microsoft.com/graph/deployments).
const DOD_ENDPOINTS = {
  endpoints: {
    activeDirectory: 'https://login.microsoftonline.us',
    activeDirectoryResourceId: 'https://management.core.usgovcloudapi.net/',
    activeDirectoryGraphResourceId: 'https://graph.microsoftazure.us/',
    management: 'https://management.core.usgovcloudapi.net/',
    resourceManager: 'https://management.usgovcloudapi.net/',
    microsoftGraphResourceId: 'https://dod-graph.microsoft.us/',
  },
}

type Calls = Pick<SetupInput['calls'], 'saveSettings' | 'saveNextCredential' | 'verify'>

export function azureCliScript(registration: Registration, calls: Calls): string {
  const { credential, redirectUris, audience, appRoles } = registration
  const permissions = [
    {
      resourceAppId: GRAPH_APP_ID,
      resourceAccess: MAIL_PERMISSIONS.map(({ id, type }) => ({ id, type })),
    },
  ]
  return `#!/usr/bin/env bash
# Registers the app at Microsoft Entra and prints what to enter in the Microsoft settings.
# Requires bash, the Azure CLI (2.76 or later), and an account that may register apps, for
# example with the role Application Developer.
#
#   bash setup.sh [--credential federated|certificate|secret] [--lifetime-days DAYS] [--certificate FILE]
#
# --credential: how the app proves its identity. Default: ${credential.preferred}. ${credential.reason}
#   federated    Entra trusts what Mailgrant signs: no secret, and nothing that expires.
#   certificate  Entra gets a certificate, by default the one that Mailgrant has generated.
#   secret       Entra makes a text to copy, which expires.
# --lifetime-days: lifetime of the secret, 730 days by default. That of a certificate is chosen in the
#   Microsoft settings (lifetime_days), where Mailgrant makes it.
# --certificate: PEM file with another certificate, whose private key you enter in Mailgrant.
#
# It is safe to run again: it continues with the app that it finds by its client ID or redirect URI, and
# adds what is missing. A client secret is added each time. An app that allows personal accounts can
# have two secrets: delete an old one if Entra refuses a third.
set -euo pipefail

credential=${credential.preferred}
lifetime_days=''
certificate_file=''
app_name=${bashQuote(registration.name)}
# Client ID of the app. Empty: found by its redirect URI, or else registered.
app_id=${bashQuote(registration.clientId ?? '')}
redirect_uris=(
${redirectUris.map((uri) => `  ${bashQuote(uri)}`).join('\n')}
)
${appRoles.length === 0 ? '' : `# Roles of people who sign in to the console of Mailgrant.\napp_roles=${bashQuote(appRolesJson(appRoles))}\n`}# Directory (GUID or domain) to register the app in. Empty: the one you are signed in to.
home_tenant=${bashQuote(registration.home ?? '')}
${registration.workAccounts ? CONSENT_SWITCH : ''}
stop() { printf '%s\\n' "$@" >&2; exit 2; }
while [ $# -gt 0 ]; do
  [ $# -ge 2 ] || stop "A value is missing after $1."
  case $1 in
    --credential) credential=$2 ;;
    --lifetime-days) lifetime_days=$2 ;;
    --certificate) certificate_file=$2 credential=certificate ;;
    *) stop "Unknown option: $1" ;;
  esac
  shift 2
done
${checkCredential(credential)}
# In Git Bash and WSL, the Azure CLI may be the Windows program, which ends lines with CR LF.
value_of() { az "$@" --output tsv | tr -d '\\r'; }

errors=$(mktemp)
previous_cloud=$(value_of cloud show --query name)
trap 'rm -f "$errors"; az cloud set --name "$previous_cloud" --output none' EXIT
${useCloud(registration.cloud)}
if [ -n "$home_tenant" ]; then
  az login --allow-no-subscriptions --tenant "$home_tenant" --output none
elif ! az account show --output none 2>/dev/null; then
  az login --allow-no-subscriptions --output none
fi
tenant_id=$(value_of account show --query tenantId)

# 1. The app with its redirect URIs and permissions.
if [ -z "$app_id" ]; then
  app_id=$(value_of ad app list --display-name "$app_name" \\
    --query ${bashQuote(`[?contains(web.redirectUris || \`[]\`, ${jmesString(redirectUris[0])})].appId | [0]`)})
fi
if [ -z "$app_id" ]; then
  # The Azure CLI would overwrite an app of the same name.
  same_name=$(value_of ad app list --display-name "$app_name" \\
    --query ${bashQuote(`[?displayName==${jmesString(registration.name)}].appId | [0]`)})
  [ -z "$same_name" ] || stop "The app $same_name has the same name, but other redirect URIs: it may belong to" \\
    'another deployment. To use it, enter its client ID as app_id at the top of this script; to register' \\
    'another app, change app_name.'
  app_id=$(value_of ad app create \\
    --display-name "$app_name" \\
    --sign-in-audience ${audience} \\
    --requested-access-token-version 2 \\
    --web-redirect-uris "\${redirect_uris[@]}" \\
    --required-resource-accesses ${bashQuote(JSON.stringify(permissions))} \\
${
  appRoles.length === 0
    ? ''
    : `    --app-roles "$app_roles" \\
`
}    --query appId 2>"$errors") || refused_app
else
  printf 'Continuing with the app %s.\\n' "$app_id"
  present=$(value_of ad app show --id "$app_id" --query 'web.redirectUris[]')
  while IFS= read -r uri; do
    [ -z "$uri" ] || printf '%s\\n' "\${redirect_uris[@]}" | grep -qxF -e "$uri" || redirect_uris+=("$uri")
  done <<<"$present"
  az ad app update --id "$app_id" \\
    --sign-in-audience ${audience} \\
    --requested-access-token-version 2 \\
    --web-redirect-uris "\${redirect_uris[@]}" --output none 2>"$errors" || refused_app
  # Permissions of Microsoft Graph: ${MAIL_PERMISSIONS.map(({ name }) => name).join(', ')}.
  declared=$(value_of ad app show --id "$app_id" --query 'requiredResourceAccess[].resourceAccess[].id')
  for permission in ${MAIL_PERMISSIONS.map(({ id }) => id).join(' ')}; do
    grep -qxF "$permission" <<<"$declared" || az ad app permission add --id "$app_id" \\
      --api ${GRAPH_APP_ID} --api-permissions "$permission=Scope" --output none
  done
${appRoles.length === 0 ? '' : UPDATE_APP_ROLES}fi
${registration.workAccounts ? PRINCIPAL_AND_CONSENT : ''}
# ${registration.workAccounts ? 3 : 2}. The credential, last: a policy may refuse it.
credential_name="mailgrant-$(date -u +%Y%m%dT%H%M%SZ)"
case $credential in
${CREDENTIAL_KINDS.flatMap((kind) => addCredential[kind](credential) ?? []).join('\n')}
esac

printf '\\nEnter these values in the Microsoft settings (%s):\\n\\n' ${bashQuote(calls.saveSettings)}
printf '  Client ID      client_id                 %s\\n' "$app_id"
case $credential in
  federated)
    printf '  Credential     credential.type           federated\\n'
    ;;
  certificate)
    printf '  Credential     credential.type           certificate\\n'
    ;;
  secret)
    printf '  Client secret  credential.client_secret  %s\\n' "$client_secret"
    printf '  Expires        credential.expires_at     %s\\n' "$expires_at"
    ;;
esac
${registration.workAccounts ? PRINT_HOME : ''}
if [ "$credential" = certificate ] && [ -z "$certificate_file" ]; then
  printf '\\nMailgrant has its private key already: enter no other credential. Promote it if it is the next one.\\n'
else
  case $credential in
    federated) printf '\\n%s\\n' ${bashQuote(afterFederated(registration))} ;;
    certificate) printf '\\nEnter its private key, too (credential.private_key, credential.certificate).\\n' ;;
    secret) printf '\\nThe secret cannot be shown again. Clear this screen after saving it.\\n' ;;
  esac
  printf 'If the settings have another credential, enter this one as the next (%s).\\n' ${bashQuote(calls.saveNextCredential)}
fi
printf 'Then verify it (%s).\\n' ${bashQuote(calls.verify)}
${registration.workAccounts ? WITHOUT_CONSENT : ''}`
}

/** Quotes a text as a string of JMESPath, the language of --query. */
const jmesString = (text: string) => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`

/** Checks the options before anything is done, and defines what is said when Entra refuses. */
function checkCredential(choice: CredentialChoice): string {
  const { federation, certificate } = choice
  return `case $credential in
  federated)
    ${federation === null ? `stop ${bashQuote(choice.reason)} 'Choose --credential certificate or --credential secret.'` : `[ -z "$lifetime_days" ] || stop 'A federated credential does not expire: --lifetime-days is for --credential secret.'`}
    ;;
  certificate)
    [ -z "$lifetime_days" ] || stop 'The lifetime of a certificate is chosen where it is made, in the Microsoft settings (lifetime_days): --lifetime-days is for --credential secret.'
    certificate=${bashQuote(certificate ?? '')}
    if [ -n "$certificate_file" ]; then
      certificate=$(sed -n '/BEGIN CERTIFICATE/,/END CERTIFICATE/p;/END CERTIFICATE/q' "$certificate_file" | grep -v CERTIFICATE | tr -d '\\r\\n ' || true)
      [ -n "$certificate" ] || stop "There is no certificate in PEM in $certificate_file."
    fi
    [ -n "$certificate" ] || stop 'Mailgrant has not generated a certificate. Do that in the Microsoft settings and take this script from' \\
      'the setup guide again, or give a PEM file with one: --certificate FILE.'
    ;;
  secret)
    [[ \${lifetime_days:=730} =~ ^[1-9][0-9]*$ ]] || stop '--lifetime-days must be a number of days.'
    ;;
  *) stop '--credential must be federated, certificate or secret.' ;;
esac

# Explains why Entra refused the app itself.
refused_app() {
  cat "$errors" >&2
  if grep -qE ${bashQuote(AUDIENCE_REFUSED.pattern)} "$errors"; then
    printf '\\n%s\\n%s\\n' ${bashQuote(AUDIENCE_REFUSED.because)} ${bashQuote(WHO_CHANGES_POLICY)} >&2
  fi
  exit 1
}

# Explains why Entra refused the credential, and how to go on.
refused_credential() {
  cat "$errors" >&2
  local because='' ways
  case $credential in
${CREDENTIAL_KINDS.map((kind) => refusedCase(kind, choice)).join('\n')}
  esac
  if [ -n "$because" ]; then
    printf '\\n%s\\n%s\\n' "$because" ${bashQuote(WHO_CHANGES_POLICY)} >&2
  fi
  printf '\\nEverything else is done. The client ID is %s; only a credential is missing.\\n' "$app_id" >&2
  printf 'To use another one, run this script again, which continues with the same app:\\n  %s\\n' "$ways" >&2
  exit 1
}
`
}

const option = (kind: CredentialKind) =>
  kind === 'secret' ? '--credential secret --lifetime-days 180' : `--credential ${kind}`

function refusedCase(kind: CredentialKind, choice: CredentialChoice): string {
  const reasons = refusalsOf(kind, '--lifetime-days 90').map(
    ({ pattern, because }, index) =>
      `      ${index === 0 ? 'if' : 'elif'} grep -qE ${bashQuote(pattern)} "$errors"; then
        because=${bashQuote(because)}`,
  )
  return `    ${kind})
      ways=${bashQuote(otherWays(kind, choice, option).join('\n  '))}
${reasons.join('\n')}
      fi
      ;;`
}

/** Adds the credential beside existing ones. Null where this way does not work. */
const addCredential: Record<CredentialKind, (choice: CredentialChoice) => string | null> = {
  federated: ({ federation }) => {
    if (federation === null) return null
    const { issuer, subject, audience } = federation
    const query = `[?issuer==${jmesString(issuer)} && subject==${jmesString(subject)}].name | [0]`
    const values = JSON.stringify({ issuer, subject, audiences: [audience] })
    return `  federated)
    trusted=$(value_of ad app federated-credential list --id "$app_id" \\
      --query ${bashQuote(query)})
    [ -n "$trusted" ] || az ad app federated-credential create --id "$app_id" --output none \\
      --parameters "{\\"name\\":\\"$credential_name\\","${bashQuote(values.slice(1))} 2>"$errors" || refused_credential
    ;;`
  },
  certificate: () => `  certificate)
    # Named by its last characters, a part of the signature.
    credential_name="mailgrant-\${certificate: -12}"
    uploaded=$(value_of ad app credential list --id "$app_id" --cert \\
      --query "[?displayName=='$credential_name'].keyId | [0]")
    # The Azure CLI caps the end date at that of the certificate. Without --append, it would delete
    # all other certificates.
    [ -n "$uploaded" ] || az ad app credential reset --id "$app_id" --append --output none \\
      --display-name "$credential_name" --cert "$certificate" --end-date 2099-12-31 2>"$errors" || refused_credential
    ;;`,
  secret: () => `  secret)
    # GNU date and that of macOS differ.
    end=$(($(date +%s) + lifetime_days * 86400))
    end_date=$(date -u -d "@$end" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -r "$end" +%Y-%m-%dT%H:%M:%SZ)
    # Without --append, all existing secrets of the app would be deleted.
    client_secret=$(value_of ad app credential reset --id "$app_id" --append \\
      --display-name "$credential_name" --end-date "$end_date" --query password 2>"$errors") || refused_credential
    expires_at=$(value_of ad app credential list --id "$app_id" \\
      --query "[?displayName=='$credential_name'].endDateTime | [0]")
    ;;`,
}

export function useCloud(cloud: Cloud): string {
  const name = CLOUD_NAMES[cloud]
  const set = `az cloud set --name ${name} --output none\n`
  if (cloud !== 'us_gov_dod') return set
  return `az cloud show --name ${name} --output none 2>/dev/null ||
  az cloud register --name ${name} --output none \\
    --cloud-config ${bashQuote(JSON.stringify(DOD_ENDPOINTS))}
${set}`
}

const grant = ({ api, scopes }: (typeof consentGrants)[number]) =>
  `az ad app permission grant --id "$app_id" --api ${api} \\
      --consent-type AllPrincipals --scope ${scopes.join(' ')} --output none`

/** Replaces no roles: Entra refuses to delete one that is in use. */
const UPDATE_APP_ROLES = `  # Setting the roles would delete others.
  roles=$(value_of ad app show --id "$app_id" --query 'appRoles[].value')
  if [ -z "$roles" ]; then
    az ad app update --id "$app_id" --app-roles "$app_roles" --output none
  elif ! grep -qxF Mailgrant.Admin <<<"$roles"; then
    printf 'The app has app roles of its own. Add those of Mailgrant by hand, as the setup guide says.\\n'
  fi
`

const CONSENT_SWITCH = `# yes: also consent for all users of this directory. Requires a Cloud Application Administrator.
grant_consent=no
`

const PRINT_HOME = `printf '  Home tenant    home_tenant               %s\\n' "$tenant_id"
`

const PRINCIPAL_AND_CONSENT = `
# 2. The enterprise application, which holds the consent. A new app takes a few seconds to be available.
create_principal() {
  az ad sp show --id "$app_id" --output none 2>/dev/null ||
    az ad sp create --id "$app_id" --output none
}
create_principal || { sleep 20; create_principal; }

if [ "$grant_consent" = yes ]; then
  if ${consentGrants.map(grant).join(' &&\n    ')}; then
    printf 'Consent has been granted for all users of this directory.\\n'
  else
    grant_consent=failed
  fi
fi
`

const WITHOUT_CONSENT = `if [ "$grant_consent" = failed ]; then
  printf '\\nConsent could not be granted: that takes a Cloud Application Administrator. Have one run this script\\n' >&2
  printf 'again, or send one an admin-consent link from Mailgrant.\\n' >&2
  exit 1
fi
`
