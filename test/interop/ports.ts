/** Free ports on loopback, and the wait until a server answers on one. */
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

const listen = () =>
  new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => resolve(server))
  })

/** Held all at once before they are let go, so that no two are the same. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen))
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

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
