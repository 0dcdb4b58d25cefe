/** An IMAP login as a mail worker does it, with the token exactly as the API returned it. */
import { connect } from 'node:tls'
import { check } from './steps.ts'

/** Logs in with nothing but the response of the access-token endpoint. Implicit TLS only. */
export async function logInOverImap(token: Record<string, unknown>, ca: string): Promise<string> {
  await openInbox(token, ca)
  return 'AUTHENTICATE OK, INBOX opened'
}

/** Logs in in the same way, and returns the number of messages in the inbox. */
export async function countInbox(token: Record<string, unknown>, ca: string): Promise<number> {
  return Number(/^\* (\d+) EXISTS/m.exec(await openInbox(token, ca))?.[1])
}

/** Returns all that the server sent until the inbox was open. */
async function openInbox(token: Record<string, unknown>, ca: string): Promise<string> {
  const { host, port, security, xoauth2 } = token as Record<string, string>
  check(security === 'tls', `this login supports implicit TLS only, the account uses ${security}`)
  const socket = connect({ host: String(host), port: Number(port), servername: String(host), ca })
  socket.setEncoding('utf8')
  socket.setTimeout(10_000, () => socket.destroy(new Error('the server stopped responding')))
  socket.once('secureConnect', () => socket.write(`a1 AUTHENTICATE XOAUTH2 ${xoauth2}\r\n`))
  let received = ''
  try {
    for await (const chunk of socket) {
      received += chunk
      const refusal = /^a[12] (?:NO|BAD).*$/m.exec(received)?.[0]
      check(refusal === undefined, `the server replied "${refusal}"`)
      if (/^a2 OK/m.test(received)) return received
      if (/^a1 OK/m.test(received) && !received.includes('a2')) socket.write('a2 EXAMINE INBOX\r\n')
    }
    return check(false, 'the server closed the connection') ?? ''
  } finally {
    socket.destroy()
  }
}
