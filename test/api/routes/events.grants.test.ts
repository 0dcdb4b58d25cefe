/** Events that contain the signed-in user of a grant, and the event that a rejected credential works again. */

import { expect, it } from 'vitest'
import { appOnlyAccountWorld } from '../app-only-world.ts'
import { rejectCredential } from '../app-problem.ts'
import { accountWorld } from '../saved-account.ts'
import { rows } from '../sql.ts'

type Row = { type: string; subject: string; data: string }

const eventsLike = async (like: string) =>
  (
    await rows<Row>('SELECT type, subject, data FROM events WHERE type LIKE ? ORDER BY rowid', like)
  ).map(({ type, subject, data }) => ({ type, subject, ...JSON.parse(data) }))

const HOUR = 3600

it('reports the signed-in user in every event about a grant', async () => {
  const { world, grant, path } = await accountWorld({ outside: { pause: async () => {} } })
  const issueToken = () => world.call('POST', path, {})
  world.advance(24 * HOUR)
  world.entra.control.faultNext({ kind: 'outage', times: 1 })
  expect((await issueToken()).status).toBe(503)
  world.advance(HOUR)
  expect((await issueToken()).status).toBe(200)
  world.entra.control.revoke('alice@contoso.test')
  world.advance(2 * HOUR)
  expect((await issueToken()).status).toBe(409)
  const about = { subject: grant, signed_in_as: 'alice@contoso.test' }
  expect(await eventsLike('grant.%')).toMatchObject([
    { type: 'grant.cooling_down', ...about },
    { type: 'grant.recovered', ...about },
    { type: 'grant.reconnect_required', ...about },
  ])
})

it('records it when an app-only token is issued, and when the settings are verified', async () => {
  const { world, path } = await appOnlyAccountWorld()
  await rejectCredential(world.db, world.clock.now.getTime() - 120_000)
  expect((await world.call('POST', path, {})).status).toBe(200)
  await rejectCredential(world.db, world.clock.now.getTime() - 120_000)
  const verify = () =>
    world.call('POST', '/v1/integrations/microsoft/settings/verify', { tenant: 'contoso.test' })
  expect(await (await verify()).json()).toMatchObject({ outcome: 'passed' })
  await verify()
  const type = 'integration.credential_accepted'
  expect(await eventsLike('%credential%')).toMatchObject([{ type }, { type }])
})
