/** The parts of the faults suite by name, in the order in which they start: the slowest first. */
import type { Part } from './kinds.ts'

type Entry = {
  /** Loaded on demand, since only the worker that runs a part can resolve the Worker's bindings. */
  load: () => Promise<Part>
  /**
   * The only runtime of the part, with the reason. Null if the part, or another one like it, also runs on the other
   * runtime.
   */
  only: string | null
}

const SIMULATED =
  'Node: the API in one process with a virtual clock; both runtimes get the same failures passed in'
const CHECKER = 'Node: tests the checker, which runs nowhere else'

export const parts: Readonly<Record<string, Entry>> = {
  'webhooks-at-size': {
    load: async () => (await import('./webhooks-at-size.ts')).webhooksAtSize,
    only: SIMULATED,
  },
  'maintenance-at-size': {
    load: async () => (await import('./maintenance-at-size.ts')).maintenanceAtSize,
    only: SIMULATED,
  },
  'entra-faults': {
    load: async () => (await import('./entra-faults.ts')).entraFaults,
    only: SIMULATED,
  },
  'database-move': {
    load: async () => (await import('./database-move.ts')).movingHouse,
    only: 'Node: moves a database between the two runtimes, and tries it on both',
  },
  'both-resources': {
    load: async () => (await import('./both-resources.ts')).bothResources,
    only: SIMULATED,
  },
  races: {
    load: async () => {
      const { races } = await import('./races.ts')
      const { startIsolates } = await import('./isolates.ts')
      return (size) => races(size, startIsolates)
    },
    only: null,
  },
  'node-races': {
    load: async () => {
      const { races } = await import('./races.ts')
      const { startOwnServer } = await import('./own-server.ts')
      return (size) => races(size, startOwnServer)
    },
    only: null,
  },
  kills: {
    load: async () => (await import('./kills.ts')).kills,
    only: "workerd: rotations of a key, which Node's part leaves out; node-kills has the rest",
  },
  'node-kills': {
    load: async () => (await import('./node-kills.ts')).nodeKills,
    only: 'Node: what a process has acknowledged; on the edge that is the promise of D1',
  },
  'wire-faults': {
    load: async () => {
      const { wireFaults } = await import('./wire-faults.ts')
      const { startIsolates } = await import('./isolates.ts')
      return (size) => wireFaults(size, startIsolates)
    },
    only: null,
  },
  'node-wire-faults': {
    load: async () => {
      const { wireFaults } = await import('./wire-faults.ts')
      const { startOwnServer } = await import('./own-server.ts')
      return (size) => wireFaults(size, startOwnServer)
    },
    only: null,
  },
  'hostile-mail-servers': {
    load: async () => (await import('./hostile-mail-servers.ts')).hostileMailServers,
    only: CHECKER,
  },
  'quoted-tokens': {
    load: async () => (await import('./quoted-tokens.ts')).quotedTokens,
    only: CHECKER,
  },
  'node-power': {
    load: async () => (await import('./node-power.ts')).nodePower,
    only: "Node: the own server's file on a disk that loses power; on the edge it is D1's",
  },
  'node-disk': {
    load: async () => (await import('./node-disk.ts')).nodeDisk,
    only: 'Node: D1 has no disk that fills up',
  },
  'storage-faults': {
    load: async () => (await import('./storage-faults.ts')).storageFaults,
    only: SIMULATED,
  },
}
