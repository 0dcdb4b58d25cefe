/** /v1/integrations: the switch, the app registration and its setup guide. */
import { createRoute, z } from '@hono/zod-openapi'
import {
  Integration,
  IntegrationSettings,
  IntegrationSettingsInput,
  VerifyInput,
  VerifyResult,
} from '../../schema/integration.ts'
import { SetupGuide } from '../../schema/setup-guide.ts'
import { readIntegration, setActive } from '../domain/app/integration.ts'
import { readSettings, replaceSettings } from '../domain/app/settings.ts'
import { showSetupGuide } from '../domain/app/setup/show-guide.ts'
import { verifyCredential } from '../domain/app/verify.ts'
import { SETUP_CALLS } from '../paths.ts'
import { problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { readText } from './assets.ts'
import { etag, etagHeader, IfMatch, ifMatchVersion } from './etag.ts'
import { guardProblems, requireScope } from './guard.ts'
import { bodyProblems, jsonBody, jsonResponse, withoutFields } from './json.ts'
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
    ...guardProblems,
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
  responses: { 200: jsonResponse('The integration.', Integration), ...guardProblems },
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
      ...guardProblems,
      ...problems(...bodyProblems),
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
  responses: { 200: Settings, ...guardProblems },
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
    ...guardProblems,
    ...problems(
      ...bodyProblems,
      'grants_depend',
      'precondition_failed',
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
    ...guardProblems,
    ...problems(
      ...bodyProblems,
      'integration_not_configured',
      'next_credential_missing',
      'key_missing',
    ),
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
    'Returns each step in the Entra portal with the values to enter, and the same steps as scripts for the Azure CLI and PowerShell, with these values in the block on top of each. The scripts add the credential last, federated where Entra can reach this deployment; with `--credential`, another kind. If an app management policy of the organisation refuses it, everything else is done, and the script says how to continue. `app_only` lists the additional steps for access without a user.',
  responses: { 200: jsonResponse('The guide.', SetupGuide), ...guardProblems },
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
    return c.json(await showSetupGuide(c.get('services'), SETUP_CALLS, readScript), 200)
  })
