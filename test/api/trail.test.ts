/** Every operation that can change something, and the event that it leaves: one, by whom. */
import { expect, it } from 'vitest'
import { document } from '../../api/openapi/document.ts'
import { app as registration, secrets } from '../sandbox/cast.ts'
import { PUBLIC_URL } from './harness.ts'
import { bearer, createKey } from './keys.ts'
import { createMailWorld, imapForm, passwordForm, smtpForm } from './mail-world.ts'
import { operationsOf } from './openapi-reading.ts'
import { rows } from './sql.ts'

type Row = { id: string; type: string; actor_type: string; actor_id: string | null }

/** Creates a world in which an admin's API key makes calls, and checks the events that each one leaves. */
async function watchedWorld() {
  const world = await createMailWorld()
  const key = await createKey(world, { scopes: ['admin'] })
  const seen = new Set<string>()
  async function newEvents(): Promise<Omit<Row, 'id'>[]> {
    const sql = 'SELECT id, type, actor_type, actor_id FROM events ORDER BY rowid'
    const unseen = (await rows<Row>(sql)).filter(({ id }) => !seen.has(id))
    return unseen.map(({ id, ...event }) => {
      seen.add(id)
      return event
    })
  }
  await newEvents()
  const covered = new Set<string>()
  const operations = operationsOf(document(world.app))

  /** Calls the operation and expects exactly these events, all by this key. */
  async function expectEvents(
    operationId: string,
    parameters: readonly string[],
    body: unknown,
    events: readonly string[],
    headers: Record<string, string> = bearer(key.key),
  ): Promise<Record<string, string>> {
    const found = operations.find(({ operation }) => operation.operationId === operationId)
    const remaining = [...parameters]
    const path = found?.path.replaceAll(/\{\w+\}/g, () => remaining.shift() ?? '') ?? ''
    const query = remaining.shift() ?? ''
    const response = await world.call(
      found?.method.toUpperCase() ?? '',
      path + query,
      body,
      headers,
    )
    const text = await response.text()
    expect(response.ok, `${operationId}: ${text}`).toBe(true)
    covered.add(operationId)
    const actor = { actor_type: 'key', actor_id: key.id }
    expect(await newEvents(), operationId).toEqual(events.map((type) => ({ type, ...actor })))
    return { ...(text && JSON.parse(text)), cookie: response.headers.get('set-cookie') ?? '' }
  }
  const mutations = operations
    .filter(({ method }) => method !== 'get')
    .map(({ operation }) => operation.operationId ?? '')
  return { world, key, expectEvents, newEvents, covered, mutations }
}

