/** /v1/integrations: the switch, the app registration with its credentials, its setup guide, and links for an admin's consent. */
import { z } from 'zod'
import { CredentialInput } from '../../schema/credential.ts'
import {
  AdminConsentInput,
  AdminConsentLink,
  Integration,
  IntegrationSettings,
  IntegrationSettingsInput,
  VerifyInput,
  VerifyResult,
} from '../../schema/integration.ts'
import { SetupGuide, SetupGuideQuery } from '../../schema/setup-guide.ts'
import { createAdminConsent } from '../domain/app/admin-consent.ts'
import { readIntegration, setActive } from '../domain/app/integration.ts'
import { promoteNextCredential } from '../domain/app/promote-credential.ts'
import {
  readSettings,
  removeNextCredential,
  replaceNextCredential,
  replaceSettings,
} from '../domain/app/settings.ts'
import { showSetupGuide } from '../domain/app/setup/show-guide.ts'
import { verifyCredential } from '../domain/app/verify.ts'
import { ok } from '../model/result.ts'
import { SETUP_CALLS } from '../paths.ts'
import { createRouter } from './app-env.ts'
import { readText } from './assets.ts'
import { operationsOf } from './operation.ts'

export const integrations = createRouter()
const operation = operationsOf(integrations, 'Integrations')

operation('get', '/integrations', {
  scope: 'read',
  operationId: 'listIntegrations',
  summary: 'List the integrations',
  description:
    'Returns all integrations and their problems. `microsoft` is currently the only one.',
  returns: z
    .object({
      data: z.array(Integration).meta({ description: 'All integrations.' }),
      next_cursor: z.null().meta({ description: 'Always null: there is only one page.' }),
    })
    .meta({ id: 'IntegrationList' }),
  run: async ({ services }) => ok({ data: [await readIntegration(services)], next_cursor: null }),
})

operation('get', '/integrations/microsoft', {
  scope: 'read',
  operationId: 'getIntegration',
  summary: 'Get the Microsoft integration',
  description:
    'Returns whether the integration is active and configured. `problems` lists what requires attention, such as a client secret that expires soon.',
  returns: Integration,
  run: async ({ services }) => ok(await readIntegration(services)),
})

operation('post', '/integrations/microsoft/activate', {
  scope: 'admin',
  operationId: 'activateIntegration',
  summary: 'Activate the integration',
  description:
    'From then on, people can sign in, and Mailgrant refreshes and issues tokens. Idempotent. Next step: save the app registration in the settings.',
  returns: Integration,
  run: async ({ services, call }) => ok(await setActive(services, call, true)),
})

operation('post', '/integrations/microsoft/deactivate', {
  scope: 'admin',
  operationId: 'deactivateIntegration',
  summary: 'Deactivate the integration without losing data',
  description:
    'New sign-ins, token refreshes, access tokens and validations of OAuth accounts stop with 409 `integration_inactive`. No stored data is lost; activating the integration resumes everything. Microsoft expires refresh tokens after 90 days without use: `problems` warns from day 60. Idempotent.',
  returns: Integration,
  run: async ({ services, call }) => ok(await setActive(services, call, false)),
})

operation('get', '/integrations/microsoft/settings', {
  scope: 'read',
  operationId: 'getIntegrationSettings',
  summary: 'Get the app registration settings',
  description:
    'Returns the stored settings, without the secret, and the redirect URIs and permissions to register in Entra. Values are null until the settings are first saved. Send the `ETag` as `If-Match` when you replace the settings.',
  returns: IntegrationSettings,
  etag: true,
  run: async ({ services }) => ok(await readSettings(services)),
})

operation('put', '/integrations/microsoft/settings', {
  scope: 'admin',
  operationId: 'replaceIntegrationSettings',
  summary: 'Replace the app registration settings',
  description:
    'Stores client ID, credential, cloud and tenant, even while the integration is inactive. Without `credential`, or with it as `GET` shows it, the stored one is kept. A different `client_id` requires its own credential. Changing `client_id` or `cloud` while grants exist is 409 `grants_depend` unless `confirm=true`, after which those grants must be reconnected. A new credential alone affects no grant. While grants exist, store a federated credential as the next one and promote it (409 `grants_depend`). After a change of `PUBLIC_URL`, confirm the current one with `confirm=true`. Then verify it.',
  ifMatch: 'optional',
  query: z.object({
    confirm: z.enum(['true', 'false']).default('false').meta({
      description:
        'Change the client ID or cloud even though existing grants must then be reconnected; or confirm the federated credential for a changed `PUBLIC_URL`.',
    }),
  }),
  body: IntegrationSettingsInput,
  returns: IntegrationSettings,
  etag: true,
  problems: ['grants_depend', 'client_secret_is_an_id', 'issuer_not_public', 'credential_required'],
  run: ({ services, call, body, query, ifMatch }) =>
    replaceSettings(services, call, body, { ifMatch, confirm: query.confirm === 'true' }),
})

