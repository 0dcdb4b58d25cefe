/** Finds free ports on loopback, and waits until servers listen. */
import { setTimeout as pause } from 'node:timers/promises'

import { isListening } from '../sandbox/free-ports.ts'

export { freePorts } from '../sandbox/free-ports.ts'

/** Polls until the condition holds. Throws `explain()` after `timeoutMs`. */
export async function until(
  condition: () => Promise<boolean> | boolean,
  explain: () => Promise<string> | string,
  timeoutMs = 20_000,
): Promise<void> {
  const end = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(await explain())
    await pause(25)
  }
}

export const untilListening = (ports: readonly number[], explain: () => Promise<string> | string) =>
  until(async () => (await Promise.all(ports.map(isListening))).every(Boolean), explain)
