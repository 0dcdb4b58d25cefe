/** A raw line-based client for tests of the mail servers. */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'

export type Dialog = {
  /** Sends a line and returns the lines of the answer. */
  send: (line: string) => Promise<string[]>
  /** Returns the lines of the next answer, such as the greeting. */
  receive: () => Promise<string[]>
  /** Switches the connection to TLS. */
  upgrade: (ca: string) => Promise<void>
  close: () => void
}

/** The last line of an answer: tagged or continuation (IMAP), or with a space after the code (SMTP). */
export const imapEnd = /^(?:\+|[a-z]\d+ |\* (?:OK The|BYE))/
export const smtpEnd = /^\d{3} /

export async function openDialog(port: number, end: RegExp, ca?: string): Promise<Dialog> {
  let socket: Socket = connect(port, '127.0.0.1')
  let text = ''
  let wake = () => {}
  const listen = (source: Socket) => {
    source.setEncoding('utf8')
    source.on('data', (chunk) => {
      text += chunk
      wake()
    })
    source.on('close', () => wake())
    source.on('error', () => wake())
  }
  const secure = (trusted: string) =>
    new Promise<void>((resolve, reject) => {
      const upgraded = connectTls({ socket, ca: trusted, servername: 'localhost' }, resolve)
      upgraded.once('error', reject)
      socket.removeAllListeners('data')
      socket = upgraded
      listen(upgraded)
    })
  const receive = async (): Promise<string[]> => {
    for (;;) {
      const lines = text.split('\r\n')
      const last = lines.findIndex((line, index) => index < lines.length - 1 && end.test(line))
      if (last >= 0) {
        text = lines.slice(last + 1).join('\r\n')
        return lines.slice(0, last + 1)
      }
      if (socket.destroyed) return lines
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  if (ca === undefined) listen(socket)
  else await secure(ca)
  return {
    receive,
    send: (line) => {
      socket.write(`${line}\r\n`)
      return receive()
    },
    upgrade: secure,
    close: () => socket.destroy(),
  }
}

/** Encodes the response of XOAUTH2, the SASL mechanism of Google and Microsoft (no RFC). */
export const xoauth2 = (user: string, token: string): string =>
  Buffer.from(`user=${user}\u0001auth=Bearer ${token}\u0001\u0001`).toString('base64')
