/** Endpoint of a webhook. */
import { serveHttp } from '../sandbox/http-server.ts'

export type Message = { headers: Record<string, string>; body: string }
export type Receiver = Awaited<ReturnType<typeof startReceiver>>

/** Starts a webhook receiver that responds with `status` and records the messages. */
export async function startReceiver() {
  const messages: Message[] = []
  const response = { status: 204 }
  const { url, stop } = await serveHttp(async (request) => {
    messages.push({ headers: Object.fromEntries(request.headers), body: await request.text() })
    return new Response(null, { status: response.status })
  })
  return {
    url: `${url}/hooks/mailgrant`,
    messages,
    response,
    last: () => messages.at(-1) as Message,
    stop,
  }
}
