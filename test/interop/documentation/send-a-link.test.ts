/** Runs the backend of the guide that sends links: the owner of a mailbox signs in, and a thief gets nothing. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { signIn } from '../../journeys/sandbox-client.ts'
import { type ConfiguredDemo, startConfiguredDemo } from '../configured-demo.ts'
import { type Desk, startDesk } from './desk.ts'

const ALICE = 'alice@contoso.test'

let world: ConfiguredDemo
let desk: Desk
beforeAll(async () => {
  world = await startConfiguredDemo('third-party')
  const input = { name: 'Desk', scopes: ['write'] }
  const { key } = await world.api.expect(201, 'POST', '/v1/api-keys', input)
  desk = await startDesk(world, String(key))
})
afterAll(async () => {
  await desk?.stop()
  await world?.demo.stop()
})

const sentLink = () => desk.sentLink('inbox-7', ALICE)
const listed = async (path: string) => (await world.api.expect(200, 'GET', path)).data

it('connects the mailbox once its owner has signed in, and gives nothing to a thief', async () => {
  const { page } = await signIn(await sentLink(), 'bob@contoso.test', world.api)
  expect(page.title).toBe('A different account signed in')
  await desk.said(`bob@contoso.test signed in, not ${ALICE}`)
  expect(await listed('/v1/grants')).toEqual([])
  expect(await listed('/v1/mail-accounts')).toEqual([])

  await signIn(await sentLink(), ALICE, world.api)
  await desk.said('connected')
  const accounts = await listed('/v1/mail-accounts')
  expect(accounts).toMatchObject([{ username: ALICE, owner: { type: 'other', id: 'inbox-7' } }])
  const grants = await listed('/v1/grants')
  expect(grants).toMatchObject([{ status: 'active', signed_in_as: ALICE }])

  // The mailbox has an account now, so another link reconnects it.
  await signIn(await sentLink(), ALICE, world.api)
  await desk.said('connected', 2)
  expect(await listed('/v1/mail-accounts')).toHaveLength(1)
  expect(await listed('/v1/grants')).toHaveLength(1)
})
