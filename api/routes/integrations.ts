/** /v1/integrations: the switch, the app registration, its setup guide. */
import { createRoute, z } from '@hono/zod-openapi'
import {
  Integration,
  IntegrationSettings,
  IntegrationSettingsInput,
  SetupGuide,
  VerifyInput,
  VerifyResult,
} from '../../schema/integration.ts'
import { readIntegration, setActive } from '../domain/integration.ts'
import { adminConsentRedirectUri, redirectUri } from '../domain/redirect-uris.ts'
import { readSettings, replaceSettings } from '../domain/settings.ts'
import { setupGuide } from '../domain/setup-guide.ts'
import { verifyCredential } from '../domain/verify.ts'
import { orThrow, problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { etag, IfMatch, ifMatchVersion } from './etag.ts'
import { guardProblems, needs } from './guard.ts'
import { bodyCodes, jsonAnswer, jsonBody } from './json.ts'

const tags = ['Integrations']
const Settings = jsonAnswer('The settings.', IntegrationSettings)

const list = createRoute({
  method: 'get',
  path: '/integrations',
  ...needs('read'),
  operationId: 'listIntegrations',
  tags,
  summary: 'List the integrations',
  responses: {
    200: jsonAnswer(
      'All integrations.',
      z
        .object({ data: z.array(Integration), next_cursor: z.null() })
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
  responses: { 200: jsonAnswer('The integration.', Integration), ...guardProblems },
})

const switchRoute = (verb: 'activate' | 'deactivate', summary: string) =>
  createRoute({
    method: 'post',
    path: `/integrations/microsoft/${verb}`,
    ...needs('admin'),
    operationId: `${verb}Integration`,
    tags,
    summary,
    responses: { 200: jsonAnswer('The integration.', Integration), ...guardProblems },
  })

const getSettings = createRoute({
  method: 'get',
  path: '/integrations/microsoft/settings',
  ...needs('read'),
  operationId: 'getIntegrationSettings',
  tags,
  summary: 'Read the app registration and what to register at Entra',
  responses: { 200: Settings, ...guardProblems },
})

const putSettings = createRoute({
  method: 'put',
  path: '/integrations/microsoft/settings',
  ...needs('admin'),
  operationId: 'replaceIntegrationSettings',
  tags,
  summary: 'Replace the app registration',
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
  request: jsonBody(VerifyInput),
  responses: {
    200: jsonAnswer('What Entra said.', VerifyResult),
    ...guardProblems,
    ...problems(...bodyCodes, 'integration_not_configured'),
  },
})

const guide = createRoute({
  method: 'get',
  path: '/integrations/microsoft/setup-guide',
  ...needs('read'),
  operationId: 'getSetupGuide',
  tags,
  summary: 'Read the steps at Entra, with the values filled in',
  responses: { 200: jsonAnswer('The guide.', SetupGuide), ...guardProblems },
})

export const integrations = createRouter()
  .openapi(list, async (c) =>
    c.json({ data: [await readIntegration(c.get('services'))], next_cursor: null }, 200),
  )
  .openapi(get, async (c) => c.json(await readIntegration(c.get('services')), 200))
  .openapi(switchRoute('activate', 'Switch the integration on'), async (c) =>
    c.json(await setActive(c.get('services'), callOf(c), true), 200),
  )
  .openapi(switchRoute('deactivate', 'Switch the integration off; nothing is lost'), async (c) =>
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
    const { tenant } = c.req.valid('json')
    return c.json(orThrow(await verifyCredential(c.get('services'), callOf(c), tenant)), 200)
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
