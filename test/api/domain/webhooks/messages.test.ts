/** Every change that webhooks are notified of: one message, in the documented format. */
import { describe, expect, it } from 'vitest'
import { deliverWebhooks } from '../../../../api/domain/webhooks/deliver.ts'
import { WebhookEvent, type WebhookWithSecret } from '../../../../schema/webhook.ts'
import { webhookMessages } from '../../../../schema/webhook-message.ts'
import { secrets, tenants } from '../../../sandbox/personas.ts'
import { appOnly, createAppOnlyWorld } from '../../app-only-world.ts'
import { enableGraph, graphForm } from '../../graph-world.ts'
import { PUBLIC_URL } from '../../harness.ts'
import { createKey } from '../../keys.ts'
import { imapForm, passes, refuses, smtpForm } from '../../mail-world.ts'
import { unreachable } from '../../refresh-failure.ts'
import { savedAccount } from '../../saved-account.ts'
import { returnFromMicrosoft, startSignIn } from '../../sign-in.ts'
import { rows } from '../../sql.ts'
import { enterSecret, run } from '../operations/maintenance/run.ts'
import { refused } from '../tokens/both-kinds.ts'

const SETTINGS = '/v1/integrations/microsoft/settings'
const HOOK = 'https://helpdesk.example.com/hooks'
const HOUR = 3600

type Message = { type: string; data: { subject: string; mail_accounts: string[] } }

/** Creates a world with a webhook for all events, and the messages it received. */
async function listeningWorld() {
  const world = await createAppOnlyWorld()
  const received: Message[] = []
  const { fetchWebhook } = world.services
  world.services.fetchWebhook = async (input, init) => {
    const request = new Request(input, init)
    if (request.url !== HOOK) return fetchWebhook(input, init)
    received.push(await request.json())
    return new Response(null, { status: 204 })
  }
  const made = await world.call('POST', '/v1/webhooks', { url: HOOK })
  expect(((await made.json()) as WebhookWithSecret).events).toEqual(WebhookEvent.options)
  return { ...world, received }
}
type ListeningWorld = Awaited<ReturnType<typeof listeningWorld>>

/** A change and its expected data; `repeat` does the same again, which is no change. */
type Change = (world: ListeningWorld) => Promise<{ about: unknown; repeat: () => Promise<unknown> }>

const integration = { subject: 'microsoft', mail_accounts: [] }

