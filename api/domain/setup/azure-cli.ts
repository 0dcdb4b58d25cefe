/**
 * Azure CLI script that registers the app. It prints the secret before any later step can fail, and is
 * safe to run again: the CLI updates an app of the same name.
 */
import type { Cloud } from '../../../schema/mail-servers.ts'
import { GRAPH_APP_ID, MAIL_PERMISSIONS } from '../../entra/scopes.ts'
import { consentGrants, type Registration } from './app-registration.ts'

/** Quotes a text as one literal word of bash. */
export const bashQuote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

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

/** `saveSettings`: API call that stores the printed values. */
export function azureCliScript(registration: Registration, saveSettings: string): string {
  const [redirectUri, adminConsentRedirectUri] = registration.redirectUris
  const permissions = [
    {
      resourceAppId: GRAPH_APP_ID,
      resourceAccess: MAIL_PERMISSIONS.map(({ id, type }) => ({ id, type })),
    },
  ]
  return `#!/usr/bin/env bash
# Registers the app at Microsoft Entra and prints the values for the Microsoft settings.
# Requires bash, a current Azure CLI (2025 or later), and an account that may register apps, for
# example with the role Application Developer.
# It is safe to run again: it updates an app of the same name, replaces its redirect URIs and declared
# permissions, and adds a client secret. For app-only access, run the script for app-only access again
# afterwards. An app that allows personal accounts can have two secrets: delete an old one if Entra
# refuses a third.
set -euo pipefail

app_name=${bashQuote(registration.name)}
redirect_uri=${bashQuote(redirectUri)}
admin_consent_redirect_uri=${bashQuote(adminConsentRedirectUri)}
# Directory (GUID or domain) to register the app in. Empty: the one you are signed in to.
home_tenant=${bashQuote(registration.home ?? '')}
# Permissions of Microsoft Graph: ${MAIL_PERMISSIONS.map(({ name }) => name).join(', ')}.
permissions=${bashQuote(JSON.stringify(permissions))}
${registration.workAccounts ? CONSENT_SWITCH : ''}
# In Git Bash and WSL, the Azure CLI may be the Windows program, which ends lines with CR LF.
value_of() { az "$@" --output tsv | tr -d '\\r'; }

previous_cloud=$(value_of cloud show --query name)
trap 'az cloud set --name "$previous_cloud" --output none' EXIT
${useCloud(registration.cloud)}
if [ -n "$home_tenant" ]; then
  az login --allow-no-subscriptions --tenant "$home_tenant" --output none
elif ! az account show --output none 2>/dev/null; then
  az login --allow-no-subscriptions --output none
fi

app_id=$(value_of ad app create \\
  --display-name "$app_name" \\
  --sign-in-audience ${registration.audience} \\
  --requested-access-token-version 2 \\
  --web-redirect-uris "$redirect_uri" "$admin_consent_redirect_uri" \\
  --required-resource-accesses "$permissions" \\
  --query appId)

# Without --append, all existing secrets of the app would be deleted.
secret_name="mailgrant-$(date -u +%Y%m%dT%H%M%SZ)"
client_secret=$(value_of ad app credential reset --id "$app_id" --append \\
  --display-name "$secret_name" --years 2 --query password)
expires_at=$(value_of ad app credential list --id "$app_id" \\
  --query "[?displayName=='$secret_name'].endDateTime | [0]")
tenant_id=$(value_of account show --query tenantId)

printf '\\nEnter these values in the Microsoft settings (%s):\\n\\n' ${bashQuote(saveSettings)}
printf '  Client ID      client_id                 %s\\n' "$app_id"
printf '  Client secret  credential.client_secret  %s\\n' "$client_secret"
printf '  Expires        credential.expires_at     %s\\n' "$expires_at"
${registration.workAccounts ? PRINT_HOME : ''}printf '\\nThe secret cannot be shown again. Clear this screen after saving it.\\n'
${registration.workAccounts ? PRINCIPAL_AND_CONSENT : ''}`
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
  `  az ad app permission grant --id "$app_id" --api ${api} \\
    --consent-type AllPrincipals --scope ${scopes.join(' ')} --output none`

const CONSENT_SWITCH = `# yes: also consent for all users of this directory. Requires a Cloud Application Administrator.
grant_consent=no
`

const PRINT_HOME = `printf '  Home tenant    home_tenant               %s\\n' "$tenant_id"
`

const PRINCIPAL_AND_CONSENT = `
# Enterprise application, which holds the consent. A new app takes a few seconds to be available.
create_principal() {
  az ad sp show --id "$app_id" --output none 2>/dev/null ||
    az ad sp create --id "$app_id" --output none
}
create_principal || { sleep 20; create_principal; }

if [ "$grant_consent" = yes ]; then
${consentGrants.map(grant).join('\n')}
  printf '\\nConsent has been granted for all users of this directory.\\n'
fi
`
