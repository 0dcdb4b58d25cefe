/** Free ports on loopback, and the wait until a server answers on one. */
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

export { freePorts } from '../sandbox/free-ports.ts'

const answers = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })

/** Asks until it is so. Throws with `explain()` after `patience` milliseconds. */
export async function until(
  isSo: () => Promise<boolean> | boolean,
  explain: () => Promise<string> | string,
  patience = 20_000,
): Promise<void> {
  const end = Date.now() + patience
  while (!(await isSo())) {
    if (Date.now() > end) throw new Error(await explain())
    await pause(25)
  }
}

/** Until somebody listens on all of them. */
export const untilListening = (ports: readonly number[], explain: () => Promise<string> | string) =>
  until(async () => (await Promise.all(ports.map(answers))).every(Boolean), explain)
