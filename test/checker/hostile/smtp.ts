/** A well-behaved SMTP submission server; a test can replace each of its replies. */
import type { Peer, Script } from './server.ts'

export type Respond = (peer: Peer, line: string) => void | Promise<void>

export type SmtpReplies = Record<
  'greeting' | 'EHLO' | 'STARTTLS' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | 'QUIT',
  Respond
>

export const reply =
  (...lines: string[]): Respond =>
  (peer) =>
    peer.send(`${lines.join('\r\n')}\r\n`)

export const offers = (...extensions: string[]): Respond =>
  reply(
    '250-mail.test hello',
    ...extensions.map((name, at) => `250${at === extensions.length - 1 ? ' ' : '-'}${name}`),
  )

/** Reads the response of a login: in the command, or on its own line after 334. */
export async function readResponse(peer: Peer, line: string): Promise<string | null> {
  const inCommand = line.split(' ')[2]
  if (inCommand !== undefined) return inCommand
  peer.send('334 \r\n')
  return peer.line()
}

/** Reads a message up to the lone dot. */
export async function readMessage(peer: Peer): Promise<void> {
  for (let line = await peer.line(); line !== null && line !== '.'; line = await peer.line());
}

/** Asks for the message and replies to it. */
export const takes =
  (...lines: string[]): Respond =>
  async (peer, line) => {
    peer.send('354 go ahead\r\n')
    await readMessage(peer)
    await reply(...lines)(peer, line)
  }

/** Longest command, without its CRLF (RFC 5321, section 4.5.3.1.4). */
const MAX_COMMAND = 510

const honest: SmtpReplies = {
  greeting: reply('220 mail.test ESMTP ready'),
  EHLO: offers('SIZE 1000', 'STARTTLS', 'AUTH LOGIN XOAUTH2', 'ENHANCEDSTATUSCODES'),
  async STARTTLS(peer) {
    peer.send('220 2.0.0 begin\r\n')
    await peer.startTls()
  },
  async AUTH(peer, line) {
    if (/ LOGIN$/.test(line)) {
      peer.send('334 VXNlcm5hbWU6\r\n')
      await peer.line()
      peer.send('334 UGFzc3dvcmQ6\r\n')
      await peer.line()
    } else await readResponse(peer, line)
    peer.send('235 2.7.0 Authentication successful\r\n')
  },
  MAIL: reply('250 2.1.0 Sender OK'),
  RCPT: reply('250 2.1.5 Recipient OK'),
  DATA: takes('250 2.0.0 OK <1@mail.test>'),
  QUIT: (peer) => peer.end('221 2.0.0 bye\r\n'),
}

export function smtp(changes: Partial<SmtpReplies> = {}): Script {
  const responses = { ...honest, ...changes }
  return async (peer) => {
    await responses.greeting(peer, '')
    for (let line = await peer.line(); line !== null; line = await peer.line()) {
      const command = line.split(' ')[0]?.toUpperCase()
      const found = Object.entries(responses).find(([name]) => name === command)
      if (line.length > MAX_COMMAND) peer.send('500 5.5.2 Line too long\r\n')
      else if (found) await found[1](peer, line)
      else peer.send('502 5.5.1 what?\r\n')
    }
  }
}