// Some forty calls in a row, on a busy machine.
it('records every change once, with the key that made it', { timeout: 30_000 }, async () => {
  const { world, key, expectEvents, newEvents, covered, mutations } = await watchedWorld()
  const credential = { type: 'client_secret', client_secret: secrets.current }

  await expectEvents('activateIntegration', [], undefined, ['integration.activated'])
  await expectEvents('activateIntegration', [], undefined, [])
  await expectEvents(
    'replaceIntegrationSettings',
    [],
    { client_id: registration.clientId, credential },
    ['integration.settings_changed'],
  )
  await expectEvents('verifyIntegrationSettings', [], { tenant: 'contoso.test' }, [])
  const next = { type: 'client_secret', client_secret: secrets.next }
  await expectEvents('replaceNextCredential', [], next, ['integration.next_credential_set'])
  await expectEvents('deleteNextCredential', [], undefined, ['integration.next_credential_removed'])
  await expectEvents('replaceNextCredential', [], next, ['integration.next_credential_set'])
  await expectEvents('promoteNextCredential', [], {}, ['integration.credential_promoted'])
  await expectEvents('createAdminConsentLink', [], { tenant: 'contoso.test' }, [
    'admin_consent.created',
  ])
  const username = 'alice@contoso.test'
  const { id: link = '' } = await expectEvents(
    'createAuthorization',
    [],
    { provider: 'microsoft', username },
    ['authorization.created'],
  )
  await expectEvents('endAuthorization', [link], undefined, ['authorization.ended'])
  await expectEvents('endAuthorization', [link], undefined, [])

  const grant = await world.grant(username, { saved: false })
  await expectEvents('validateForm', [], imapForm(grant), ['validation.passed'])
  const { id = '' } = await expectEvents('createMailAccount', [], imapForm(grant), [
    'mail_account.created',
  ])
  await expectEvents('validateMailAccount', [id], undefined, ['validation.passed'])
  await expectEvents('issueAccessToken', [id], {}, [])
  const form = new URLSearchParams({
    grant_type: 'refresh_token',
    client_id: id,
    refresh_token: key.key,
  })
  const byClient = new Request(`${PUBLIC_URL}/oauth/token`, { method: 'POST', body: form })
  expect((await world.send(byClient)).status).toBe(200)
  covered.add('requestToken')
  expect(await newEvents()).toEqual([])
  await expectEvents('replaceMailAccount', [id], imapForm(grant, { name: 'Help desk' }), [
    'mail_account.updated',
  ])
  world.advance(60)
  const { id: sender = '' } = await expectEvents('createMailAccount', [], smtpForm(grant), [
    'mail_account.created',
  ])
  await expectEvents('sendTestMessage', [sender], { to: 'bob@contoso.test' }, [
    'test_message.requested',
  ])
  await expectEvents('deleteMailAccount', [sender], undefined, ['mail_account.deleted'])
  await expectEvents('retryGrant', [grant], undefined, [])
  await expectEvents('deleteGrant', [grant, '?detach=true'], undefined, ['grant.deleted'])
  await expectEvents('deleteMailAccount', [id], undefined, ['mail_account.deleted'])
  const last = await world.grant(username, { saved: false })
  const other = await expectEvents('createMailAccount', [], imapForm(last), [
    'mail_account.created',
  ])
  await expectEvents('replaceMailAccount', [other.id ?? ''], passwordForm(), [
    'mail_account.updated',
    'grant.deleted',
  ])
  await expectEvents(
    'createMailAccounts',
    [],
    { items: [passwordForm(), {}, passwordForm()] },
    ['mail_account.created', 'mail_account.created'],
    { ...bearer(key.key), 'idempotency-key': 'many' },
  )
  const refresh_token = world.entra.control.signInElsewhere({ username })
  await expectEvents('importGrant', [], { refresh_token, username }, ['grant.imported'])
  await expectEvents(
    'createDiagnosis',
    [],
    { protocol: 'imap', error: 'NO AUTHENTICATE failed.' },
    [],
  )

  const worker = { name: 'Worker', scopes: ['tokens'] }
  const made = await expectEvents('createApiKey', [], worker, ['api_key.created'])
  await expectEvents(
    'replaceApiKey',
    [made.id ?? ''],
    { ...worker, name: 'Mail worker' },
    ['api_key.updated'],
    { ...bearer(key.key), 'if-match': '*' },
  )
  await expectEvents('revokeApiKey', [made.id ?? ''], undefined, ['api_key.revoked'])
  const hook = { url: 'https://helpdesk.example.com/hooks' }
  const { id: webhook = '' } = await expectEvents('createWebhook', [], hook, ['webhook.created'])
  await expectEvents('replaceWebhook', [webhook], hook, ['webhook.updated'])
  await expectEvents('rotateWebhookSecret', [webhook], undefined, ['webhook.secret_rotated'])
  const { id: message = '' } = await expectEvents('testWebhook', [webhook], undefined, [
    'webhook.tested',
  ])
  await expectEvents('redeliverWebhook', [webhook, message], undefined, ['webhook.redelivered'])
  await expectEvents('deleteWebhook', [webhook], undefined, ['webhook.deleted'])

  const { cookie = '' } = await expectEvents('createConsoleSession', [], undefined, [
    'console_session.opened',
  ])
  const headers = {
    cookie: cookie.split(';')[0] ?? '',
    origin: PUBLIC_URL,
    'sec-fetch-site': 'same-origin',
    'content-type': 'application/json',
  }
  const signOut = () =>
    world.send(new Request(`${PUBLIC_URL}/console/session`, { method: 'DELETE', headers }))
  expect([(await signOut()).status, (await signOut()).status]).toEqual([204, 204])
  covered.add('deleteConsoleSession')
  expect(await newEvents()).toEqual([
    { type: 'console_session.closed', actor_type: 'key', actor_id: key.id },
  ])
  await expectEvents('createConsoleSession', [], undefined, ['console_session.opened'])
  const listed = await world.call('GET', '/v1/console-sessions', undefined, bearer(key.key))
  const [session] = (await listed.json<{ data: { id: string }[] }>()).data
  await expectEvents('endConsoleSession', [session?.id ?? ''], undefined, [
    'console_session.closed',
  ])
  const ofCustomer = { provider: 'microsoft', username, customer: 'acme' }
  await expectEvents('createAuthorization', [], ofCustomer, ['authorization.created'])
  await expectEvents('suspendCustomer', ['acme'], undefined, ['customer.suspended'])
  await expectEvents('suspendCustomer', ['acme'], undefined, [])
  await expectEvents('resumeCustomer', ['acme'], undefined, ['customer.resumed'])
  await expectEvents('deleteCustomer', ['acme', '?confirm=0'], undefined, ['customer.deleted'])
  await expectEvents('deactivateIntegration', [], undefined, ['integration.deactivated'])

  expect([...covered].toSorted()).toEqual([...new Set(mutations)].toSorted())
})
