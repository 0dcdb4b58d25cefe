/** What is worth a line in the log. Types only, so that the app can name them in any runtime. */
import type { ProbeReport, ProbeRequest } from '../schema/probe.ts'

export type Event =
  | { name: 'probed'; jti: string; request: ProbeRequest; report: ProbeReport }
  /**
   * `reason` is one of our own words, never one of the caller's. `jti` is null where no holder of the
   * key has written it.
   */
  | { name: 'refused'; status: number; reason: string; jti: string | null }
  | { name: 'crashed'; error: unknown }
  | { name: 'listening'; host: string; port: number }
  | { name: 'draining' | 'stopped'; running: number }

export type Log = (event: Event) => void
