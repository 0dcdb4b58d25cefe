/** Uses an issued token as a mail program would: to read and to send. */
import { connect } from 'node:tls'
import { createTransport } from 'nodemailer'
import type { AccessToken } from '../../schema/mail-account.ts'
import type { Server } from './mail-world.ts'
import type { Account } from './people.ts'
import { customAuth, TWO_LINE_METHOD } from './two-line-login.ts'

/** Logs in over IMAP with the given `xoauth2` string. Returns the server's tagged responses. */
export function openInbox(token: AccessToken, ca: string): Promise<string[]> {
  if (token.mechanism !== 'XOAUTH2') throw new Error('The token is not for a mail server')
  const commands = [`AUTHENTICATE XOAUTH2 ${token.xoauth2}`, 'SELECT INBOX', 'LOGOUT']
  return new Promise((resolve, reject) => {
    const socket = connect({ host: token.host, port: token.port, ca, servername: token.host })
    const responses: string[] = []
    let rest = ''
    const next = () => socket.write(`a${responses.length} ${commands[responses.length]}\r\n`)
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line.startsWith(`a${responses.length} `)) responses.push(line.split(' ', 2)[1] ?? '')
        else if (!/^\* OK .*ready/.test(line)) continue
        if (responses.length < commands.length) next()
      }
    })
    socket.once('error', reject)
    socket.once('close', () => resolve(responses))
  })
}

/** Sends one message over SMTP with STARTTLS. Returns the accepted recipients. */
export async function sendMail(token: AccessToken, to: string, ca: string): Promise<string[]> {
  const transport = createTransport({
    host: token.host,
    port: token.port,
    secure: false,
    requireTLS: true,
    tls: { ca },
    customAuth,
    auth: { method: TWO_LINE_METHOD, user: token.username, pass: token.access_token },
  })
  try {
    const sent = await transport.sendMail({ from: token.from, to, subject: 'It works', text: '.' })
    return sent.accepted.map(String)
  } finally {
    transport.close()
  }
}

/**
 * Logs in with nodemailer's own XOAUTH2, which sends the token in the AUTH command. Returns the server's
 * refusal, or null if it accepted the login.
 */
export async function refusalOfOneLine(
  { host, port }: Server,
  { username }: Account,
  accessToken: string,
  ca: string,
): Promise<string | null> {
  const transport = createTransport({
    host,
    port,
    secure: false,
    requireTLS: true,
    tls: { ca },
    auth: { type: 'OAuth2', user: username, accessToken },
  })
  try {
    await transport.verify()
    return null
  } catch (error) {
    return (error as { response?: string }).response ?? String(error)
  } finally {
    transport.close()
  }
}
