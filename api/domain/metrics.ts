/** The figures of a deployment, for its monitoring. */
import type { Services } from '../services.ts'
import { renderMetrics } from './render-metrics.ts'

export async function readMetrics({ store, now }: Services): Promise<string> {
  const at = now()
  return renderMetrics(await store.metrics.read(at))
}
