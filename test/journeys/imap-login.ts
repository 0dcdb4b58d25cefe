/** A login by a mail worker's own hand: what was handed out, sent as it is to the server. */
import { connect } from 'node:tls'
import { check } from './steps.ts'

/** Speaks IMAP over TLS with nothing but the answer of the hand-out. Implicit TLS only. */
export async function logInOverImap(token: Record<string, unknown>, ca: string): Promise<string> {
  const { host, port, security, xoauth2 } = token as Record<string, string>
  check(security === 'tls', `this login speaks implicit TLS, the account ${security}`)
  const socket = connect({ host: String(host), port: Number(port), servername: String(host), ca })
  socket.setEncoding('utf8')
  socket.setTimeout(10_000, () => socket.destroy(new Error('the server fell silent')))
  socket.once('secureConnect', () => socket.write(`a1 AUTHENTICATE XOAUTH2 ${xoauth2}\r\n`))
  let heard = ''
  try {
    for await (const chunk of socket) {
      heard += chunk
      const refusal = /^a[12] (?:NO|BAD).*$/m.exec(heard)?.[0]
      check(refusal === undefined, `the server says "${refusal}"`)
      if (/^a2 OK/m.test(heard)) return 'AUTHENTICATE OK, INBOX opened'
      if (/^a1 OK/m.test(heard) && !heard.includes('a2')) socket.write('a2 EXAMINE INBOX\r\n')
    }
    return check(false, 'the server closed the connection') ?? ''
  } finally {
    socket.destroy()
  }
}
