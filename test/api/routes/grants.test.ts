import { describe, expect, it } from 'vitest'
import type { Grant } from '../../../schema/grant.ts'
import { activeMailWorld, imapForm, type MailWorld, smtpForm } from '../mail-world.ts'

type List = { data: Grant[] }

const list = (world: MailWorld, query = '') => world.get<List>(`/v1/grants${query}`)

const people = ({ data }: List) => data.map((grant) => grant.signed_in_as)

/** Creates three grants, a second apart: those of Alice and Carol are saved, Bob's is not. */
async function threeGrants() {
  const world = await activeMailWorld()
  const alice = await world.grant('alice@contoso.test')
  world.advance(1)
  const bob = await world.grant('bob@contoso.test', { saved: false })
  world.advance(1)
  const carol = await world.grant('carol@contoso.test')
  return { world, alice, bob, carol }
}

describe('listing grants', () => {
  it('filters by mailbox and by status', async () => {
    const { world } = await threeGrants()
    expect(people(await list(world, '?status=unsaved'))).toEqual(['bob@contoso.test'])
    expect(people(await list(world, '?status=active'))).toHaveLength(2)
    expect(people(await list(world, '?username=Alice@contoso.test'))).toEqual([
      'alice@contoso.test',
    ])
    expect(people(await list(world, '?username=alice@contoso.test&status=unsaved'))).toEqual([])
    expect((await world.call('GET', '/v1/grants?status=fine')).status).toBe(422)
  })

  it('omits an unsaved grant after an hour, even before it is purged', async () => {
    const { world, bob } = await threeGrants()
    world.advance(3600)
    expect(people(await list(world))).toEqual(['carol@contoso.test', 'alice@contoso.test'])
    expect(await world.problem('GET', `/v1/grants/${bob}`)).toMatchObject({ status: 404 })
  })
})

describe('deleting a grant', () => {
  it('deletes an unsaved grant and its tokens at once', async () => {
    const { world, bob } = await threeGrants()
    const response = await world.call('DELETE', `/v1/grants/${bob}`)
    expect(await response.json()).toMatchObject({ id: bob, deleted: true, detached: [] })
    expect(await world.grantStatus(bob)).toBe('gone')
    expect((await world.db.prepare('SELECT id FROM grants').all()).results).toHaveLength(2)
  })

  it('returns 409 grant_in_use with the accounts that use the grant, and changes nothing', async () => {
    const { world, alice } = await threeGrants()
    const reads = await world.save(imapForm(alice))
    const sends = await world.save(smtpForm(alice))
    const problem = await world.problem('DELETE', `/v1/grants/${alice}`)
    expect(problem).toMatchObject({ status: 409, code: 'grant_in_use' })
    expect(problem.mail_accounts?.toSorted()).toEqual([reads.id, sends.id].toSorted())
    expect(await world.grantStatus(alice)).toBe('active')
    expect(await world.read(reads.id)).toMatchObject({ grant: { id: alice } })
  })

  it('with `detach` lists the accounts to reconnect, and notes that issued tokens stay valid', async () => {
    const { world, alice } = await threeGrants()
    const { id } = await world.save(imapForm(alice))
    world.advance(60)
    const response = await world.call('DELETE', `/v1/grants/${alice}?detach=true`)
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({
      deleted: true,
      detached: [id],
      note: expect.stringContaining('until they expire'),
    })
    expect(await world.events()).toContain('grant.deleted')
    expect(await world.read(id)).toMatchObject({ updated_at: world.clock.now.toISOString() })
  })
})
