/** Ways in which Entra, or what lies between, can fail to answer a request. */
import { CANARY, type Respond } from './entra-world.ts'

/**
 * - `passes`: an outage, or an answer that says nothing about the grant.
 * - `blocks`: somebody other than the user must act.
 * - `ends`: Entra says that the grant is dead.
 */
export type Meaning = 'passes' | 'blocks' | 'ends'

export type EntraFault = { name: string; meaning: Meaning; respond: Respond }

const json = (body: unknown, status = 200, headers: Record<string, string> = {}): Response =>
  new Response(typeof body === 'string' ? body : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  })

const html = (status: number) =>
  new Response(`<!DOCTYPE html><title>${CANARY}</title><h1>Proxy error</h1>`, {
    status,
    headers: { 'content-type': 'text/html' },
  })

const passes = (name: string, respond: Respond): EntraFault => ({
  name,
  meaning: 'passes',
  respond,
})

const broken = () => new TypeError(`fetch failed: ${CANARY}`)

/** A body that breaks off after these bytes. */
const brokenBody = (text: string) =>
  new ReadableStream<Uint8Array>({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode(text))
      controller.error(broken())
    },
  })

const STATUSES = [400, 401, 403, 404, 405, 408, 409, 410, 413, 418, 421, 425, 431, 451, 499]
const OUTAGES = [500, 501, 502, 503, 504, 505, 507, 508, 511, 520, 522, 524, 529, 599]

export const transportFaults: readonly EntraFault[] = [
  ...STATUSES.map((status) =>
    passes(`status ${status} with an HTML page`, async () => html(status)),
  ),
  ...OUTAGES.map((status) =>
    passes(`status ${status}`, async () => json({ message: CANARY }, status)),
  ),
  passes('connection reset before the request', async () => {
    throw broken()
  }),
  passes('connection reset after the request was processed', async (real) => {
    await real()
    throw broken()
  }),
  passes('body breaks off', async (real) => {
    const text = await (await real()).text()
    return new Response(brokenBody(text.slice(0, text.length / 2)), {
      headers: { 'content-type': 'application/json' },
    })
  }),
]