const changes: Record<WebhookEvent, Change> = {
  async 'grant.reconnect_required'(world) {
    const { id, grant, path } = await savedAccount(world)
    world.entra.control.revoke('alice@contoso.test')
    world.advance(2 * HOUR)
    const requestToken = () => world.call('POST', path, {})
    expect((await requestToken()).status).toBe(409)
    const about = { subject: grant, mail_accounts: [id], signed_in_as: 'alice@contoso.test' }
    return { about, repeat: requestToken }
  },
  async 'grant.recovered'(world) {
    const { id, path } = await world.saveAccount({ authentication: appOnly('adatum.test') })
    const requestToken = () => world.call('POST', path, {})
    expect((await requestToken()).status).toBe(409)
    expect(world.received.splice(0)).toMatchObject([{ type: 'grant.blocked' }])
    world.entra.control.setAppConsent('adatum.test', true)
    world.advance(25 * HOUR)
    expect((await requestToken()).status).toBe(200)
    const about = { subject: 'adatum.test', mail_accounts: [id], from: 'blocked' }
    return { about, repeat: requestToken }
  },
  async 'grant.blocked'(world) {
    const authentication = appOnly('adatum.test')
    const { id, path } = await world.saveAccount({ authentication })
    await enableGraph(world)
    // This account needs another token, that of Graph.
    await world.save(graphForm('', { authentication }))
    const requestToken = () => world.call('POST', path, {})
    expect((await requestToken()).status).toBe(409)
    const about = { subject: 'adatum.test', mail_accounts: [id], flow: 'app_only' }
    return { about, repeat: requestToken }
  },
  async 'grant.protocols_changed'(world) {
    const { id, grant, path } = await savedAccount(world)
    world.advance(24 * HOUR)
    world.entra.control.faultNext({ kind: 'fewer_scopes', scopes: ['SMTP.Send'] })
    const requestToken = () => world.call('POST', path, {})
    expect((await requestToken()).status).toBe(409)
    const about = { subject: grant, mail_accounts: [id], protocols: 'smtp', lost: 'imap' }
    return { about, repeat: requestToken }
  },
  async 'mail_account.protocol_changed'(world) {
    await enableGraph(world)
    const grant = await world.grant('alice@contoso.test', { protocols: ['smtp', 'graph_send'] })
    const { id } = await world.save(smtpForm(grant))
    const change = () => world.replace(id, graphForm(grant))
    await change()
    const about = {
      mail_account: id,
      username: 'alice@contoso.test',
      from: 'smtp',
      to: 'graph_send',
    }
    return { about: { subject: id, mail_accounts: [id], ...about }, repeat: change }
  },
  async 'integration.secret_expiring'(world) {
    await enterSecret(world, secrets.current, 5)
    await run(world)
    return { about: { ...integration, days_left: 5 }, repeat: () => run(world) }
  },
  async 'integration.secret_expired'(world) {
    await enterSecret(world, secrets.current, 40)
    world.advance(41 * 24 * HOUR)
    await run(world)
    return { about: { ...integration, days_left: 0 }, repeat: () => run(world) }
  },
  async 'integration.credential_rejected'(world) {
    const { path } = await savedAccount(world)
    await enterSecret(world, 'Wrong~sandbox.Contoso-mailgrant.Value9')
    world.advance(2 * HOUR)
    const requestToken = () => world.call('POST', path, {})
    expect((await requestToken()).status).toBe(409)
    return { about: integration, repeat: requestToken }
  },
  async 'integration.issuer_unreachable'(world) {
    const { path } = await savedAccount(world)
    world.services.settings = { ...world.services.settings, entraAuthority: 'http://127.0.0.1' }
    await world.call('PUT', `${SETTINGS}/next-credential`, { type: 'federated' })
    await world.call('POST', `${SETTINGS}/promote`)
    const refresh = async () => refused('invalid_request', 50166)
    world.services.entra = { ...world.services.entra, refresh }
    world.advance(2 * HOUR)
    const requestToken = () => world.call('POST', path, {})
    expect((await requestToken()).status).toBe(503)
    return { about: integration, repeat: requestToken }
  },
  async 'integration.credential_accepted'(world) {
    const { path } = await savedAccount(world)
    const { entra } = world.services
    const requestToken = () => world.call('POST', path, {})
    world.services.entra = { ...entra, refresh: async () => refused('invalid_client', 7000215) }
    world.advance(2 * HOUR)
    expect((await requestToken()).status).toBe(409)
    expect(world.received.splice(0)).toMatchObject([{ type: 'integration.credential_rejected' }])
    world.services.entra = entra
    world.advance(HOUR)
    expect((await requestToken()).status).toBe(200)
    return { about: integration, repeat: requestToken }
  },
  async 'integration.microsoft_unreachable'(world) {
    const { requestToken, about } = await silentWorld(world)
    return { about, repeat: requestToken }
  },
  async 'integration.microsoft_reachable'(world) {
    const { entra } = world.services
    const { requestToken, about } = await silentWorld(world)
    await deliverWebhooks(world.services)
    expect(world.received.splice(0)).toMatchObject([{ type: 'integration.microsoft_unreachable' }])
    world.services.entra = entra
    world.advance(HOUR)
    expect((await requestToken()).status).toBe(200)
    return { about: { ...integration, since: about.since }, repeat: requestToken }
  },
  async 'validation.failed'(world) {
    const { id } = await savedAccount(world)
    world.login.probe = refuses
    const { id: subject } = await world.validateSaved(id)
    const about = { subject, mail_accounts: [id], mail_account: id }
    return { about, repeat: () => world.validateSaved(id) }
  },
  async 'validation.passed'(world) {
    const { id } = await savedAccount(world)
    world.login.probe = refuses
    await world.validateSaved(id)
    await deliverWebhooks(world.services)
    expect(world.received.splice(0)).toMatchObject([{ type: 'validation.failed' }])
    world.login.probe = passes
    const { id: subject } = await world.validateSaved(id)
    const about = { subject, mail_accounts: [id], mail_account: id }
    return { about, repeat: () => world.validateSaved(id) }
  },
  async 'api_key.updated'(world) {
    const { id } = await createKey(world, { expires_at: '2099-01-01T00:00:00.000Z' })
    const change = () =>
      world.call(
        'PUT',
        `/v1/api-keys/${id}`,
        { name: 'Worker', scopes: ['read'] },
        { 'if-match': '*' },
      )
    expect((await change()).status).toBe(200)
    const expiry = { expires_at_from: '2099-01-01T00:00:00.000Z', expires_at_to: null }
    const about = {
      subject: id,
      name: 'Worker',
      name_from: 'Help desk',
      name_to: 'Worker',
      ...expiry,
    }
    return { about, repeat: change }
  },
  async 'authorization.completed'(world) {
    const { id: mail_account_id, grant } = await savedAccount(world)
    const body = { mail_account_id, apply: 'at_once' }
    const { id, browser, back } = await startSignIn(world, undefined, body)
    const visit = () => returnFromMicrosoft(browser, back)
    expect((await visit()).title).toBe('Signed in')
    const about = {
      subject: id,
      mail_accounts: [mail_account_id],
      id,
      username: 'alice@contoso.test',
      signed_in_as: 'alice@contoso.test',
      tenant_id: tenants.contoso.id,
      mail_account_id,
      grant_id: grant,
      protocols: 'imap smtp',
    }
    return { about, repeat: visit }
  },
  async 'authorization.failed'(world) {
    await world.activate()
    const { id, browser, back } = await startSignIn(world, 'bob@contoso.test')
    const question = await returnFromMicrosoft(browser, back)
    const discard = () => browser.submit(question, { decision: 'discard' })
    expect((await discard()).status).toBe(409)
    const detail = expect.stringContaining('bob@contoso.test signed in, not alice@contoso.test')
    const about = {
      subject: id,
      mail_accounts: [],
      id,
      username: 'alice@contoso.test',
      mail_account_id: null,
      problem: { code: 'account_mismatch', detail },
    }
    return { about, repeat: discard }
  },
  async 'admin_consent.completed'(world) {
    const made = await world.call('POST', '/v1/integrations/microsoft/admin-consent', {})
    const { url } = await made.json<{ url: string }>()
    const back = await world.entra.signIn(new URL(url), { as: 'admin@contoso.test' })
    const visitLanding = () => world.send(new Request(back))
    expect(back.origin).toBe(PUBLIC_URL)
    expect((await visitLanding()).status).toBe(200)
    const about = {
      subject: expect.stringMatching(/^ac_/),
      unverified: true,
      resource: 'outlook',
    }
    return { about, repeat: visitLanding }
  },
}

