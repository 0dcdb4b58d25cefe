/** /v1/integrations: the switch, the app registration with its credentials, its setup guide, and links for an admin's consent. */
import { createRoute, z } from '@hono/zod-openapi'
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
import {
  readSettings,
  removeNextCredential,
  replaceNextCredential,
  replaceSettings,
} from '../domain/app/settings.ts'
import { showSetupGuide } from '../domain/app/setup/show-guide.ts'
import { verifyCredential } from '../domain/app/verify.ts'
import { promoteNextCredential } from '../domain/tokens/promote-credential.ts'
import { SETUP_CALLS } from '../paths.ts'
import { problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { readText } from './assets.ts'
import { etag, etagHeader, IfMatch, ifMatchVersion } from './etag.ts'
import { requireScope } from './guard.ts'
import { IdempotencyKey, idempotent } from './idempotency.ts'
import { jsonBody, jsonResponse, withoutFields } from './json.ts'
import { unwrap } from './to-problem.ts'

const tags = ['Integrations']
const Settings = { ...jsonResponse('The settings.', IntegrationSettings), headers: etagHeader }

const list = createRoute({
  method: 'get',
  path: '/integrations',
  ...requireScope('read'),
  operationId: 'listIntegrations',
  tags,
  summary: 'List the integrations',
  description:
    'Returns all integrations and their problems. `microsoft` is currently the only one.',
  responses: {
    200: jsonResponse(
      'All integrations.',
      z
        .object({
          data: z.array(Integration).meta({ description: 'All integrations.' }),
          next_cursor: z.null().meta({ description: 'Always null: there is only one page.' }),
        })
        .meta({ id: 'IntegrationList' }),
    ),
  },
})

const get = createRoute({
  method: 'get',
  path: '/integrations/microsoft',
  ...requireScope('read'),
  operationId: 'getIntegration',
  tags,
  summary: 'Get the Microsoft integration',
  description:
    'Returns whether the integration is active and configured. `problems` lists what requires attention, such as a client secret that expires soon.',
  responses: { 200: jsonResponse('The integration.', Integration) },
})

const switchRoute = (verb: 'activate' | 'deactivate', summary: string, description: string) =>
  createRoute({
    method: 'post',
    path: `/integrations/microsoft/${verb}`,
    ...withoutFields(requireScope('admin')),
    operationId: `${verb}Integration`,
    tags,
    summary,
    description,
    responses: {
      200: jsonResponse('The integration.', Integration),
    },
  })

const activate = switchRoute(
  'activate',
  'Activate the integration',
  'From then on, people can sign in, and Mailgrant refreshes and issues tokens. Idempotent. Next step: save the app registration in the settings.',
)

const deactivate = switchRoute(
  'deactivate',
  'Deactivate the integration without losing data',
  'New sign-ins, token refreshes, access tokens and validations of OAuth accounts stop with 409 `integration_inactive`. No stored data is lost; activating the integration resumes everything. Microsoft expires refresh tokens after 90 days without use: `problems` warns from day 60. Idempotent.',
)

const getSettings = createRoute({
  method: 'get',
  path: '/integrations/microsoft/settings',
  ...requireScope('read'),
  operationId: 'getIntegrationSettings',
  tags,
  summary: 'Get the app registration settings',
  description:
    'Returns the stored settings, without the secret, and the redirect URIs and permissions to register in Entra. Values are null until the settings are first saved. Send the `ETag` as `If-Match` when you replace the settings.',
  responses: { 200: Settings },
})

const putSettings = createRoute({
  method: 'put',
  path: '/integrations/microsoft/settings',
  ...requireScope('admin'),
  operationId: 'replaceIntegrationSettings',
  tags,
  summary: 'Replace the app registration settings',
  description:
    'Stores client ID, credential, cloud and tenant, even while the integration is inactive. Without `credential`, or with it as `GET` shows it, the stored one is kept; a different `client_id` requires its own credential. Changing `client_id` or `cloud` while grants exist is 409 `grants_depend` unless `confirm=true`; those grants must then be reconnected. A new credential alone affects no grant. While grants exist, a federated credential is stored as the next one instead and promoted (409 `grants_depend`); one that is current already is confirmed for a changed `PUBLIC_URL` with `confirm=true`. Next step: verify.',
  request: {
    headers: IfMatch,
    query: z.object({
      confirm: z.enum(['true', 'false']).default('false').meta({
        description:
          'Change the client ID or cloud even though existing grants must then be reconnected; or confirm the federated credential for a changed `PUBLIC_URL`.',
      }),
    }),
    ...jsonBody(IntegrationSettingsInput),
  },
  responses: {
    200: Settings,
    ...problems(
      'grants_depend',
      'client_secret_is_an_id',
      'issuer_not_public',
      'credential_required',
    ),
  },
})

const verify = createRoute({
  method: 'post',
  path: '/integrations/microsoft/settings/verify',
  ...requireScope('admin'),
  operationId: 'verifyIntegrationSettings',
  tags,
  summary: 'Verify client ID and credential with Entra',
  description:
    'Requests an app-only token from Entra, without a user, and discards it. The outcome is `inconclusive` if no single tenant is known: send `tenant` or save `home_tenant`. Changes no settings and no grants.',
  request: jsonBody(VerifyInput),
  responses: {
    200: jsonResponse('The result.', VerifyResult),
    ...problems('integration_not_configured', 'next_credential_missing'),
  },
})

const guide = createRoute({
  method: 'get',
  path: '/integrations/microsoft/setup-guide',
  ...requireScope('read'),
  operationId: 'getSetupGuide',
  tags,
  summary: 'Get the Entra setup guide with your values filled in',
  description:
    'Returns each step in the Entra portal with the values to enter, and the same steps as scripts for the Azure CLI and PowerShell. The query takes settings in place of the stored ones. The scripts add the credential last: `credential`, or another kind with `--credential`. If an app management policy refuses it, everything else is done, and the script says how to continue. `app_only` lists the additional steps for access without a user.',
  request: { query: SetupGuideQuery },
  responses: { 200: jsonResponse('The guide.', SetupGuide) },
})

export const integrations = createRouter()
  .openapi(list, async (c) =>
    c.json({ data: [await readIntegration(c.get('services'))], next_cursor: null }, 200),
  )
  .openapi(get, async (c) => c.json(await readIntegration(c.get('services')), 200))
  .openapi(activate, async (c) => c.json(await setActive(c.get('services'), callOf(c), true), 200))
  .openapi(deactivate, async (c) =>
    c.json(await setActive(c.get('services'), callOf(c), false), 200),
  )
  .openapi(getSettings, async (c) => {
    const { value, version } = await readSettings(c.get('services'))
    return c.json(value, 200, { etag: etag(version) })
  })
  .openapi(putSettings, async (c) => {
    const options = {
      ifMatch: ifMatchVersion(c.req.valid('header')['if-match']),
      confirm: c.req.valid('query').confirm === 'true',
    }
    const saved = unwrap(
      await replaceSettings(c.get('services'), callOf(c), c.req.valid('json'), options),
    )
    return c.json(saved.value, 200, { etag: etag(saved.version) })
  })
  .openapi(verify, async (c) => {
    const { credential, tenant } = c.req.valid('json')
    const verified = await verifyCredential(c.get('services'), callOf(c), credential, tenant)
    return c.json(unwrap(verified), 200)
  })
  .openapi(guide, async (c) => {
    const readScript = (name: string) => readText(c, `/docs/${name}`)
    const planned = c.req.valid('query')
    return c.json(await showSetupGuide(c.get('services'), planned, SETUP_CALLS, readScript), 200)
  })

// /v1/integrations/microsoft/settings/next-credential: rotation of the app's credential.

const path = '/integrations/microsoft/settings/next-credential'
const Saved = jsonResponse('The settings, without secrets.', IntegrationSettings)

const putNext = createRoute({
  method: 'put',
  path,
  ...requireScope('admin'),
  operationId: 'replaceNextCredential',
  tags,
  summary: 'Store the next credential',
  description:
    'Stores a second credential, which is not used yet. Test it with `verify` and `"credential": "next"`, then promote it. With type `certificate` and neither key nor certificate, Mailgrant generates both, and the response contains the public certificate to upload to Entra. With type `federated`, Mailgrant publishes its keys (`jwks_uri`), and `issuer`, `subject` and `audience` are to be entered at Entra. Replaces any existing next credential, or the replaced one, which can then no longer be put back. Grants and the ETag of the settings do not change.',
  request: jsonBody(CredentialInput),
  responses: {
    200: Saved,
    ...problems('client_secret_is_an_id', 'issuer_not_public'),
  },
})

const removeNext = createRoute({
  method: 'delete',
  path,
  ...requireScope('admin'),
  operationId: 'deleteNextCredential',
  tags,
  summary: 'Delete the next credential',
  description:
    'Deletes the replaced one, too, which can then no longer be put back. Idempotent. The current credential is unchanged.',
  responses: { 204: { description: 'Deleted.' } },
})

const promote = createRoute({
  method: 'post',
  path: '/integrations/microsoft/settings/promote',
  ...withoutFields(requireScope('admin')),
  operationId: 'promoteNextCredential',
  tags,
  summary: 'Promote the next credential, or undo that',
  description:
    'Exchanges the current credential and the next one in a single step. Grants are unaffected. The replaced credential stays as `next_credential` until `undo_until`, for 7 days or until it expires, and promoting again puts it back. Send `If-Match` so that a repeated request does not undo the first. If the next credential has expired, or is federated for an earlier `PUBLIC_URL`, the response is 409 `next_credential_missing`. Before a federated credential is promoted, Mailgrant refreshes the access token of one connected personal account with it, because no other call shows whether Entra accepts it for such accounts. If Microsoft refuses, the response is 409 `credential_rejected` with the diagnosis, and nothing changes.',
  request: { headers: IfMatch },
  responses: {
    200: Saved,
    ...problems(
      'next_credential_missing',
      'credential_rejected',
      'integration_not_configured',
      'integration_inactive',
      'provider_unavailable',
    ),
  },
})

export const nextCredential = createRouter()
  .openapi(putNext, async (c) => {
    const services = c.get('services')
    const saved = unwrap(await replaceNextCredential(services, callOf(c), c.req.valid('json')))
    return c.json(saved.value, 200, { etag: etag(saved.version) })
  })
  .openapi(removeNext, async (c) => {
    await removeNextCredential(c.get('services'), callOf(c))
    return c.body(null, 204)
  })
  .openapi(promote, async (c) => {
    const options = { ifMatch: ifMatchVersion(c.req.valid('header')['if-match']) }
    const saved = unwrap(await promoteNextCredential(c.get('services'), callOf(c), options))
    return c.json(saved.value, 200, { etag: etag(saved.version) })
  })

// POST /v1/integrations/microsoft/admin-consent: creates a link for a tenant admin.

const createConsent = createRoute({
  method: 'post',
  path: '/integrations/microsoft/admin-consent',
  ...idempotent(requireScope('write', { rate: 'authorizations' }), { untilExpiry: true }),
  operationId: 'createAdminConsentLink',
  tags,
  summary: 'Create a link for tenant-wide admin consent',
  description:
    'Returns a link where an administrator consents once for everyone in the tenant. It is valid for 14 days and can be opened repeatedly until consent succeeds. The outcome is recorded as an event marked `unverified` and changes nothing else. Every call creates a new link.',
  request: { headers: IdempotencyKey, ...jsonBody(AdminConsentInput) },
  responses: {
    201: jsonResponse('The link, valid for 14 days or until consent succeeds.', AdminConsentLink),
    ...problems('integration_not_configured', 'too_many_links'),
  },
})

export const adminConsents = createRouter().openapi(createConsent, async (c) => {
  const link = await createAdminConsent(c.get('services'), callOf(c), c.req.valid('json'))
  c.header('cache-control', 'no-store')
  return c.json(unwrap(link), 201)
})
