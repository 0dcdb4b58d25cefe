/**
 * The record of one probe: its steps in the order in which they happened, with durations, and the
 * mechanism that was used. A step ends when it passes, when the probe stops, or when the next begins.
 */
import type { Step, StepName } from '../schema/probe.ts'
import type { Clean } from './text.ts'

const ORDER: readonly StepName[] = ['dns', 'connect', 'tls', 'greeting', 'authenticate', 'mailbox']
const MAX_DETAIL = 1000

export type Steps = ReturnType<typeof createSteps>

/**
 * `clock` counts milliseconds from anywhere; `clean` makes details safe to show. (Methods instead of
 * getters: an object made per probe with a getter of its own costs V8 a hidden class per probe, and
 * that keeps everything the getter can see until the next full collection.)
 */
export function createSteps(clock: () => number, clean: Clean) {
  const started = clock()
  const ended: Step[] = []
  let running: { name: StepName; since: number } | null = null
  let mechanism: string | null = null

  function end(outcome: Step['outcome'], detail: string | null) {
    if (running === null) return
    const duration = Math.max(0, Math.round(clock() - running.since))
    ended.push({
      name: running.name,
      outcome,
      duration_ms: duration,
      detail: clean(detail, MAX_DETAIL),
    })
    running = null
  }

  return {
    begin(name: StepName) {
      running = { name, since: clock() }
    },
    pass: (detail: string | null = null) => end('passed', detail),
    /** Ends the running step, and with it the probe. */
    stop: (outcome: 'failed' | 'inconclusive', detail: string) => end(outcome, detail),
    /** A step that this protocol does not have. */
    skip(name: StepName, detail: string) {
      ended.push({ name, outcome: 'skipped', duration_ms: 0, detail })
    },
    /** Names the SASL mechanism, just before its first byte is sent. */
    tries(name: string) {
      mechanism = name
    },
    /** The step that runs, or the one that ended last. */
    running: (): StepName => running?.name ?? ended.at(-1)?.name ?? 'dns',
    mechanism: () => mechanism,
    elapsed: () => Math.max(0, Math.round(clock() - started)),
    /** All six steps; those that were never reached are `skipped`. */
    list(): Step[] {
      const missing = ORDER.filter((name) => !ended.some((step) => step.name === name))
      return [
        ...ended,
        ...missing.map((name) => ({
          name,
          outcome: 'skipped' as const,
          duration_ms: 0,
          detail: null,
        })),
      ]
    },
  }
}
