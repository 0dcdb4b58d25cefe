/**
 * Free ports for programs that get their port as a setting and bind it seconds later. They lie below the ephemeral
 * range (Linux: 32768 and up, others: 49152 and up): the system could assign a port of that range to another program in
 * the meantime, which would then respond in place of the right one.
 */
import { randomInt } from 'node:crypto'
import { connect, createServer } from 'node:net'

const LOWEST_PORT = 10_240
const EPHEMERAL_START = 32_768

/** Returns true if the port is free on 127.0.0.1, by listening on it for a moment. */
export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** Returns this many distinct ports. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = randomInt(LOWEST_PORT, EPHEMERAL_START)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}

export const isListening = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('error', () => resolve(false))
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
