/** /v1/integrations/microsoft/settings/next-credential: rotation of the app's credential. */
import { createRoute } from '@hono/zod-openapi'
import { CredentialInput } from '../../schema/credential.ts'
import { IntegrationSettings } from '../../schema/integration.ts'
import { removeNextCredential, replaceNextCredential } from '../domain/app/settings.ts'
import { promoteNextCredential } from '../domain/tokens/promote-credential.ts'
import { problems } from '../problem.ts'
import { callOf, createRouter } from './app-env.ts'
import { etag, IfMatch, ifMatchVersion } from './etag.ts'
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
    'Stores a second credential, which is not used yet. Test it with `verify` and `"credential": "next"`, then promote it. With type `certificate` and neither key nor certificate, Mailgrant generates both, and the response contains the public certificate to upload to Entra. With type `federated`, Mailgrant publishes its keys (`jwks_uri`), and `issuer`, `subject` and `audience` are to be entered at Entra. Replaces any existing next credential, or the replaced one, which can then no longer be put back. Grants and the ETag of the settings do not change.',
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
  description:
    'Deletes the replaced one, too, which can then no longer be put back. Idempotent. The current credential is unchanged.',
  responses: { 204: { description: 'Deleted.' }, ...guardProblems },
})

const promote = createRoute({
  method: 'post',
  path: '/integrations/microsoft/settings/promote',
  ...withoutFields(requireScope('admin')),
  operationId: 'promoteNextCredential',
  tags,
  summary: 'Promote the next credential, or undo that',
  description:
    'Exchanges the current credential and the next one in a single step, so that calls to Entra always have a credential. Any record of a rejection is deleted; grants are unaffected. The replaced credential stays as `next_credential` until `undo_until`, for 7 days or until it expires, and promoting again puts it back; then the other one is the next credential again. Send `If-Match` so that a repeated request does not undo the first. Verify the next credential first: if it has expired, or is federated for an earlier `PUBLIC_URL`, the response is 409 `next_credential_missing`. Before a federated credential is promoted, Mailgrant refreshes the access token of one connected personal account with it, because Entra verifies it for such accounts in no other way. If Microsoft refuses, the response is 409 `credential_rejected` with the diagnosis, and nothing changes; 503 `provider_unavailable` if Microsoft is unavailable.',
  request: { headers: IfMatch },
  responses: {
    200: Settings,
    ...guardProblems,
    ...problems(
      ...bodyProblems,
      'next_credential_missing',
      'credential_rejected',
      'integration_not_configured',
      'integration_inactive',
      'provider_unavailable',
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
    const options = { ifMatch: ifMatchVersion(c.req.valid('header')['if-match']) }
    const saved = unwrap(await promoteNextCredential(c.get('services'), callOf(c), options))
    return c.json(saved.value, 200, { etag: etag(saved.version) })
  })
