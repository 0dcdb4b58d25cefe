/** Metrics of the one process that answers all requests. At the edge, each isolate would have counters of its own. */
import { Histogram, type Registry } from 'prom-client'

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
