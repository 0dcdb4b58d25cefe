/**
 * A `fetch` over node:http for the scripted browser. The global `fetch` sets `sec-fetch-mode: cors`
 * on every request, but a navigation must send `navigate`.
 */
import { request } from 'node:http'

export const plainHttp = (url: string, init: RequestInit): Promise<Response> =>
  new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method: init.method ?? 'GET', headers: init.headers as Record<string, string> },
      (incoming) => {
        const headers = new Headers()
        for (let index = 0; index < incoming.rawHeaders.length; index += 2) {
          headers.append(incoming.rawHeaders[index] ?? '', incoming.rawHeaders[index + 1] ?? '')
        }
        const chunks: Buffer[] = []
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const status = incoming.statusCode ?? 0
          const empty = status === 204 || status === 304
          resolve(new Response(empty ? null : Buffer.concat(chunks), { status, headers }))
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(typeof init.body === 'string' ? init.body : undefined)
  })
