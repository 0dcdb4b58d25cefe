/** A local webhook endpoint that checks signatures with the reference verifier. */
import { Webhook as Verifier } from 'standardwebhooks'
import { serveHttp } from '../sandbox/http-server.ts'
import { check, fail } from './steps.ts'

type RawMessage = { headers: Record<string, string>; body: string }

export type WebhookMessage = {
  type: string
  timestamp: string
  data: { subject: string; mail_accounts: string[] }
}

/** Longest wait for a message, which usually arrives within a second. */
const TIMEOUT_MS = 20_000

export type Receiver = Awaited<ReturnType<typeof startReceiver>>

export async function startReceiver() {
  const received: RawMessage[] = []
  let wake = () => {}
  const server = await serveHttp(async (request) => {
    received.push({ headers: Object.fromEntries(request.headers), body: await request.text() })
    wake()
    return new Response(null, { status: 204 })
  })

  /** Waits for another message or the deadline. */
  const nextMessage = (deadline: number) =>
    new Promise<void>((resolve) => {
      wake = resolve
      setTimeout(resolve, Math.max(0, deadline - Date.now())).unref()
    })

  return {
    url: `${server.url}/hooks/mailgrant`,
    stop: server.stop,

    /** Counts the received messages of this type. */
    count: (type: string) =>
      received.filter(({ body }) => (JSON.parse(body) as WebhookMessage).type === type).length,

    /** Returns the first message of this type after checking its signature; waits for it if necessary. */
    async next(type: string, secret: string): Promise<WebhookMessage & { id: string }> {
      const deadline = Date.now() + TIMEOUT_MS
      for (;;) {
        const message = received.find(
          ({ body }) => (JSON.parse(body) as WebhookMessage).type === type,
        )
        if (message) return verified(message, secret)
        if (Date.now() >= deadline) fail(`no ${type} arrived within ${TIMEOUT_MS / 1000} s`)
        await nextMessage(deadline)
      }
    },
  }
}

function verified({ headers, body }: RawMessage, secret: string): WebhookMessage & { id: string } {
  const verifier = new Verifier(secret)
  const accepts = (text: string) => {
    try {
      verifier.verify(text, headers)
      return true
    } catch {
      return false
    }
  }
  check(accepts(body), 'the reference verifier rejects the signature')
  check(!accepts(`${body} `), 'the signature is also valid for another body')
  return { ...(JSON.parse(body) as WebhookMessage), id: headers['webhook-id'] ?? '' }
}
