/** Events that are logged and counted. Types only, so that any runtime can import them. */
import type { ProbeReport, ProbeRequest } from '../schema/probe.ts'

export type Event =
  | { name: 'probed'; jti: string; request: ProbeRequest; report: ProbeReport }
  /**
   * A request that was not run. `reason` is one of a fixed set and never quotes the caller; `jti` is
   * null unless the message was sealed with a key of the ring.
   */
  | { name: 'refused'; status: number; reason: string; jti: string | null }
  | { name: 'crashed'; error: unknown }
  | { name: 'listening'; host: string; port: number }
  | { name: 'draining' | 'closing' | 'stopped'; running: number }

export type Log = (event: Event) => void
