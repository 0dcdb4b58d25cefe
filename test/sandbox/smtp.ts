/** An SMTP submission server that behaves like Exchange Online, with the cast's stories. */
import type { MailServerOptions, MailWorld } from './mail/judge.ts'
import { type Connection, type LineServer, listenLines } from './mail/line-server.ts'
import { smtpHandlers } from './mail/smtp-handlers.ts'

export type SmtpContext = {
  connection: Connection
  command: string
  /** Arguments as received. */
  args: string
  session: SmtpSession
  world: MailWorld
  /** Sends one reply; several lines become `250-a`, `250-b`, `250 c`. */
  reply: (code: number, ...lines: string[]) => void
}

export type SmtpSession = {
  user: string | null
  from: string | null
  to: string[]
  done: boolean
}

export type SmtpHandler = (context: SmtpContext) => void | Promise<void>
/** Handlers by command in capitals; `GREETING` sends the first line, `UNKNOWN` handles all other commands. */
export type SmtpHandlers = { [command: string]: SmtpHandler }

/** `text` has one character per octet. */
export type SmtpMessage = { from: string; to: readonly string[]; text: string }
export type SmtpServer = LineServer & {
  /** Accepted messages. */
  messages: readonly SmtpMessage[]
}

export async function startSmtp(options: MailServerOptions): Promise<SmtpServer> {
  const { security, certificate, port, ...world } = options
  const messages: SmtpMessage[] = []
  const handlers = smtpHandlers(messages)
  const server = await listenLines({
    security,
    certificate,
    port,
    async session(connection) {
      const session: SmtpSession = { user: null, from: null, to: [], done: false }
      const context = (command: string, args: string): SmtpContext => ({
        connection,
        command,
        args,
        session,
        world,
        reply(code, ...lines) {
          lines.forEach((line, index) => {
            connection.send(`${code}${index < lines.length - 1 ? '-' : ' '}${line}`)
          })
        },
      })
      await handlers.GREETING?.(context('GREETING', ''))
      while (!session.done) {
        const line = await connection.readLine()
        if (line === null) return
        const [name = '', ...rest] = line.split(' ')
        const command = name.toUpperCase()
        const handler = handlers[command] ?? handlers.UNKNOWN
        await handler?.(context(command, rest.join(' ')))
      }
    },
  })
  return { ...server, messages }
}
