/** Metrics of the one process that handles all requests. At the edge, each isolate would have counters of its own. */
import { Gauge, Histogram, type Registry } from 'prom-client'
import { SECOND_MS } from '../../schema/durations.ts'

/** Status of a request whose client closed the connection before its response began, as nginx writes it. */
export const CLIENT_CLOSED = 499

/** Records a response with its duration in seconds. */
export type ObserveResponse = (status: number, seconds: number) => void

export function createRequestMetrics(registry: Registry): ObserveResponse {
  const durations = new Histogram({
    name: 'mailgrant_http_request_duration_seconds',
    help: 'Duration of HTTP requests by status; 499 if the client closed the connection before.',
    labelNames: ['status'],
    // A stored token takes milliseconds, a list up to 50, and a caller waits for Microsoft up to 26 s.
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10, 30],
    registers: [registry],
  })
  // Prometheus misses the first increase of a series that did not exist before, and alerts need these.
  for (const status of [200, 500, 503]) durations.zero({ status })
  return (status, seconds) => durations.observe({ status }, seconds)
}

/** Adds when the last copy of the database was made, and how often one is due. */
export function addCopyMetrics(
  registry: Registry,
  { lastAt }: { lastAt: () => Date | null },
  everyMs: number,
): void {
  const registers = [registry]
  new Gauge({
    name: 'mailgrant_backup_last_success_timestamp_seconds',
    help: 'Time of the last complete copy of the database; 0 until one is known.',
    registers,
    collect() {
      this.set((lastAt()?.getTime() ?? 0) / SECOND_MS)
    },
  })
  new Gauge({
    name: 'mailgrant_backup_interval_seconds',
    help: 'Time between two copies, as BACKUP_EVERY says.',
    registers,
  }).set(everyMs / SECOND_MS)
}
