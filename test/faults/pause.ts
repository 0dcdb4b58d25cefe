/** A pause that takes no time: the clock jumps. */
import type { RuntimeDependencies } from '../../api/services.ts'

/**
 * Moves the clock by every pause. One with a signal belongs to work in the background, such as the renewal of a lease,
 * and ends with that work, so no time passes meanwhile.
 */
export const jumpingPause =
  (advance: (seconds: number) => void): RuntimeDependencies['pause'] =>
  (ms, signal) =>
    new Promise((resolve) => {
      if (!signal) advance(ms / 1000)
      if (!signal || signal.aborted) return resolve()
      signal.addEventListener('abort', () => resolve())
    })
