/** /v1/integrations: the switch, the app registration, its setup guide. */
import { createRoute, z } from '@hono/zod-openapi'
import {
  Integration,
  IntegrationSettings,
  IntegrationSettingsInput,
  VerifyInput,
  VerifyResult,
} from '../../schema/integration.ts'
import { SetupGuide } from '../../schema/setup-guide.ts'
import { readIntegration, setActive } from '../domain/integration/integration.ts'
import { adminConsentRedirectUri, redirectUri } from '../domain/integration/redirect-uris.ts'
import { readSettings, replaceSettings } from '../domain/integration/settings.ts'
import { verifyCredential } from '../domain/integration/verify.ts'
import { setupGuide } from '../domain/setup/guide.ts'
import { orThrow, problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { etag, etagHeader, IfMatch, ifMatchVersion } from './etag.ts'
import { guardProblems, needs } from './guard.ts'
import { bodyCodes, jsonAnswer, jsonBody } from './json.ts'

const tags = ['Integrations']
const Settings = { ...jsonAnswer('The settings.', IntegrationSettings), headers: etagHeader }

const list = createRoute({
  method: 'get',
  path: '/integrations',
  ...needs('read'),
  operationId: 'listIntegrations',
  tags,
  summary: 'List the integrations',
  description: 'All integrations, with what stands in their way. There is one today: `microsoft`.',
  responses: {
    200: jsonAnswer(
      'All integrations.',
      z
        .object({
          data: z.array(Integration).meta({ description: 'All of them.' }),
          next_cursor: z.null().meta({ description: 'Always null: there is one page.' }),
        })
        .meta({ id: 'IntegrationList' }),
    ),
    ...guardProblems,
  },
})

const get = createRoute({
  method: 'get',
  path: '/integrations/microsoft',
  ...needs('read'),
  operationId: 'getIntegration',
  tags,
  summary: 'Read the Microsoft integration',
  description:
    'Whether the integration is active and configured. `problems` names what needs attention, such as a client secret that ends soon.',
  responses: { 200: jsonAnswer('The integration.', Integration), ...guardProblems },
})

const switchRoute = (verb: 'activate' | 'deactivate', summary: string, description: string) =>
  createRoute({
    method: 'post',
    path: `/integrations/microsoft/${verb}`,
    ...needs('admin'),
    operationId: `${verb}Integration`,
    tags,
    summary,
    description,
    responses: { 200: jsonAnswer('The integration.', Integration), ...guardProblems },
  })

const activate = switchRoute(
  'activate',
  'Switch the integration on',
  'From now on people can sign in, and tokens are refreshed and handed out again. Calling it again changes nothing. Next: save the app registration in the settings.',
)

const deactivate = switchRoute(
  'deactivate',
  'Switch the integration off; nothing is lost',
  'Stops new sign-ins, refreshes, hand-outs and validations of OAuth accounts, which answer 409 `integration_inactive`. Nothing stored is lost, and activating resumes. Microsoft ends a refresh token that is unused for 90 days: `problems` warns from day 60. Calling it again changes nothing.',
)

const getSettings = createRoute({
  method: 'get',
  path: '/integrations/microsoft/settings',
  ...needs('read'),
  operationId: 'getIntegrationSettings',
  tags,
  summary: 'Read the app registration and what to register at Entra',
  description:
    'What is stored, never the secret itself, and what to register at Entra: redirect URIs and permissions. Before the first save the values are null. The `ETag` is the version to send as `If-Match`.',
  responses: { 200: Settings, ...guardProblems },
})

const putSettings = createRoute({
  method: 'put',
  path: '/integrations/microsoft/settings',
  ...needs('admin'),
  operationId: 'replaceIntegrationSettings',
  tags,
  summary: 'Replace the app registration',
  description:
    'Stores client ID, credential, cloud and tenant, also while inactive. Without `credential` the stored one stays, but another `client_id` needs its own. Changing `client_id` or `cloud` while grants exist is 409 `grants_depend` unless `confirm=true`: those grants must be reconnected then. A new credential alone touches no grant. Next: verify.',
  request: {
    headers: IfMatch,
    query: z.object({
      confirm: z.enum(['true', 'false']).default('false').meta({
        description: 'Change client ID or cloud although grants must be reconnected then.',
      }),
    }),
    ...jsonBody(IntegrationSettingsInput),
  },
  responses: {
    200: Settings,
    ...guardProblems,
    ...problems(
      ...bodyCodes,
      'grants_depend',
      'precondition_failed',
      'client_secret_is_an_id',
      'credential_required',
    ),
  },
})

const verify = createRoute({
  method: 'post',
  path: '/integrations/microsoft/settings/verify',
  ...needs('admin'),
  operationId: 'verifyIntegrationSettings',
  tags,
  summary: 'Ask Entra whether client ID and credential work',
  description:
    'Asks Entra for a token of the app itself, without any user, and discards it. The outcome is `inconclusive` where no single tenant is known to ask at: send `tenant` or save `home_tenant`. Changes no settings and no grant.',
  request: jsonBody(VerifyInput),
  responses: {
    200: jsonAnswer('What Entra said.', VerifyResult),
    ...guardProblems,
    ...problems(
      ...bodyCodes,
      'integration_not_configured',
      'next_credential_missing',
      'key_missing',
    ),
  },
})

const guide = createRoute({
  method: 'get',
  path: '/integrations/microsoft/setup-guide',
  ...needs('read'),
  operationId: 'getSetupGuide',
  tags,
  summary: 'Read the steps at Entra, with the values filled in',
  description:
    'Each step in the Entra portal with the values to type, and the same as scripts for the Azure CLI and PowerShell; apart from them, under `app_only`, what access without a person needs on top. Changes nothing.',
  responses: { 200: jsonAnswer('The guide.', SetupGuide), ...guardProblems },
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
    const body = c.req.valid('json')
    const saved = orThrow(await replaceSettings(c.get('services'), callOf(c), body, options))
    return c.json(saved.value, 200, { etag: etag(saved.version) })
  })
  .openapi(verify, async (c) => {
    const { credential, tenant } = c.req.valid('json')
    const verified = await verifyCredential(c.get('services'), callOf(c), credential, tenant)
    return c.json(orThrow(verified), 200)
  })
  .openapi(guide, async (c) => {
    const { store, settings } = c.get('services')
    const guided = setupGuide({
      settings: await store.integrations.read(),
      redirectUri: redirectUri(settings.publicUrl),
      adminConsentRedirectUri: adminConsentRedirectUri(settings.publicUrl),
    })
    return c.json(guided, 200)
  })
