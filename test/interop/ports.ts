/** Finds free ports on loopback, and waits until servers listen. */
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export { freePorts } from '../sandbox/free-ports.ts'

const isListening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

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

/** Waits until all ports are listening. */
export const untilListening = (ports: readonly number[], explain: () => Promise<string> | string) =>
  until(async () => (await Promise.all(ports.map(isListening))).every(Boolean), explain)
