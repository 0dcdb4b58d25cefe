/** The SMTP replies of Exchange Online when the server itself works. */
import type { SmtpContext, SmtpHandlers, SmtpMessage } from '../smtp.ts'
import {
  judgePassword,
  judgeSmtp,
  readPlain,
  readXoauth2,
  type SmtpVerdict,
  sendersOf,
} from './judge.ts'

const host = 'SANDBOX0001.outlook.test'

/** Bytes of the largest message. */
const MAX_SIZE = 157_286_400

/** Returns server, time and request ID in brackets, as newer Exchange errors end. */
const supportDetails = ({ world }: SmtpContext): string => {
  const id = crypto.randomUUID().replaceAll('-', '').slice(0, 16).toUpperCase()
  return `[${host} ${new Date(world.now()).toISOString()} ${id}]`
}

const refusals: Record<Exclude<SmtpVerdict, 'ok'>, string> = {
  refused: '5.7.3 Authentication unsuccessful',
  disabled_for_tenant:
    '5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. Visit https://aka.ms/smtp_auth_disabled for more information.',
  disabled_for_mailbox:
    '5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Mailbox. Visit https://aka.ms/smtp_auth_disabled for more information.',
  basic_disabled: '5.7.139 Authentication unsuccessful, basic authentication is disabled.',
}

const decode = (base64: string) => Buffer.from(base64, 'base64').toString('utf8')
const encode = (text: string) => Buffer.from(text, 'utf8').toString('base64')

/** Sends a SASL challenge and reads the response; null if the client cancels or disconnects. */
async function challenge({ connection, reply }: SmtpContext, text: string): Promise<string | null> {
  reply(334, text)
  const line = await connection.readLine()
  return line === '*' ? null : line
}

/** Fails a login if the sandbox has a fault for its user name. Returns false if it has none. */
function failOnPurpose({ connection, session, world }: SmtpContext, user: string): boolean {
  const fault = world.exchange.mailFault(user)
  if (fault === null) return false
  const refusal = '535 5.7.3 Authentication unsuccessful\r\n'
  const closing = '421 4.3.2 Service not available, closing transmission channel\r\n'
  const throttling = '432 4.3.2 Concurrent connections limit exceeded\r\n'
  session.done = fault !== 'throttled'
  if (fault === 'dropped') connection.destroy()
  else if (fault === 'throttled') connection.sendRaw(throttling)
  else connection.sendRaw(fault === 'closing' ? closing : refusal + closing)
  return true
}

type Attempt = { user: string; verdict: SmtpVerdict } | 'answered' | null

async function readAttempt(
  context: SmtpContext,
  mechanism: string,
  initial: string | undefined,
): Promise<Attempt> {
  const { world } = context
  if (mechanism === 'XOAUTH2') {
    const response = initial ?? (await challenge(context, ''))
    const blob = response === null ? null : readXoauth2(response)
    if (blob && failOnPurpose(context, blob.user)) return 'answered'
    return blob && { user: blob.user, verdict: judgeSmtp(world, blob.user, blob.token) }
  }
  if (mechanism === 'PLAIN') {
    const response = initial ?? (await challenge(context, ''))
    const plain = response === null ? null : readPlain(response)
    return plain && { user: plain.user, verdict: judgePassword(world, plain.user, plain.password) }
  }
  const user = initial ?? (await challenge(context, encode('Username:')))
  const password = user === null ? null : await challenge(context, encode('Password:'))
  if (user === null || password === null) return null
  return { user: decode(user), verdict: judgePassword(world, decode(user), decode(password)) }
}

async function authenticate(context: SmtpContext): Promise<void> {
  const { connection, session, args, reply } = context
  const [name = '', initial] = args.split(' ')
  const mechanism = name.toUpperCase()
  if (!connection.secure || !['LOGIN', 'PLAIN', 'XOAUTH2'].includes(mechanism)) {
    return reply(504, '5.7.4 Unrecognized authentication type')
  }
  if (session.user !== null) return reply(503, '5.5.2 Send hello first')
  const result = await readAttempt(context, mechanism, initial)
  if (result === 'answered') return
  if (result?.verdict === 'ok') {
    session.user = result.user
    return reply(235, '2.7.0 Authentication successful')
  }
  reply(535, `${refusals[result?.verdict ?? 'refused']} ${supportDetails(context)}`)
}

