/** Every operation that can change something, and the event that it leaves: one, by whom. */
import { expect, it } from 'vitest'
import { document } from '../../api/openapi/document.ts'
import { app as registration, secrets } from '../sandbox/cast.ts'
import { PUBLIC_URL } from './harness.ts'
import { bearer, createKey } from './keys.ts'
import { createMailWorld, imapForm, passwordForm } from './mail-world.ts'
import { operationsOf } from './openapi-reading.ts'

type Row = { type: string; actor_type: string; actor_id: string | null }

/** A world in which an admin's key does one thing after the other, and what each has left behind. */
async function watchedWorld() {
  const world = await createMailWorld()
  const key = await createKey(world, { scopes: ['admin'] })
  let seen = 0
  async function news(): Promise<Row[]> {
    const { results } = await world.db
      .prepare('SELECT type, actor_type, actor_id FROM events ORDER BY rowid')
      .all<Row>()
    const fresh = results.slice(seen)
    seen = results.length
    return fresh
  }
  await news()
  const covered = new Set<string>()
  const operations = operationsOf(document(world.app))

  /** Calls, and expects these events of this key and no other. */
  async function does(
    operationId: string,
    parameters: readonly string[],
    body: unknown,
    events: readonly string[],
    headers: Record<string, string> = bearer(key.key),
  ): Promise<Record<string, string>> {
    const found = operations.find(({ operation }) => operation.operationId === operationId)
    const left = [...parameters]
    const path = found?.path.replaceAll(/\{\w+\}/g, () => left.shift() ?? '') ?? ''
    const query = left.shift() ?? ''
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
    expect(await news(), operationId).toEqual(events.map((type) => ({ type, ...actor })))
    return { ...(text && JSON.parse(text)), cookie: response.headers.get('set-cookie') ?? '' }
  }
  const changing = operations
    .filter(({ method }) => method !== 'get')
    .map(({ operation }) => operation.operationId ?? '')
  return { world, key, does, news, covered, changing }
}

it('every change is told once and names the key that made it', async () => {
  const { world, key, does, news, covered, changing } = await watchedWorld()
  const credential = { type: 'client_secret', client_secret: secrets.current }

  await does('activateIntegration', [], undefined, ['integration.activated'])
  await does('activateIntegration', [], undefined, [])
  await does('replaceIntegrationSettings', [], { client_id: registration.clientId, credential }, [
    'integration.settings_changed',
  ])
  await does('verifyIntegrationSettings', [], { tenant: 'contoso.test' }, [])
  const next = { type: 'client_secret', client_secret: secrets.next }
  await does('replaceNextCredential', [], next, ['integration.next_credential_set'])
  await does('deleteNextCredential', [], undefined, ['integration.next_credential_removed'])
  await does('replaceNextCredential', [], next, ['integration.next_credential_set'])
  await does('promoteNextCredential', [], {}, ['integration.credential_promoted'])
  await does('createAdminConsentLink', [], { tenant: 'contoso.test' }, ['admin_consent.created'])
  const username = 'alice@contoso.test'
  await does('createAuthorization', [], { provider: 'microsoft', username }, [
    'authorization.created',
  ])

  const grant = await world.grant(username, { saved: false })
  await does('validateForm', [], imapForm(grant), ['validation.passed'])
  const { id = '' } = await does('createMailAccount', [], imapForm(grant), ['mail_account.created'])
  await does('validateMailAccount', [id], undefined, ['validation.passed'])
  await does('issueAccessToken', [id], {}, [])
  await does('replaceMailAccount', [id], imapForm(grant, { name: 'Help desk' }), [
    'mail_account.updated',
  ])
  await does('deleteGrant', [grant, '?detach=true'], undefined, ['grant.deleted'])
  await does('deleteMailAccount', [id], undefined, ['mail_account.deleted'])
  const last = await world.grant(username, { saved: false })
  const other = await does('createMailAccount', [], imapForm(last), ['mail_account.created'])
  await does('replaceMailAccount', [other.id ?? ''], passwordForm(), [
    'mail_account.updated',
    'grant.deleted',
  ])
  await does('createDiagnosis', [], { protocol: 'imap', error: 'NO AUTHENTICATE failed.' }, [])

  const worker = { name: 'Worker', scopes: ['tokens'] }
  const made = await does('createApiKey', [], worker, ['api_key.created'])
  await does('revokeApiKey', [made.id ?? ''], undefined, ['api_key.revoked'])
  const hook = { url: 'https://helpdesk.example.com/hooks' }
  const { id: webhook = '' } = await does('createWebhook', [], hook, ['webhook.created'])
  await does('replaceWebhook', [webhook], hook, ['webhook.updated'])
  await does('rotateWebhookSecret', [webhook], undefined, ['webhook.secret_rotated'])
  const { id: message = '' } = await does('testWebhook', [webhook], undefined, ['webhook.tested'])
  await does('redeliverWebhook', [webhook, message], undefined, ['webhook.redelivered'])
  await does('deleteWebhook', [webhook], undefined, ['webhook.deleted'])

  const { cookie = '' } = await does('createConsoleSession', [], undefined, [
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
  expect(await news()).toEqual([
    { type: 'console_session.closed', actor_type: 'key', actor_id: key.id },
  ])
  await does('deactivateIntegration', [], undefined, ['integration.deactivated'])

  expect([...covered].toSorted()).toEqual([...new Set(changing)].toSorted())
})
