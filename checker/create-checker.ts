/**
 * Everything that a login requires. The service (main.ts) offers it over HTTP, sealed; an API in the same
 * process calls it directly (in-process.ts).
 */
import type { ProbeRequest } from '../schema/probe.ts'
import type { ExtraServer } from '../schema/settings.ts'
import type { Log } from './log.ts'
import { createProbe, type Probe } from './probe.ts'
import { createQueue, QUEUE_LIMITS, type Queue } from './queue.ts'
import { createTlsContext } from './secure.ts'

export type CheckerSettings = {
  probesAtOnce?: number | undefined
  /** Probes of one mail host that run at once. */
  probesPerHost?: number | undefined
  extraServers: readonly ExtraServer[]
  allowPrivateHosts: boolean
}

export type Checker = { queue: Queue; probe: Probe }

export function createChecker(settings: CheckerSettings): Checker {
  const { probesAtOnce, probesPerHost, extraServers, allowPrivateHosts } = settings
  return {
    queue: createQueue({
      ...QUEUE_LIMITS,
      running: probesAtOnce ?? QUEUE_LIMITS.running,
      perHost: probesPerHost ?? QUEUE_LIMITS.perHost,
    }),
    probe: createProbe({
      rules: { extraServers, allowPrivateHosts },
      tlsContext: createTlsContext(),
    }),
  }
}

/** A request with its id in the logs, and the caller whose places in the queue it takes. */
type Message = { jti: string; caller: string; request: ProbeRequest }

/** Returns the function that runs a probe when there is a place for it, and logs its result. */
export function createCheck({ queue, probe, log }: Checker & { log: Log }) {
  return async ({ jti, caller, request }: Message, signal: AbortSignal) => {
    const share = { host: request.host, caller }
    const result = await queue.run(() => probe(request, signal), signal, share)
    if (result.ok) log({ name: 'probed', jti, request, report: result.value })
    else log({ name: 'refused', status: 503, reason: result.reason, jti })
    return result
  }
}
