/**
 * Faults of Entra at each endpoint that the product calls. Afterwards Entra is healthy and time passes: the
 * grant must be usable, unless Entra has said that it is dead.
 */
import { vi } from 'vitest'
import { savedAccount } from '../api/saved-account.ts'
import { type EntraFault, transportFaults } from './entra-kinds.ts'
import { createFaultyWorld, type FaultyWorld } from './entra-world.ts'
import { createTally, type Kind, type Size } from './kinds.ts'

const DAY = 86_400

type Body = { code?: string; access_token?: string }

export async function entraFaults(size: Size): Promise<Kind[]> {
  const tally = createTally()
  for (const fault of transportFaults) {
    for (const times of size === 'full' ? [1, 2, 3] : [1]) {
      await tally.trial(`refresh: ${fault.name}`, () => refreshTrial(fault, times))
    }
  }
  vi.useRealTimers()
  return tally.kinds()
}

/** Fails `times` refreshes in a row, then expects a token. */
async function refreshTrial(fault: EntraFault, times: number): Promise<string[]> {
  const world = await createFaultyWorld()
  const { path, grant } = await savedAccount(world)
  world.advance(2 * DAY)
  const failures: string[] = []
  world.inject('refresh', fault.respond, times)
  for (let at = 0; at < times; at += 1) {
    const response = await world.call('POST', path, {})
    const { code = 'none' } = await response.json<Body>()
    if (fault.meaning === 'passes' && response.status !== 200 && code !== 'provider_unavailable') {
      failures.push(`call ${at + 1} of ${times} during the fault answers ${code}`)
    }
    world.advance(3600)
  }
  world.heal()
  world.advance(DAY)
  failures.push(...(await expectToken(world, path, grant)))
  return [...failures, ...(await world.leaks()), ...world.serverErrors()]
}

/** Returns what keeps a caller from a token that Entra knows. */
async function expectToken(world: FaultyWorld, path: string, grant: string): Promise<string[]> {
  const response = await world.call('POST', path, {})
  const { access_token: token, code } = await response.json<Body>()
  if (!token) return [`afterwards a caller is answered ${response.status} ${code}`]
  if (!world.entra.checkToken(token)) return ['afterwards Entra does not know the token']
  const status = await world.grantStatus(grant)
  return status === 'active' ? [] : [`afterwards the grant is ${status}`]
}