/** Lets a mailbox ask Microsoft twice within 15 minutes, without a response. */
async function silentWorld(world: ListeningWorld) {
  const { path } = await savedAccount(world)
  const refresh = async () => ({ ok: false as const, failure: unreachable('ECONNREFUSED') })
  world.services.entra = { ...world.services.entra, refresh }
  world.advance(2 * HOUR)
  const since = world.clock.now.toISOString()
  const requestToken = () => world.call('POST', path, {})
  for (const _ of [1, 2]) {
    expect((await requestToken()).status).toBe(503)
    world.advance(15 * 60)
  }
  return { requestToken, about: { ...integration, host: 'login.microsoftonline.us', since } }
}

describe('a webhook', () => {
  it.each(WebhookEvent.options)('receives %s once', async (type) => {
    const world = await listeningWorld()
    const { about, repeat } = await changes[type](world)
    await deliverWebhooks(world.services)
    world.advance(1)
    await repeat()
    await deliverWebhooks(world.services)
    expect(world.received.map((message) => message.type)).toEqual([type])
    expect(world.received[0]).toMatchObject({ type, data: about })
    // Parsing drops undocumented properties.
    const described = webhookMessages.find((message) => message.type === type)?.schema
    expect(described?.parse(world.received[0])).toEqual(world.received[0])
    // A proof quotes the server. Callers see it, but no recipient of a message or reader of the audit log.
    const events = await rows('SELECT * FROM events')
    expect(JSON.stringify([world.received, events])).not.toMatch(/proof/i)
  })

  it('receives no account with a grant that is not saved yet', async () => {
    const world = await listeningWorld()
    await world.activate()
    const grant = await world.grant('alice@contoso.test', { saved: false })
    world.entra.control.revoke('alice@contoso.test')
    await rows('UPDATE grants SET expires_at = expires_at * 2')
    world.advance(2 * HOUR)
    await world.validate(imapForm(grant))
    await deliverWebhooks(world.services)
    const data = { subject: grant, mail_accounts: [] }
    expect(world.received).toMatchObject([{ type: 'grant.reconnect_required', data }])
  })

  it('receives nothing about an outage at Microsoft or its end', async () => {
    const world = await listeningWorld()
    const { path } = await savedAccount(world)
    world.advance(24 * HOUR)
    world.entra.control.faultNext({ kind: 'outage', times: 1 })
    expect((await world.call('POST', path, {})).status).toBe(503)
    world.advance(HOUR)
    expect((await world.call('POST', path, {})).status).toBe(200)
    await deliverWebhooks(world.services)
    expect(world.received).toEqual([])
  })
})
