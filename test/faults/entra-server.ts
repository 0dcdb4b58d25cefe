/** The simulated Entra over HTTP, with a network that takes its time, and a record of what it issued. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createEntra, type Entra, type EntraOptions } from '../sandbox/entra/entra.ts'
import { serveHttp } from '../sandbox/http-server.ts'

/** Starts a server that takes the place of Entra's and passes requests on to it. */
export type StartFront = (
  entra: (request: Request) => Promise<Response>,
) => Promise<{ url: string; stop: () => Promise<void> }>

/** Tokens of one response. */
export type IssuedPair = { access: string; refresh: string }

export type EntraServer = {
  entra: Entra
  /** URL for the product: that of the front, if there is one. */
  url: string
  /** `delayMs`: how long Entra takes from now on. */
  network: { delayMs: number; requests: number }
  /** Tokens that it has issued, oldest first. */
  issued: IssuedPair[]
  stop: () => Promise<void>
}

export async function startEntraServer(
  options: EntraOptions,
  startFront?: StartFront,
): Promise<EntraServer> {
  const entra = createEntra(options)
  const network = { delayMs: 0, requests: 0 }
  const issued: IssuedPair[] = []
  const server = await serveHttp(async (request) => {
    network.requests += 1
    // Half of the time on the way there, half on the way back.
    await sleep(network.delayMs / 2)
    const response = await entra.fetch(request)
    const text = await response.text()
    if (response.ok && new URL(request.url).pathname.endsWith('/token')) {
      const { access_token, refresh_token } = JSON.parse(text) as Record<string, string>
      issued.push({ access: access_token ?? '', refresh: refresh_token ?? '' })
    }
    await sleep(network.delayMs / 2)
    const closing = new Response(text, response)
    // An idle connection that Node closes while the product sends on it would be an outage of its own.
    closing.headers.set('connection', 'close')
    return closing
  })
  const front = await startFront?.(entra.fetch)
  return {
    entra,
    url: front?.url ?? server.url,
    network,
    issued,
    stop: async () => {
      await Promise.all([front?.stop(), server.stop()])
    },
  }
}