/** Reads lines up to the lone dot and removes dot-stuffing (RFC 5321 section 4.5.2). */
async function readMessage({ connection }: SmtpContext): Promise<string | null> {
  const lines: string[] = []
  for (;;) {
    const line = await connection.readLine()
    if (line === null) return null
    if (line === '.') return lines.join('\r\n')
    lines.push(line.startsWith('.') ? line.slice(1) : line)
  }
}

/** Returns the address between angle brackets, which may be in UTF-8 (RFC 6531). */
const addressIn = (args: string) =>
  Buffer.from(/<([^>]*)>/.exec(args)?.[1] ?? '', 'latin1').toString('utf8')

/** Returns the handlers, which record accepted messages. */
export function smtpHandlers(messages: SmtpMessage[]): SmtpHandlers {
  return {
    GREETING({ reply, world }) {
      const date = new Date(world.now()).toUTCString().replace('GMT', '+0000')
      reply(220, `${host} Microsoft ESMTP MAIL Service ready at ${date}`)
    },
    EHLO: ({ connection, reply }) =>
      reply(
        250,
        `${host} Hello [127.0.0.1]`,
        `SIZE ${MAX_SIZE}`,
        'PIPELINING',
        'DSN',
        'ENHANCEDSTATUSCODES',
        connection.secure ? 'AUTH LOGIN XOAUTH2' : 'STARTTLS',
        '8BITMIME',
        'SMTPUTF8',
      ),
    HELO: ({ reply }) => reply(250, `${host} Hello [127.0.0.1]`),
    async STARTTLS({ connection, reply }) {
      if (connection.secure) return reply(503, '5.5.2 Only one STARTTLS command can be issued')
      reply(220, '2.0.0 SMTP server ready')
      await connection.startTls()
    },
    AUTH: authenticate,
    MAIL({ session, args, reply }) {
      if (session.user === null) {
        return reply(530, '5.7.57 Client not authenticated to send mail.')
      }
      if (Number(/ SIZE=(\d+)/i.exec(args)?.[1] ?? 0) > MAX_SIZE) {
        return reply(552, '5.3.4 Message size exceeds fixed maximum message size')
      }
      session.from = addressIn(args)
      reply(250, '2.1.0 Sender OK')
    },
    RCPT({ session, args, reply }) {
      if (session.from === null) return reply(503, '5.5.1 Bad sequence of commands')
      session.to.push(addressIn(args))
      reply(250, '2.1.5 Recipient OK')
    },
    async DATA(context) {
      const { session, reply, world } = context
      const { user, from, to } = session
      if (user === null || from === null || to.length === 0) {
        return reply(503, '5.5.1 Bad sequence of commands')
      }
      reply(354, 'Start mail input; end with <CRLF>.<CRLF>')
      const text = await readMessage(context)
      session.from = null
      session.to = []
      if (text === null) return
      const allowed = sendersOf(world, user).some(
        (address) => address.toLowerCase() === from.toLowerCase(),
      )
      if (!allowed) {
        return reply(550, '5.7.60 SMTP; Client does not have permissions to send as this sender')
      }
      messages.push({ from, to, text })
      for (const address of new Set(to)) world.exchange.deliver(address)
      reply(250, `2.0.0 OK <${crypto.randomUUID()}@${host}> [Hostname=${host}]`)
    },
    RSET({ session, reply }) {
      session.from = null
      session.to = []
      reply(250, '2.0.0 Resetting')
    },
    NOOP: ({ reply }) => reply(250, '2.0.0 OK'),
    QUIT({ session, reply }) {
      reply(221, '2.0.0 Service closing transmission channel')
      session.done = true
    },
    UNKNOWN: ({ reply }) => reply(500, '5.3.3 Unrecognized command'),
  }
}
