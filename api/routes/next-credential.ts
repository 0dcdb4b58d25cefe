/** /v1/integrations/microsoft/settings/next-credential: a change of the credential without a gap. */
import { createRoute } from '@hono/zod-openapi'
import { CredentialInput } from '../../schema/credential.ts'
import { IntegrationSettings } from '../../schema/integration.ts'
import {
  promoteNextCredential,
  removeNextCredential,
  replaceNextCredential,
} from '../domain/integration/next-credential.ts'
import { orThrow, problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { etag } from './etag.ts'
import { guardProblems, needs } from './guard.ts'
import { bodyCodes, jsonAnswer, jsonBody } from './json.ts'

const tags = ['Integrations']
const path = '/integrations/microsoft/settings/next-credential'
const Settings = jsonAnswer('The settings, with what may be shown of it.', IntegrationSettings)

const put = createRoute({
  method: 'put',
  path,
  ...needs('admin'),
  operationId: 'replaceNextCredential',
  tags,
  summary: 'Store a second credential beside the current one',
  description:
    'Nothing uses it yet: try it with `verify` and `"credential": "next"`, then promote it. A certificate without key is made here, and the answer holds the public certificate to upload at Entra. Replaces a next credential that is there. Grants and the ETag of the settings stay as they are.',
  request: jsonBody(CredentialInput),
  responses: {
    200: Settings,
    ...guardProblems,
    ...problems(...bodyCodes, 'client_secret_is_an_id'),
  },
})

const remove = createRoute({
  method: 'delete',
  path,
  ...needs('admin'),
  operationId: 'deleteNextCredential',
  tags,
  summary: 'Forget the second credential',
  description: 'Idempotent. The current credential stays.',
  responses: { 204: { description: 'There is none now.' }, ...guardProblems },
})

const promote = createRoute({
  method: 'post',
  path: '/integrations/microsoft/settings/promote',
  ...needs('admin'),
  operationId: 'promoteNextCredential',
  tags,
  summary: 'Make the second credential the current one',
  description:
    'In one step, so no call to Entra is ever without a credential. The credential before is forgotten, a refusal of it too; no grant is touched. Verify the next credential first: one that has ended is refused as if it were not there.',
  responses: {
    200: Settings,
    ...guardProblems,
    ...problems('next_credential_missing', 'precondition_failed', 'key_missing'),
  },
})

export const nextCredential = createRouter()
  .openapi(put, async (c) => {
    const services = c.get('services')
    const saved = orThrow(await replaceNextCredential(services, callOf(c), c.req.valid('json')))
    return c.json(saved.value, 200, { etag: etag(saved.version) })
  })
  .openapi(remove, async (c) => {
    await removeNextCredential(c.get('services'), callOf(c))
    return c.body(null, 204)
  })
  .openapi(promote, async (c) => {
    const saved = orThrow(await promoteNextCredential(c.get('services'), callOf(c)))
    return c.json(saved.value, 200, { etag: etag(saved.version) })
  })
