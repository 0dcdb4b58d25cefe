/**
 * Records one probe: its steps in order, their durations, and the SASL mechanism used. A step ends when
 * it passes or when the probe stops.
 */
import { LOGIN_STEPS, type Step, type StepName } from '../schema/probe.ts'
import type { Clean } from './cleaner.ts'

const MAX_DETAIL_LENGTH = 1000

const skipped = (name: StepName, detail: string | null): Step => ({
  name,
  outcome: 'skipped',
  duration_ms: 0,
  detail,
})

export type Steps = ReturnType<typeof createSteps>

/**
 * Starts the record. `clock` returns milliseconds from any origin; `clean` makes details safe to show; `onStep` is
 * called as each step ends. `order` lists the steps of a complete probe. It has methods instead of getters, since an
 * object with its own getter costs V8 a hidden class per probe, which keeps the getter's scope in memory until the next
 * full garbage collection.
 */
export function createSteps(
  clock: () => number,
  clean: Clean,
  onStep: (step: Step) => void = () => {},
  order: readonly StepName[] = LOGIN_STEPS,
) {
  const started = clock()
  const finished: Step[] = []
  let current: { name: StepName; since: number } | null = null
  let mechanism: string | null = null
  let sent: boolean | null = false

  const timeSince = (since: number) => Math.max(0, Math.round(clock() - since))

  function record(step: Step) {
    finished.push(step)
    onStep(step)
  }

  function end(outcome: Step['outcome'], text: string | null) {
    if (current === null) return
    const { name, since } = current
    const detail = clean(text, MAX_DETAIL_LENGTH)
    record({ name, outcome, duration_ms: timeSince(since), detail })
    current = null
  }

  return {
    begin(name: StepName) {
      current = { name, since: clock() }
    },
    pass: (detail: string | null = null) => end('passed', detail),
    /** Ends the current step and the probe. */
    stop: (outcome: 'failed' | 'inconclusive', detail: string) => end(outcome, detail),
    /** Records a step that the protocol does not have. */
    skip(name: StepName, detail: string) {
      record(skipped(name, detail))
    },
    /** Records the SASL mechanism, just before its first byte is sent. */
    useMechanism(name: string) {
      mechanism = name
    },
    /** Returns the running step, or else the last one that ended. */
    current: (): StepName => current?.name ?? finished.at(-1)?.name ?? 'dns',
    mechanism: () => mechanism,
    /** Records whether a message was sent; null from its last byte until the server has responded. */
    recordSent(value: boolean | null) {
      sent = value
    },
    sent: () => sent,
    elapsed: () => timeSince(started),
    /** Returns all steps; those not reached are `skipped`. */
    list(): Step[] {
      const missing = order.filter((name) => !finished.some((step) => step.name === name))
      return [...finished, ...missing.map((name) => skipped(name, null))]
    },
  }
}
