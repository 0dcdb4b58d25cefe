import { expect, it } from 'vitest'
import { createApp } from '../../checker/app.ts'
import { createMetrics, createRegistry } from '../../checker/metrics.ts'
import { createQueue } from '../../checker/queue.ts'
import { REPORT, REQUEST, RING, sealRequest } from './hostile/messages.ts'

it('counts probes by outcome, and names neither server nor mailbox', async () => {
  const queue = createQueue()
  const metrics = createMetrics(queue)
  const app = createApp({
    ring: RING,
    probe: async () => REPORT,
    now: () => new Date(),
    log: metrics.observe,
    queue,
    metrics: metrics.text,
  })
  const post = async (body: string) => app.request('/probe', { method: 'POST', body })
  await post(await sealRequest(REQUEST))
  await post(await sealRequest(REQUEST))
  await post('garbage')
  const response = await app.request('/metrics')
  expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/)
  const text = await response.text()
  const { protocol } = REQUEST
  const { outcome, failure } = REPORT
  const step = failure?.step ?? 'none'
  expect(text).toContain(
    `mailgrant_probes_total{protocol="${protocol}",outcome="${outcome}",step="${step}"} 2`,
  )
  expect(text).toContain(
    `mailgrant_probe_duration_seconds_count{protocol="${protocol}",outcome="${outcome}"} 2`,
  )
  expect(text).toContain('mailgrant_probes_refused_total{reason="not_opened"} 1')
  expect(text).toContain('mailgrant_probes_refused_total{reason="busy"} 0')
  expect(text).toContain('mailgrant_probe_queue{state="running"} 0')
  // OpenMetrics drops the suffix `_total` of a counter, so no other metric may have that name.
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)]
  const families = types.map(([, name = '', type]) =>
    type === 'counter' ? name.replace(/_total$/, '') : name,
  )
  expect(families.length).toBe(new Set(families).size)
  const misnamed = types.filter(
    ([, name = '', type]) => name.endsWith('_total') !== (type === 'counter'),
  )
  expect(misnamed).toEqual([])
  expect(text).toMatch(/^process_resident_memory_bytes \d+/m)
  expect(text).not.toContain(REQUEST.host)
  expect(text).not.toContain(REQUEST.identity)
})

it('observes the process from the first scrape on, since that wakes an idle one', async () => {
  const registry = createRegistry()
  expect(registry.getMetricsAsArray()).toEqual([])
  for (const _ of ['first', 'second'])
    expect(await registry.metrics()).toMatch(/^nodejs_eventloop_lag_max_seconds \d/m)
})
