import { env } from 'cloudflare:workers'
import { describe, expect, it } from 'vitest'
import { upkeep } from '../../../api/domain/upkeep.ts'
import { flakyDatabase } from '../flaky-database.ts'
import { createMailWorld, imapForm, type MailWorld, passwordForm } from '../mail-world.ts'

const HOUR = 3600
const DAY = 24 * HOUR

async function idsIn(table: string): Promise<unknown[]> {
  const { results } = await env.DB.prepare(`SELECT id FROM ${table}`).all<{ id: string }>()
  return results.map(({ id }) => id)
}

async function authorize(world: MailWorld, more: object = {}): Promise<string> {
  const body = { provider: 'microsoft', username: 'alice@contoso.test', ...more }
  const response = await world.call('POST', '/v1/authorizations', body)
  return (await response.json<{ id: string }>()).id
}

/** Its last log line. */
const lastLine = (world: MailWorld) => JSON.parse(world.lines.at(-1) ?? '{}')

async function activeWorld(options: Parameters<typeof createMailWorld>[0] = {}) {
  const world = await createMailWorld(options)
  await world.activate()
  return world
}

describe('the hourly upkeep', () => {
  it('removes unsaved grants after their hour and keeps saved ones for good', async () => {
    const world = await activeWorld()
    const saved = await world.grant('alice@contoso.test', { saved: false })
    await world.save(imapForm(saved))
    const unsaved = await world.grant('bob@contoso.test', { saved: false })
    world.advance(HOUR - 1)
    await upkeep(world.services)
    expect((await idsIn('grants')).toSorted()).toEqual([saved, unsaved].toSorted())
    world.advance(2)
    await upkeep(world.services)
    expect(await idsIn('grants')).toEqual([saved])
    world.advance(400 * DAY)
    await upkeep(world.services)
    expect(await idsIn('grants')).toEqual([saved])
  })

  it('removes authorizations a day after their end, and not a link that is still good', async () => {
    const world = await activeWorld()
    await authorize(world)
    const link = await authorize(world, { expires_in: DAY })
    world.advance(600 + DAY - 1)
    await upkeep(world.services)
    expect(await idsIn('authorizations')).toHaveLength(2)
    world.advance(2)
    await upkeep(world.services)
    expect(await idsIn('authorizations')).toEqual([link])
    world.advance(DAY)
    await upkeep(world.services)
    expect(await idsIn('authorizations')).toEqual([])
  })

  it('removes validations after 30 days and admin-consent links after 14', async () => {
    const world = await activeWorld()
    await world.validate(passwordForm())
    await world.call('POST', '/v1/integrations/microsoft/admin-consent', {})
    world.advance(14 * DAY - 1)
    await upkeep(world.services)
    expect(await idsIn('admin_consents')).toHaveLength(1)
    world.advance(2)
    await upkeep(world.services)
    expect(await idsIn('admin_consents')).toEqual([])
    expect(await idsIn('validations')).toHaveLength(1)
    world.advance(16 * DAY)
    await upkeep(world.services)
    expect(await idsIn('validations')).toEqual([])
  })

  it('counts what it removed, each once, though two run at the same time', async () => {
    const world = await activeWorld()
    await world.grant('alice@contoso.test', { saved: false })
    await world.grant('bob@contoso.test', { saved: false })
    world.advance(HOUR + 1)
    await Promise.all([upkeep(world.services), upkeep(world.services)])
    const counts = world.lines.map((line) => JSON.parse(line)).filter((l) => l.event === 'upkeep')
    expect(counts.map(({ count }) => count).toSorted()).toEqual([0, 2])
  })

  it('tells the log when D1 fails, removes nothing by halves, and does it next time', async () => {
    const { db, weather } = flakyDatabase()
    const world = await activeWorld({ db })
    await world.grant('alice@contoso.test', { saved: false })
    world.advance(HOUR + 1)
    weather.refuse = 1
    await upkeep(world.services)
    expect(lastLine(world)).toMatchObject({ level: 'error', event: 'upkeep_failed' })
    expect(await idsIn('grants')).toHaveLength(1)
    await upkeep(world.services)
    expect(lastLine(world)).toMatchObject({ level: 'info', event: 'upkeep', count: 1 })
    expect(await idsIn('grants')).toEqual([])
  })
})
