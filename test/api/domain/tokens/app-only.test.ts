import { expect, it } from 'vitest'
import { UNLIMITED } from '../../../../api/model/access.ts'
import type { Call } from '../../../../api/services.ts'
import { createAppOnlyWorld } from '../../app-only-world.ts'
import { tokenOfApp } from '../../fresh-token.ts'
import { rows } from '../../sql.ts'
import { system } from '../../system-call.ts'

const LONGEST_PAUSE_MS = 4 * 3_600_000
const people: Call = { actor: { type: 'key', id: 'root' }, accessScope: UNLIMITED, defer: () => {} }
it('requests a blocked token once a minute for people, and at its retry time for the schedule', async () => {
  const world = await createAppOnlyWorld()
  const code = async (call: Call) => {
    const wish = { tenant: 'contoso.test', protocol: 'imap' } as const
    const result = await tokenOfApp(world.services, call, wish)
    return result.ok ? 'a token' : result.error.code
  }
  const block = (pause: number) =>
    rows("UPDATE app_tokens SET state = 'blocked', retry_at = ?", world.clock.now.getTime() + pause)
  expect(await code(system)).toBe('a token')
  await block(LONGEST_PAUSE_MS)
  world.advance(59)
  expect(await code(people)).toBe('grant_blocked')
  world.advance(1)
  expect(await code(system)).toBe('grant_blocked')
  expect(world.tokenRequests()).toBe(1)
  expect(await code(people)).toBe('a token')
  await block(0)
  // The stored token has not expired, but might have lost its rights, so a new one is requested.
  expect(await code(system)).toBe('a token')
  expect(world.tokenRequests()).toBe(3)
})
