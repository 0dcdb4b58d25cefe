/** A retried rotation never drops a secret that the receiver still uses. */
import { describe, expect, it } from 'vitest'
import { WebhookWithSecret } from '../../../schema/webhook.ts'
import { failAfterSecondBatch, flakyDatabase } from '../flaky-database.ts'
import { createWorld, type World } from '../harness.ts'
import { rows } from '../sql.ts'

async function registerWebhook(db: D1Database) {
  const world = await createWorld({ db, outside: { pause: async () => {} } })
  const made = await world.call('POST', '/v1/webhooks', { url: 'https://hooks.example.com/in' })
  const { id, secret } = await made.json<WebhookWithSecret>()
  return { world, id, before: secret }
}

const rotate = (world: World, id: string, key = 'once') =>
  world.call('POST', `/v1/webhooks/${id}/rotate-secret`, undefined, { 'idempotency-key': key })

const signingSecrets = async ({ services }: World, id: string) =>
  (await services.store.webhooks.secretsOf(id, services.now()))?.secrets

describe('rotating a secret with an Idempotency-Key', () => {
  it('rotates once, and repeats the response without the secret', async () => {
    const { world, id, before } = await registerWebhook(flakyDatabase().db)
    const first = await (await rotate(world, id)).json<WebhookWithSecret>()
    world.advance(60)
    const again = await rotate(world, id)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    const { secret, ...rest } = first
    expect(WebhookWithSecret.parse(await again.json())).toEqual(rest)
    expect(await signingSecrets(world, id)).toEqual([secret, before])
    const another = await (await rotate(world, id, 'again')).json<WebhookWithSecret>()
    expect(await signingSecrets(world, id)).toEqual([another.secret, secret])
  })

  it('shows the secret to the retry when the response of the database was lost', async () => {
    const { db, faults } = flakyDatabase()
    const { world, id, before } = await registerWebhook(db)
    failAfterSecondBatch(faults)
    expect((await rotate(world, id)).status).toBe(503)
    const until = new Date(world.clock.now.getTime() + 24 * 3_600_000).toISOString()
    faults.offline = false
    world.advance(61)
    const again = await rotate(world, id)
    expect(again.status).toBe(200)
    const { secret, previous_secret_expires_at: expires } = await again.json<WebhookWithSecret>()
    expect(expires).toBe(until)
    expect(await signingSecrets(world, id)).toEqual([secret, before])
    const results = await rows("SELECT id FROM events WHERE type = 'webhook.secret_rotated'")
    expect(results).toHaveLength(1)
  })
})
