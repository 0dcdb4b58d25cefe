/** The parts of the faults suite by name, in the order in which they start: the slowest first. */
import type { Part } from './kinds.ts'

/** Loaded on demand, since only the worker that runs a part can resolve the Worker's bindings. */
export const parts: Readonly<Record<string, () => Promise<Part>>> = {
  'webhooks-at-size': async () => (await import('./webhooks-at-size.ts')).webhooksAtSize,
  'maintenance-at-size': async () => (await import('./maintenance-at-size.ts')).maintenanceAtSize,
  'entra-faults': async () => (await import('./entra-faults.ts')).entraFaults,
  races: async () => {
    const [{ races }, { startIsolates }] = await Promise.all([
      import('./races.ts'),
      import('./isolates.ts'),
    ])
    return (size) => races(size, startIsolates)
  },
  'node-races': async () => {
    const [{ races }, { startOwnServer }] = await Promise.all([
      import('./races.ts'),
      import('./own-server.ts'),
    ])
    return (size) => races(size, startOwnServer)
  },
  kills: async () => (await import('./kills.ts')).kills,
  'node-kills': async () => (await import('./node-kills.ts')).nodeKills,
  'wire-faults': async () => {
    const [{ wireFaults }, { startIsolates }] = await Promise.all([
      import('./wire-faults.ts'),
      import('./isolates.ts'),
    ])
    return (size) => wireFaults(size, startIsolates)
  },
  'node-wire-faults': async () => {
    const [{ wireFaults }, { startOwnServer }] = await Promise.all([
      import('./wire-faults.ts'),
      import('./own-server.ts'),
    ])
    return (size) => wireFaults(size, startOwnServer)
  },
  'hostile-mail-servers': async () =>
    (await import('./hostile-mail-servers.ts')).hostileMailServers,
  'quoted-tokens': async () => (await import('./quoted-tokens.ts')).quotedTokens,
  'node-power': async () => (await import('./node-power.ts')).nodePower,
  'storage-faults': async () => (await import('./storage-faults.ts')).storageFaults,
}
