import { describe, expect, it } from 'vitest'
import type { AuditEvent } from '../../../schema/event.ts'
import { activeWorld, type World } from '../harness.ts'
import { grantWorld, imapForm } from '../mail-world.ts'

const list = (world: World, query: string) =>
  world.get<{ data: AuditEvent[] }>(`/v1/events${query}`)

/** Creates five events: activated, settings changed, deactivated, activated, deactivated. */
async function history() {
  const world = await activeWorld()
  for (const step of ['deactivate', 'activate', 'deactivate']) {
    world.advance(1)
    await world.call('POST', `/v1/integrations/microsoft/${step}`)
  }
  return world
}

describe('the audit trail', () => {
  it('lists actor, type and time of each event, newest first', async () => {
    const world = await history()
    const { data } = await list(world, '')
    expect(data).toHaveLength(6)
    expect(data[0]).toMatchObject({
      id: expect.stringMatching(/^ev_/),
      type: 'integration.deactivated',
      at: world.clock.now.toISOString(),
      actor: { type: 'key' },
    })
    const times = data.map(({ at }) => at)
    expect(times).toEqual(times.toSorted().reverse())
  })

  it('filters by type and rejects an unknown type', async () => {
    const world = await history()
    const { data } = await list(world, '?type=integration.deactivated')
    expect(data.map(({ type }) => type)).toEqual(Array(2).fill('integration.deactivated'))
    expect((await world.call('GET', '/v1/events?type=integration.exploded')).status).toBe(422)
  })

  it('ends before a time', async () => {
    const world = await history()
    const { data: all } = await list(world, '')
    const { data } = await list(world, `?before=${all[1]?.at}`)
    expect(data).toEqual(all.slice(2))
    expect((await world.call('GET', '/v1/events?before=yesterday')).status).toBe(422)
  })

  it('filters by mailbox, with its sign-ins and after it was deleted, page by page', async () => {
    const { world, grant } = await grantWorld()
    const { id } = await world.save(imapForm(grant))
    const other = await world.grant('bob@contoso.test')
    await world.save(imapForm(other, { username: 'bob@contoso.test' }))
    await world.call('DELETE', `/v1/mail-accounts/${id}`)
    const { data } = await list(world, '?username=Alice@contoso.test')
    expect(data.map(({ type }) => type).sort()).toEqual([
      'grant.deleted',
      'mail_account.created',
      'mail_account.deleted',
    ])
    expect(JSON.stringify(data)).not.toContain('bob@')
    const [first] = (await list(world, '?username=alice@contoso.test&type=grant.deleted')).data
    expect(first).toMatchObject({ subject: grant })
    const seen: string[] = []
    for (let cursor: string | null = ''; cursor !== null; ) {
      const path: string = `/v1/events?username=alice@contoso.test&limit=1${cursor && `&cursor=${cursor}`}`
      const page: { data: AuditEvent[]; next_cursor: string | null } = await world.get(path)
      seen.push(...page.data.map((event) => event.id))
      cursor = page.next_cursor
    }
    expect(seen).toEqual(data.map((event) => event.id))
  })
})
