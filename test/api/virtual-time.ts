/**
 * Time that passes only in pauses. When nothing else can happen, the clock jumps to the end of the next pause. So
 * callers that wait for each other for half a minute take milliseconds, in the true order.
 */
import { env } from 'cloudflare:workers'
import type { World } from './harness.ts'
import { interceptD1 } from './intercept-d1.ts'
import { countWork } from './quiet.ts'

type Sleeper = { at: number; wake: () => void }

/** Turns of the event loop without a call to D1 or WebCrypto after which nothing more will happen. */
const QUIET_TURNS = 3

/** Pass `db` and `pause` to a world, then the world to `start`. */
export function virtualTime() {
  const sleepers = new Set<Sleeper>()
  let clock: World['clock'] | null = null
  const { counted, becomeQuiet } = countWork(QUIET_TURNS)

  const db = interceptD1(env.DB, ({ run }) => counted(run))

  const now = () => clock?.now.getTime() ?? 0

  return {
    db,
    start(world: World) {
      clock = world.clock
      const { sealer } = world.services.store
      const { open, seal } = sealer
      sealer.open = (...args) => counted(() => open(...args))
      sealer.seal = (...args) => counted(() => seal(...args))
    },
    /** Replaces `pause` of `RuntimeDependencies`. */
    pause: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        const sleeper = { at: now() + ms, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          resolve()
        })
      }),
    /** Lets time pass until the work has ended. Returns its value, and how many seconds it took. */
    async pass<Value>(work: Promise<Value>): Promise<{ value: Value; seconds: number }> {
      const begin = now()
      let ended = false
      const end = () => {
        ended = true
      }
      work.then(end, end)
      for (;;) {
        await becomeQuiet()
        if (ended) return { value: await work, seconds: (now() - begin) / 1000 }
        const [next] = [...sleepers].sort((a, b) => a.at - b.at)
        if (!next || !clock) throw new Error('the work waits for something other than time')
        clock.now = new Date(Math.max(now(), next.at))
        sleepers.delete(next)
        next.wake()
      }
    },
  }
}
