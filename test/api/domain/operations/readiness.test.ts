import { expect, it } from 'vitest'
import { readiness } from '../../../../api/domain/operations/readiness.ts'
import { createApp as createChecker, type Phase } from '../../../../checker/app.ts'
import type { KeyRing } from '../../../../schema/settings.ts'
import { createWorld, settings } from '../../harness.ts'

const probe = async () => {
  throw new Error('nobody asked for a login')
}

type Checker = { ring?: KeyRing; aheadSeconds?: number; phase?: Phase }

/** Returns the check of /readyz for a checker with this key, clock and phase. */
async function checkOf({ ring = settings.checkerKeys, aheadSeconds = 0, phase }: Checker) {
  const now = () => new Date(world.clock.now.getTime() + aheadSeconds * 1000)
  const checker = createChecker({
    ring,
    now,
    log: () => {},
    probe,
    phase: () => phase ?? 'serving',
  })
  const world = await createWorld({
    externalFetch: async (input, init) => {
      const response = await checker.fetch(new Request(input, init))
      // A real server adds the Date header, which shows its clock.
      response.headers.set('date', now().toUTCString())
      return response
    },
  })
  return (await readiness(world.services)).checks.checker
}

const otherKey: KeyRing = [
  { kid: settings.checkerKeys[0].kid, key: crypto.getRandomValues(new Uint8Array(32)) },
]

it('passes with a checker that has our key and the right time', async () => {
  expect(await checkOf({})).toEqual({ status: 'ok' })
  expect(await checkOf({ aheadSeconds: 3 })).toEqual({ status: 'ok' })
})

it('reports the key when the checker has another one of the same id', async () => {
  const check = await checkOf({ ring: otherKey })
  expect(check).toMatchObject({ status: 'degraded', detail: expect.stringMatching(/CHECKER_KEY/) })
})

it.each([-60, 60])(
  'reports the clock when that of the checker is %i s ahead',
  async (aheadSeconds) => {
    const check = await checkOf({ aheadSeconds })
    expect(check).toMatchObject({ status: 'degraded', detail: expect.stringMatching(/clock/) })
  },
)

it.each(['draining', 'closing'] as const)('is degraded while the checker is %s', async (phase) => {
  expect(await checkOf({ phase })).toMatchObject({ detail: expect.stringMatching(/not ready/) })
})

it.each([
  ['a page of a proxy', () => new Response('<h1>Welcome</h1>')],
  ['a redirect', () => new Response(null, { status: 302, headers: { location: '/login' } })],
  ['a checker that knows no sealed readiness check', () => new Response(null, { status: 404 })],
])('does not take %s for the checker', async (_name, response) => {
  const world = await createWorld({ externalFetch: async () => response() })
  const { checker } = (await readiness(world.services)).checks
  expect(checker).toMatchObject({
    status: 'degraded',
    detail: expect.stringMatching(/not a checker/),
  })
})
