/** Somebody else's endpoint for webhooks, on this machine. Its judge is the reference verifier. */
import { Webhook as Verifier } from 'standardwebhooks'
import { serveHttp } from '../sandbox/http-server.ts'
import { check, fail } from './steps.ts'

type Message = { headers: Record<string, string>; body: string }

export type Told = {
  type: string
  timestamp: string
  data: { subject: string; mail_accounts: string[] }
}

/** A message is sent within the same minute, as a rule within the same second. */
const PATIENCE = 20_000

export type Receiver = Awaited<ReturnType<typeof startReceiver>>

export async function startReceiver() {
  const received: Message[] = []
  let wake = () => {}
  const server = await serveHttp(async (request) => {
    received.push({ headers: Object.fromEntries(request.headers), body: await request.text() })
    wake()
    return new Response(null, { status: 204 })
  })

  /** Nothing until one more has come or the time is up. */
  const another = (deadline: number) =>
    new Promise<void>((resolve) => {
      wake = resolve
      setTimeout(resolve, Math.max(0, deadline - Date.now())).unref()
    })

  return {
    url: `${server.url}/hooks/mailgrant`,
    stop: server.stop,

    /** How many messages of this type have come. */
    count: (type: string) =>
      received.filter(({ body }) => (JSON.parse(body) as Told).type === type).length,

    /** The first message of this type, once it has come and its signature has proved good. */
    async next(type: string, secret: string): Promise<Told & { id: string }> {
      const deadline = Date.now() + PATIENCE
      for (;;) {
        const message = received.find(({ body }) => (JSON.parse(body) as Told).type === type)
        if (message) return verified(message, secret)
        if (Date.now() >= deadline) fail(`no ${type} came within ${PATIENCE / 1000} s`)
        await another(deadline)
      }
    },
  }
}

function verified({ headers, body }: Message, secret: string): Told & { id: string } {
  const verifier = new Verifier(secret)
  const accepts = (text: string) => {
    try {
      verifier.verify(text, headers)
      return true
    } catch {
      return false
    }
  }
  check(accepts(body), 'the reference verifier refuses the signature')
  check(!accepts(`${body} `), 'the signature holds for another body too')
  return { ...(JSON.parse(body) as Told), id: headers['webhook-id'] ?? '' }
}