operation('post', '/integrations/microsoft/settings/verify', {
  scope: 'admin',
  operationId: 'verifyIntegrationSettings',
  summary: 'Verify client ID and credential with Entra',
  description:
    'Requests an app-only token from Entra, without a user, and discards it. The outcome is `inconclusive` if no single tenant is known: send `tenant` or save `home_tenant`. Changes no settings and no grants.',
  body: VerifyInput,
  returns: VerifyResult,
  problems: ['integration_not_configured', 'next_credential_missing'],
  run: ({ services, call, body: { credential, tenant } }) =>
    verifyCredential(services, call, credential, tenant),
})

operation('get', '/integrations/microsoft/setup-guide', {
  scope: 'read',
  operationId: 'getSetupGuide',
  summary: 'Get the Entra setup guide with your values filled in',
  description:
    'Returns each step in the Entra portal with the values to enter, and the same steps as scripts for the Azure CLI and PowerShell. The query can replace stored settings. The scripts add the credential last. If an app management policy refuses it, everything else is done, and the script says how to continue. `app_only` has the additional scripts for access without a user.',
  query: SetupGuideQuery,
  returns: SetupGuide,
  run: async ({ services, query, c }) => {
    const readScript = (name: string) => readText(c, `/docs/${name}`)
    return ok(await showSetupGuide(services, query, SETUP_CALLS, readScript))
  },
})

operation('put', '/integrations/microsoft/settings/next-credential', {
  scope: 'admin',
  operationId: 'replaceNextCredential',
  summary: 'Store the next credential',
  description:
    'Stores a second credential, which is not used yet. Test it with `verify` and `"credential": "next"`, then promote it. With type `certificate`, Mailgrant generates the key and the certificate, and the response contains the certificate to upload to Entra. With type `federated`, Mailgrant publishes its keys (`jwks_uri`), and you enter `issuer`, `subject` and `audience` at Entra. Replaces any next credential, or the replaced one, which then cannot be restored. Grants and the settings\' ETag do not change.',
  body: CredentialInput,
  returns: IntegrationSettings,
  etag: true,
  problems: ['client_secret_is_an_id', 'issuer_not_public'],
  run: ({ services, call, body }) => replaceNextCredential(services, call, body),
})

operation('delete', '/integrations/microsoft/settings/next-credential', {
  scope: 'admin',
  operationId: 'deleteNextCredential',
  summary: 'Delete the next credential',
  description:
    'Deletes the replaced one, too, which can then no longer be put back. Idempotent. The current credential is unchanged.',
  status: 204,
  run: async ({ services, call }) => {
    await removeNextCredential(services, call)
    return ok(null)
  },
})

operation('post', '/integrations/microsoft/settings/promote', {
  scope: 'admin',
  operationId: 'promoteNextCredential',
  summary: 'Promote the next credential, or undo that',
  description:
    'Exchanges the current credential and the next one. Grants are unaffected. The replaced credential stays as `next_credential` until `undo_until`, for 7 days or until it expires, and promoting again restores it. Send `If-Match` so that a repeated request does not undo the first. If the next credential has expired, or is federated for an earlier `PUBLIC_URL`, the response is 409 `next_credential_missing`.',
  ifMatch: 'optional',
  returns: IntegrationSettings,
  etag: true,
  problems: ['next_credential_missing', 'integration_not_configured'],
  run: ({ services, call, ifMatch }) => promoteNextCredential(services, call, { ifMatch }),
})

operation('post', '/integrations/microsoft/admin-consent', {
  scope: 'write',
  rate: 'authorizations',
  operationId: 'createAdminConsentLink',
  summary: 'Create a link for tenant-wide admin consent',
  description:
    'Returns a link where an administrator consents once for everyone in the tenant. It is valid for 14 days and can be opened repeatedly until consent succeeds. The outcome is recorded as an event marked `unverified` and changes nothing else. Every call creates a new link.',
  body: AdminConsentInput,
  idempotent: { untilExpiry: true },
  status: 201,
  returns: AdminConsentLink,
  problems: ['integration_not_configured', 'too_many_links'],
  run: ({ services, call, body }) => createAdminConsent(services, call, body),
})
