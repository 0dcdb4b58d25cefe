/** The parts of the faults suite by name, in the order in which they start: the slowest first. */
import type { Part } from './kinds.ts'

/** Loaded on demand, since only the worker that runs a part can resolve the Worker's bindings. */
export const parts: Readonly<Record<string, () => Promise<Part>>> = {
  'webhooks-at-size': async () => (await import('./webhooks-at-size.ts')).webhooksAtSize,
  'maintenance-at-size': async () => (await import('./maintenance-at-size.ts')).maintenanceAtSize,
  'entra-faults': async () => (await import('./entra-faults.ts')).entraFaults,
  races: async () => (await import('./races.ts')).races,
  kills: async () => (await import('./kills.ts')).kills,
  'node-kills': async () => (await import('./node-kills.ts')).nodeKills,
  'wire-faults': async () => (await import('./wire-faults.ts')).wireFaults,
  'hostile-mail-servers': async () =>
    (await import('./hostile-mail-servers.ts')).hostileMailServers,
  'quoted-tokens': async () => (await import('./quoted-tokens.ts')).quotedTokens,
  'node-power': async () => (await import('./node-power.ts')).nodePower,
  'storage-faults': async () => (await import('./storage-faults.ts')).storageFaults,
}
