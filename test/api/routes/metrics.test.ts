import { describe, expect, it } from 'vitest'
import { createD1Health } from '../../../api/d1-health.ts'
import { GrantStatus } from '../../../schema/grant.ts'
import { Readiness } from '../../../schema/health.ts'
import { Health } from '../../../schema/mail-account.ts'
import { Protocol } from '../../../schema/mail-servers.ts'
import { VERSION } from '../../../schema/version.ts'
import { parseMetrics } from '../../prometheus-text.ts'
import { mixedWorld } from '../account-rows.ts'
import { appOnlyForm } from '../app-only-world.ts'
import { DAY, HOUR, run, runAfter } from '../domain/operations/maintenance/run.ts'
import { outage, refused } from '../domain/tokens/both-kinds.ts'
import { createWorld, PUBLIC_URL, ROOT_KEY, type World } from '../harness.ts'
import { bearer } from '../keys.ts'
import { activeMailWorld, createMailWorld, imapForm, passwordForm, refuses } from '../mail-world.ts'
import { rows } from '../sql.ts'

async function textOf(world: World): Promise<string> {
  const response = await world.call('GET', '/metrics')
  expect(response.status).toBe(200)
  return response.text()
}

/** Returns the values of a metric by its label, or that of one without labels under ''. */
async function valuesOf(world: World, metric: string): Promise<Record<string, number>> {
  const { series } = parseMetrics(await textOf(world))
  return Object.fromEntries(
    series
      .filter(({ name }) => name === metric)
      .map(({ labels, value }) => [Object.values(labels).join(), value]),
  )
}

const singleValue = async (world: World, metric: string) => (await valuesOf(world, metric))['']

const TOKENS = 'mailgrant_token_requests_total'
const EXPIRY = 'mailgrant_credential_expires_timestamp_seconds'
const LAST_RUN = 'mailgrant_maintenance_last_run_timestamp_seconds'
const OVERDUE = 'mailgrant_refresh_overdue_seconds'
const READY = 'mailgrant_ready'
const FREE_BYTES = 'mailgrant_database_free_bytes'

