/** Every operation that can change something, and the events that it leaves: by whom, and no more when it is repeated. */
import { expect, it } from 'vitest'
import { document } from '../../api/openapi/document.ts'
import { createWorld } from './harness.ts'
import { activeMailWorld } from './mail-world.ts'
import { operationsOf } from './openapi-reading.ts'
import { rows } from './sql.ts'
import { sends } from './test-message-world.ts'
import { forRequests, operations, type Prepare, requestOf } from './trip-requests.ts'

const ACTIVATION = 'activation after a deactivation'

const requests: Record<string, Prepare> = {
  ...operations,
  [ACTIVATION]: async ({ call }) => {
    await call('POST', '/v1/integrations/microsoft/deactivate')
    return ['POST', '/v1/integrations/microsoft/activate']
  },
}

const EVENTS: Record<string, readonly string[]> = {
  [ACTIVATION]: ['integration.activated'],
  activateIntegration: [],
  createAdminConsentLink: ['admin_consent.created'],
  createApiKey: ['api_key.created'],
  createAuthorization: ['authorization.created'],
  createConsoleSession: ['console_session.opened'],
  createDiagnosis: [],
  createMailAccount: ['mail_account.created'],
  createMailAccounts: ['mail_account.created', 'mail_account.created'],
  createWebhook: ['webhook.created'],
  deactivateIntegration: ['integration.deactivated'],
  deleteConsoleSession: ['console_session.closed'],
  deleteCustomer: ['customer.deleted'],
  deleteGrant: ['grant.deleted'],
  deleteMailAccount: ['mail_account.deleted', 'grant.deleted'],
  deleteNextCredential: ['integration.next_credential_removed'],
  deleteWebhook: ['webhook.deleted'],
  endAuthorization: ['authorization.ended'],
  endConsoleSession: ['console_session.closed'],
  importGrant: ['grant.imported'],
  issueAccessToken: [],
  promoteNextCredential: ['integration.credential_promoted'],
  redeliverWebhook: ['webhook.redelivered'],
  replaceApiKey: ['api_key.updated'],
  replaceIntegrationSettings: ['integration.settings_changed'],
  replaceMailAccount: ['mail_account.updated'],
  replaceNextCredential: ['integration.next_credential_set'],
  replaceWebhook: ['webhook.updated'],
  requestToken: [],
  resumeCustomer: ['customer.resumed'],
  retryGrant: [],
  revokeApiKey: ['api_key.revoked'],
  rotateWebhookSecret: ['webhook.secret_rotated'],
  sendTestMessage: ['test_message.requested'],
  suspendCustomer: ['customer.suspended'],
  testWebhook: ['webhook.tested'],
  validateForm: ['validation.passed'],
  validateMailAccount: ['validation.passed'],
  verifyIntegrationSettings: [],
}

/** A repetition of these has nothing left to do. */
const FINAL = [
  ACTIVATION,
  'deactivateIntegration',
  'deleteConsoleSession',
  'endAuthorization',
  'revokeApiKey',
  'suspendCustomer',
]

it.each(Object.entries(EVENTS))('%s leaves %j, with the key that sent it', async (name, types) => {
  const world = await forRequests(await activeMailWorld({ probe: sends }))
  const prepared = await requests[name]?.(world)
  if (!prepared) throw new Error(`There is no request for ${name}`)
  const request = requestOf(world, prepared)
  const before = await rows<{ id: string }>('SELECT id FROM events')
  const known = JSON.stringify(before.map(({ id }) => id))
  const added = `SELECT type, actor_type, actor_id FROM events
    WHERE id NOT IN (SELECT value FROM json_each(?)) ORDER BY rowid`
  const expected = types.map((type) => ({ type, actor_type: 'key', actor_id: world.admin.id }))
  for (const sent of [request, ...(FINAL.includes(name) ? [request.clone()] : [])]) {
    const response = await world.send(sent)
    expect(response.ok, await response.clone().text()).toBe(true)
    expect(await rows(added, known)).toEqual(expected)
  }
})

it('knows every operation of the document that can change something', async () => {
  const { app } = await createWorld()
  const mutations = operationsOf(document(app))
    .filter(({ method }) => method !== 'get')
    .map(({ operation }) => operation.operationId)
  const known = Object.keys(EVENTS).filter((name) => name !== ACTIVATION)
  expect(known.toSorted()).toEqual([...new Set(mutations)].toSorted())
})
