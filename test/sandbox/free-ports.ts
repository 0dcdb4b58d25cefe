/**
 * Ports for servers of other programs, which are told a port and bind it seconds later. They lie below
 * those that a system hands out by itself (Linux from 32768 on, others from 49152): one of these could
 * meanwhile go to any other server of the machine, which would then answer in place of ours.
 */
import { randomInt } from 'node:crypto'
import { createServer } from 'node:net'

const LOWEST = 10_240
const BEYOND = 32_768

/** Listens for a moment: whether nobody holds this port of 127.0.0.1. */
export const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** So many ports, no two the same. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = randomInt(LOWEST, BEYOND)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}
