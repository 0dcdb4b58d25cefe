/** Endpoint of a webhook. */
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Message = { headers: IncomingHttpHeaders; body: string }
export type Receiver = Awaited<ReturnType<typeof startReceiver>>

/** Starts a webhook receiver that answers with `status` and records the messages. */
export async function startReceiver() {
  const messages: Message[] = []
  const answer = { status: 204 }
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += chunk
    messages.push({ headers: request.headers, body })
    response.writeHead(answer.status).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hooks/mailgrant`,
    messages,
    answer,
    last: () => messages.at(-1) as Message,
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}
