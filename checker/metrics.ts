/**
 * What a Prometheus server collects, counted from the same events as the log. Labels hold our own words
 * only: no host, no mailbox, nothing that a caller could choose.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Log } from './events.ts'
import type { Queue } from './queue.ts'

export type Metrics = {
  observe: Log
  /** The text format that Prometheus reads, version 0.0.4. */
  text: () => Promise<string>
}

export function createMetrics(queue: Pick<Queue, 'running' | 'waiting'>): Metrics {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })

  const probes = new Counter({
    name: 'mailgrant_probes_total',
    help: 'Logins that were tried, by how they ended and at which step.',
    labelNames: ['protocol', 'outcome', 'step'],
    registers,
  })
  const seconds = new Histogram({
    name: 'mailgrant_probe_duration_seconds',
    help: 'How long a login took, from the name look-up to the open mailbox.',
    labelNames: ['protocol', 'outcome'],
    // One deadline of 15 s covers the whole probe.
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
    registers,
  })
  const refusals = new Counter({
    name: 'mailgrant_requests_refused_total',
    help: 'Requests that were not worked on. `busy` means: add a replica.',
    labelNames: ['reason'],
    registers,
  })
  const crashes = new Counter({
    name: 'mailgrant_crashes_total',
    help: 'Errors that nobody foresaw.',
    registers,
  })
  // A rate is seen from its first event on only where the series was there before.
  refusals.inc({ reason: 'busy' }, 0)
  // Not `mailgrant_probes`: OpenMetrics takes that for the name of the counter above.
  new Gauge({
    name: 'mailgrant_probe_queue',
    help: 'Logins at this moment, under way and waiting for their turn.',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'running' }, queue.running)
      this.set({ state: 'waiting' }, queue.waiting)
    },
  })

  return {
    observe(event) {
      if (event.name === 'probed') {
        const { request, report } = event
        const { protocol } = request
        const { outcome, failure } = report
        probes.inc({ protocol, outcome, step: failure?.step ?? 'none' })
        seconds.observe({ protocol, outcome }, report.duration_ms / 1000)
      } else if (event.name === 'refused') {
        refusals.inc({ reason: event.reason })
      } else if (event.name === 'crashed') {
        crashes.inc()
      }
    },
    text: () => registry.metrics(),
  }
}