describe('the metrics', () => {
  it('have every series from the first minute on, as text for Prometheus', async () => {
    const world = await createWorld()
    const response = await world.call('GET', '/metrics')
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(response.headers.get('cache-control')).toBe('no-store')
    const { series } = parseMetrics(await response.text())
    expect(series.map(({ name, labels }) => [name, ...Object.values(labels)].join(' '))).toEqual([
      `mailgrant_build_info ${VERSION}`,
      ...GrantStatus.options.map((status) => `mailgrant_grants ${status}`),
      ...Protocol.options.flatMap((protocol) =>
        Health.options.map((health) => `mailgrant_mail_accounts ${health} ${protocol}`),
      ),
      ...['succeeded', 'refused', 'failed'].map((outcome) => `${TOKENS} ${outcome}`),
      ...['delivered', 'failed'].map((outcome) => `mailgrant_webhook_deliveries ${outcome}`),
      'mailgrant_webhook_deliveries_pending',
      EXPIRY,
      LAST_RUN,
      OVERDUE,
      ...Object.keys(Readiness.shape.checks.shape).map((check) => `${READY} ${check}`),
      'mailgrant_database_bytes',
      FREE_BYTES,
    ])
    const known = ['mailgrant_build_info', EXPIRY, READY, 'mailgrant_database_bytes', FREE_BYTES]
    const others = series.filter(({ name }) => !known.includes(name))
    expect(others.map(({ value }) => value)).toEqual(others.map(() => 0))
  })

  it('count grants by status, unsaved ones until they expire', async () => {
    const world = await activeMailWorld()
    await world.grant('alice@contoso.test')
    await world.grant('bob@contoso.test', { saved: false })
    const blocked = await world.grant('carol@contoso.test')
    await rows("UPDATE grant_tokens SET state = 'blocked' WHERE grant_id = ?", blocked)
    const none = { cooling_down: 0, reconnect_required: 0 }
    const expected = { ...none, unsaved: 1, active: 1, blocked: 1 }
    expect(await valuesOf(world, 'mailgrant_grants')).toEqual(expected)
    world.advance(HOUR)
    expect(await valuesOf(world, 'mailgrant_grants')).toEqual({ ...expected, unsaved: 0 })
  })

  it('count accounts by health and protocol as the summary does', async () => {
    const { world } = await mixedWorld()
    const counted = async () => {
      const counts: [string, number][] = []
      for (const protocol of Protocol.options) {
        const path = `/v1/mail-accounts/summary?protocol=${protocol}`
        const { health } = await world.get<{ health: Record<string, number> }>(path)
        counts.push(
          ...Object.entries(health).map(([name, count]): [string, number] => [
            `${name},${protocol}`,
            count,
          ]),
        )
      }
      return Object.fromEntries(counts)
    }
    const counts = await counted()
    expect(Object.values(counts).filter((each) => each > 0).length).toBeGreaterThan(10)
    expect(await valuesOf(world, 'mailgrant_mail_accounts')).toEqual(counts)
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect(await valuesOf(world, 'mailgrant_mail_accounts')).toEqual(await counted())
  })

  it('count requests for tokens by outcome, and keep them after their day is forgotten', async () => {
    const world = await activeMailWorld()
    const { id } = await world.save(imapForm(await world.grant('alice@contoso.test')))
    const { entra } = world.services
    const request = async () => {
      world.advance(2 * HOUR)
      await world.call('POST', `/v1/mail-accounts/${id}/access-token`, {})
    }
    await request()
    world.services.entra = { ...entra, refresh: async () => outage }
    await request()
    world.services.entra = { ...entra, refresh: async () => refused('invalid_grant', 50076) }
    await request()
    const expected = { succeeded: 1, refused: 1, failed: 1 }
    expect(await valuesOf(world, TOKENS)).toEqual(expected)
    await runAfter(world, 200 * DAY)
    expect(await valuesOf(world, TOKENS)).toEqual(expected)
  })

  it('count messages to webhooks by outcome, and those that wait', async () => {
    const world = await activeMailWorld()
    const url = 'https://helpdesk.example.com/hooks'
    const { id } = await (await world.call('POST', '/v1/webhooks', { url })).json<{ id: string }>()
    for (const _ of [1, 2, 3, 4]) await world.call('POST', `/v1/webhooks/${id}/test`)
    const set = (state: string, limit: number) =>
      rows(
        `UPDATE webhook_deliveries SET state = ?, next_attempt_at = NULL WHERE id IN
            (SELECT id FROM webhook_deliveries WHERE state = 'pending' LIMIT ?)`,
        state,
        limit,
      )
    await set('delivered', 2)
    await set('failed', 1)
    const outcomes = await valuesOf(world, 'mailgrant_webhook_deliveries')
    expect(outcomes).toEqual({ delivered: 2, failed: 1 })
    expect(await singleValue(world, 'mailgrant_webhook_deliveries_pending')).toBe(1)
  })

  it('have the time when the credential expires, NaN if unknown', async () => {
    const world = await createMailWorld()
    expect(await singleValue(world, EXPIRY)).toBeNaN()
    await world.activate()
    const at = async (expires: number | null) => {
      const set = "credential = json_set(credential, '$.expiresAt', ?)"
      await rows(`UPDATE integrations SET ${set}`, expires)
      return singleValue(world, EXPIRY)
    }
    expect(await at(1_795_651_200_500)).toBe(1_795_651_200.5)
    expect(await at(null)).toBeNaN()
  })

  it('have the time of the last maintenance run, 0 before the first', async () => {
    const world = await createMailWorld()
    expect(await singleValue(world, LAST_RUN)).toBe(0)
    await run(world)
    const ran = world.clock.now.getTime() / 1000
    world.advance(HOUR)
    expect(await singleValue(world, LAST_RUN)).toBe(ran)
  })

  it('have for how long the refresh has waited that is due for longest', async () => {
    const world = await activeMailWorld()
    await world.grant('alice@contoso.test')
    const failed = await world.grant('bob@contoso.test')
    const set = (state: string, retryAt: number | null) =>
      rows(
        'UPDATE grant_tokens SET state = ?, retry_at = ? WHERE grant_id = ?',
        state,
        retryAt,
        failed,
      )
    const now = world.clock.now.getTime()
    await set('blocked', now + HOUR * 1000)
    expect(await singleValue(world, OVERDUE)).toBe(0)
    world.advance(2 * HOUR)
    expect(await singleValue(world, OVERDUE)).toBe(HOUR)
    await set('reconnect_required', null)
    expect(await singleValue(world, OVERDUE)).toBe(0)
    world.advance(20 * DAY)
    expect(await singleValue(world, OVERDUE)).toBe(2 * HOUR)
    await world.call('POST', '/v1/integrations/microsoft/deactivate')
    expect(await singleValue(world, OVERDUE)).toBe(0)
  })

  it('have each check of /readyz, and the size of the database with what is left for it', async () => {
    const run = async () => ({ meta: { size_after: 8.2e9 } })
    const large = { prepare: () => ({ run }) } as unknown as D1Database
    const world = await createWorld({
      outside: { databaseHealth: createD1Health(large) },
      settings: { encryptionKeys: [{ kid: 'k1', key: new Uint8Array(5) }] },
    })
    const ready = await valuesOf(world, READY)
    expect(ready).toMatchObject({ database: 0.5, key_ring: 0, checker: 0.5, maintenance: 1 })
    expect(await singleValue(world, 'mailgrant_database_bytes')).toBe(8.2e9)
    expect(await singleValue(world, FREE_BYTES)).toBe(1.8e9)
  })

  it('are refused as by a database that is away if its size cannot be read', async () => {
    const measure = async () => Promise.reject(new Error('D1_ERROR: Network connection lost.'))
    const { databaseHealth } = (await createWorld()).services
    const world = await createWorld({ outside: { databaseHealth: { ...databaseHealth, measure } } })
    const response = await world.call('GET', '/metrics')
    expect(response.status).toBe(503)
    expect(await response.json()).toMatchObject({ code: 'storage_unavailable' })
  })

  it('name no mailbox, id, tenant or server', async () => {
    const world = await activeMailWorld()
    const grant = await world.grant('alice@contoso.test')
    const account = await world.save(imapForm(grant, { name: 'Canary inbox' }))
    const password = await world.save(passwordForm())
    world.login.probe = refuses
    await world.validateSaved(password.id)
    await world.save(appOnlyForm())
    const text = await textOf(world)
    for (const canary of ['alice', 'desk', 'contoso', 'example.org', 'Canary', 'dep_', '@']) {
      expect(text).not.toContain(canary)
    }
    for (const id of [grant, account.id, password.id]) expect(text).not.toContain(id)
    expect(text).toMatch(
      /^(?:[^{]|\{(?:(?:status|health|outcome|check|protocol)="[a-z_]+",?)+\}|\{version="[\d.]+"\})*$/,
    )
  })
})

it('responds to HEAD as to GET, without a body', async () => {
  const world = await createWorld()
  const head = (headers: Record<string, string>) =>
    world.send(new Request(`${PUBLIC_URL}/metrics`, { method: 'HEAD', headers }))
  const response = await head(bearer(ROOT_KEY))
  expect([response.status, await response.text()]).toEqual([200, ''])
  expect((await head({})).status).toBe(401)
})
