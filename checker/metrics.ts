/**
 * Prometheus metrics, counted from the same events as the log. Label values come from fixed sets: no
 * host, no mailbox, nothing that a caller can choose.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Event } from './log.ts'
import type { Queue } from './queue.ts'

/**
 * A registry with the metrics of the process. It starts to observe the process when they are first read, since the
 * monitor of the event loop wakes an idle process a hundred times a second.
 */
class ProcessRegistry extends Registry {
  #isObserving = false

  override metrics(): Promise<string> {
    if (!this.#isObserving) observeProcess(this)
    this.#isObserving = true
    return super.metrics()
  }
}

export const createRegistry = (): Registry => new ProcessRegistry()

function observeProcess(registry: Registry): void {
  collectDefaultMetrics({ register: registry })
  // These metrics list every connection at each scrape, and half of their names are those of counters.
  for (const kind of ['handles', 'requests', 'resources']) {
    registry.removeSingleMetric(`nodejs_active_${kind}`)
    registry.removeSingleMetric(`nodejs_active_${kind}_total`)
  }
}

export function createMetrics(
  queue: Pick<Queue, 'running' | 'waiting'>,
  registry = createRegistry(),
) {
  const registers = [registry]

  const probes = new Counter({
    name: 'mailgrant_probes_total',
    help: 'Login probes by outcome and by the step at which they ended.',
    labelNames: ['protocol', 'outcome', 'step'],
    registers,
  })
  const seconds = new Histogram({
    name: 'mailgrant_probe_duration_seconds',
    help: 'Duration of a probe, from the DNS look-up to the open mailbox.',
    labelNames: ['protocol', 'outcome'],
    // The last bucket is the deadline of a probe.
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15],
    registers,
  })
  const refusals = new Counter({
    name: 'mailgrant_probes_refused_total',
    help: 'Requests for a probe that were refused, by reason. `busy` means that all places were taken.',
    labelNames: ['reason'],
    registers,
  })
  const crashes = new Counter({
    name: 'mailgrant_checker_crashes_total',
    help: 'Unexpected errors of the checker.',
    registers,
  })
  // Prometheus misses the first increase of a series that did not exist before, so start at 0.
  refusals.inc({ reason: 'busy' }, 0)
  // Not `mailgrant_probes`: in OpenMetrics that is the name of the counter above.
  new Gauge({
    name: 'mailgrant_probe_queue',
    help: 'Probes currently running and waiting.',
    labelNames: ['state'],
    registers,
    collect() {
      this.set({ state: 'running' }, queue.running)
      this.set({ state: 'waiting' }, queue.waiting)
    },
  })

  return {
    observe(event: Event) {
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
    /** Returns all metrics in Prometheus text format, version 0.0.4. */
    text: () => registry.metrics(),
  }
}
