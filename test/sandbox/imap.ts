/** An IMAP server that behaves like Exchange Online, with the cast's stories. */
import { imapHandlers } from './mail/imap-handlers.ts'
import type { MailServerOptions, MailWorld } from './mail/judge.ts'
import { type Connection, type LineServer, listenLines } from './mail/line-server.ts'

export type ImapContext = {
  connection: Connection
  tag: string
  command: string
  /** Arguments as received. */
  args: string
  session: ImapSession
  world: MailWorld
  /** Sends the tagged response: `reply('OK NOOP completed.')`. */
  reply: (text: string) => void
  /** Sends an untagged response: `untagged('0 EXISTS')`. */
  untagged: (text: string) => void
}

export type ImapSession = {
  user: string | null
  /** Logged in, but the mailbox could not be opened. */
  notConnected: boolean
  done: boolean
}

export type ImapHandler = (context: ImapContext) => void | Promise<void>
/** Handlers by command in capitals; `GREETING` sends the first line, `UNKNOWN` handles all other commands. */
export type ImapHandlers = { [command: string]: ImapHandler }

/** Reads a command and replaces its literals (`{n}`) with quoted strings. */
async function readCommand(connection: Connection): Promise<string | null> {
  let line = await connection.readLine()
  while (line !== null) {
    const literal = /\{(\d+)(\+?)\}$/.exec(line)
    if (!literal) return line
    if (literal[2] === '') connection.send('+ Ready for additional command text.')
    const bytes = await connection.readBytes(Number(literal[1]))
    const rest = bytes === null ? null : await connection.readLine()
    if (rest === null) return null
    line = `${line.slice(0, literal.index)}"${bytes?.replace(/["\\]/g, '\\$&')}"${rest}`
  }
  return null
}

export function startImap({
  security,
  certificate,
  port,
  ...world
}: MailServerOptions): Promise<LineServer> {
  return listenLines({
    security,
    certificate,
    port,
    async session(connection) {
      const session: ImapSession = {
        user: null,
        notConnected: false,
        done: false,
      }
      const context = (tag: string, command: string, args: string): ImapContext => ({
        connection,
        tag,
        command,
        args,
        session,
        world,
        reply: (text) => connection.send(`${tag} ${text}`),
        untagged: (text) => connection.send(`* ${text}`),
      })
      await imapHandlers.GREETING?.(context('*', 'GREETING', ''))
      while (!session.done) {
        const line = await readCommand(connection)
        if (line === null) return
        const [tag = '*', name = '', ...rest] = line.split(' ')
        const command = name.toUpperCase()
        const handler = imapHandlers[command] ?? imapHandlers.UNKNOWN
        await handler?.(context(tag, command, rest.join(' ')))
      }
    },
  })
}
