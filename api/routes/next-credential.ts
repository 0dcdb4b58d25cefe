/** /v1/integrations/microsoft/settings/next-credential: rotation of the app's credential. */
import { createRoute, z } from '@hono/zod-openapi'
import { CredentialInput } from '../../schema/credential.ts'
import { IntegrationSettings } from '../../schema/integration.ts'
import {
  promoteNextCredential,
  removeNextCredential,
  replaceNextCredential,
} from '../domain/integration/next-credential.ts'
import { problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { etag } from './etag.ts'
import { guardProblems, requireScope } from './guard.ts'
import { bodyProblems, jsonBody, jsonResponse, withoutFields } from './json.ts'
import { unwrap } from './to-problem.ts'

const tags = ['Integrations']
const path = '/integrations/microsoft/settings/next-credential'
const Settings = jsonResponse('The settings, without secrets.', IntegrationSettings)

const put = createRoute({
  method: 'put',
  path,
  ...requireScope('admin'),
  operationId: 'replaceNextCredential',
  tags,
  summary: 'Store the next credential',
  description:
    'Stores a second credential, which is not used yet. Test it with `verify` and `"credential": "next"`, then promote it. With type `certificate` and neither key nor certificate, Mailgrant generates both, and the response contains the public certificate to upload to Entra. With type `federated`, Mailgrant publishes its keys (`jwks_uri`), and `issuer`, `subject` and `audience` are to be entered at Entra. Replaces any existing next credential. Grants and the ETag of the settings do not change.',
  request: jsonBody(CredentialInput),
  responses: {
    200: Settings,
    ...guardProblems,
    ...problems(...bodyProblems, 'client_secret_is_an_id', 'issuer_not_public'),
  },
})

const remove = createRoute({
  method: 'delete',
  path,
  ...requireScope('admin'),
  operationId: 'deleteNextCredential',
  tags,
  summary: 'Delete the next credential',
  description: 'Idempotent. The current credential is unchanged.',
  responses: { 204: { description: 'Deleted.' }, ...guardProblems },
})

const promote = createRoute({
  method: 'post',
  path: '/integrations/microsoft/settings/promote',
  ...withoutFields(requireScope('admin')),
  operationId: 'promoteNextCredential',
  tags,
  summary: 'Promote the next credential',
  description:
    'Replaces the current credential with the next one in a single step, so that calls to Entra always have a credential. The previous credential and any record of its rejection are deleted; grants are unaffected. Verify the next credential first: promoting an expired one, or a federated one of an earlier `PUBLIC_URL`, is answered as if there were none. While there are grants of personal accounts, promoting a federated one is 409 `grants_depend` until a personal account has signed in with it (`POST /v1/authorizations` with `"credential": "next"`), unless `confirm=true`.',
  request: {
    query: z.object({
      confirm: z.enum(['true', 'false']).default('false').meta({
        description:
          'Promote a federated credential even though no personal account has signed in with it.',
      }),
    }),
  },
  responses: {
    200: Settings,
    ...guardProblems,
    ...problems(
      ...bodyProblems,
      'next_credential_missing',
      'grants_depend',
      'precondition_failed',
      'key_missing',
    ),
  },
})

export const nextCredential = createRouter()
  .openapi(put, async (c) => {
    const services = c.get('services')
    const saved = unwrap(await replaceNextCredential(services, callOf(c), c.req.valid('json')))
    return c.json(saved.value, 200, { etag: etag(saved.version) })
  })
  .openapi(remove, async (c) => {
    await removeNextCredential(c.get('services'), callOf(c))
    return c.body(null, 204)
  })
  .openapi(promote, async (c) => {
    const confirm = c.req.valid('query').confirm === 'true'
    const saved = unwrap(await promoteNextCredential(c.get('services'), callOf(c), { confirm }))
    return c.json(saved.value, 200, { etag: etag(saved.version) })
  })
