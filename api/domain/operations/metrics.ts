/** The figures that `/metrics` exposes to Prometheus. */
import { StorageError } from '../../model/storage.ts'
import type { Services } from '../../services.ts'
import { IDLE_MS } from './maintenance/refresh-tokens.ts'
import { readSharedReadiness } from './readiness.ts'
import { renderMetrics } from './render-metrics.ts'

/** Returns the metrics in Prometheus's text format. Throws StorageError if the database's size cannot be read. */
export async function readMetrics(services: Services): Promise<string> {
  const at = services.now()
  const [figures, { checks }, database] = await Promise.all([
    services.store.metrics.read(at, IDLE_MS),
    readSharedReadiness(services),
    services.databaseHealth.measure().catch((cause) => {
      throw new StorageError('The size of the database cannot be read', { cause })
    }),
  ])
  return renderMetrics({ ...figures, at, checks, database }) + (await services.processMetrics())
}
