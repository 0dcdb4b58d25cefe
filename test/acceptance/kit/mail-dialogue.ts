/** Dialogues with a mail server, line by line: what it offers, and how it replies to a token. */
import { connect as connectTcp, type Socket } from 'node:net'
import { createInterface, type Interface } from 'node:readline'
import { connect as connectTls } from 'node:tls'
import { xoauth2 } from '../../../checker/sasl.ts'
import type { MailServer } from '../../../schema/mail-servers.ts'
import type { Recorder } from './recorder.ts'

export type Dial = {
  /** PEM of an authority to trust; by default Node's. */
  ca?: string
  /** Passes each line on as the server sent it. Tests replace it. */
  receive?: (protocol: string, line: string) => string
}

const TIMEOUT_MS = 20_000

type Login = { user: string; token: string }

type Lines = { next: () => Promise<string>; socket: Socket; close: () => void }

function linesOf(socket: Socket): Lines {
  socket.setTimeout(TIMEOUT_MS, () => socket.destroy(new Error('the server stopped responding')))
  const reader: Interface = createInterface({ input: socket, crlfDelay: Number.POSITIVE_INFINITY })
  const iterator = reader[Symbol.asyncIterator]()
  return {
    socket,
    close: () => reader.close(),
    async next() {
      const { value, done } = await iterator.next()
      if (done) throw new Error('the server closed the connection')
      return String(value)
    },
  }
}

async function secured(host: string, options: { port: number } | { socket: Socket }, dial: Dial) {
  const socket = connectTls({ ...options, host, servername: host, ...(dial.ca && { ca: dial.ca }) })
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve).once('error', reject)
  })
  return socket
}

/** The kit's own view of a server: what it says, for the recorder and for the steps. */
type Session = {
  /** Sends a line. `shown`: what the transcript has in its place. */
  send: (line: string, shown?: string) => void
  /** Reads lines until one fits, and returns all of them. */
  until: (pattern: RegExp) => Promise<string[]>
}

function session(lines: Lines, protocol: string, recorder: Recorder, dial: Dial): Session {
  return {
    send(line, shown = line) {
      recorder.line(protocol, 'client', shown)
      lines.socket.write(`${line}\r\n`)
    },
    async until(pattern) {
      const read: string[] = []
      for (;;) {
        const sent = await lines.next()
        const line = dial.receive?.(protocol, sent) ?? sent
        recorder.line(protocol, 'server', line)
        read.push(line)
        if (pattern.test(line)) return read
        if (read.length > 100) throw new Error('the server sent too many lines')
      }
    },
  }
}

export type ImapView = {
  greeting: string
  capabilities: string[]
  /** The final line to AUTHENTICATE, without its tag. */
  authenticate: string
  /** The final line to EXAMINE INBOX, without its tag; null if the login was refused. */
  examine: string | null
}

/** Logs in over IMAP and opens INBOX read-only. */
export async function viewImap(
  { host, port }: MailServer,
  { user, token }: Login,
  recorder: Recorder,
  dial: Dial,
): Promise<ImapView> {
  const lines = linesOf(await secured(host, { port }, dial))
  const { send, until } = session(lines, 'imap', recorder, dial)
  try {
    const [greeting = ''] = await until(/^\* /)
    send('a1 CAPABILITY')
    const list = await until(/^a1 /)
    const capabilities = list
      .filter((line) => line.startsWith('* CAPABILITY'))
      .flatMap((line) => line.split(' ').slice(2))
    send(`a2 AUTHENTICATE XOAUTH2 ${xoauth2(user, token)}`, 'a2 AUTHENTICATE XOAUTH2 {response}')
    const authenticate = (await until(/^(?:a2 |\+)/)).at(-1) ?? ''
    if (!/^a2 OK/.test(authenticate)) {
      return {
        greeting,
        capabilities,
        authenticate: authenticate.replace(/^a2 /, ''),
        examine: null,
      }
    }
    send('a3 EXAMINE INBOX')
    const examine = (await until(/^a3 /)).at(-1) ?? ''
    return { greeting, capabilities, authenticate: 'OK', examine: examine.replace(/^a3 /, '') }
  } finally {
    lines.close()
    lines.socket.destroy()
  }
}

export type SmtpView = {
  greeting: string
  /** Extensions before STARTTLS, and after it. */
  before: string[]
  after: string[]
  /** The reply to AUTH XOAUTH2 without a response, and the final one; null without a login. */
  challenge: string | null
  authenticate: string | null
}

const extensions = (reply: readonly string[]) => reply.map((line) => line.slice(4))

/** Connects to SMTP with STARTTLS, and logs in unless `login` is null. */
export async function viewSmtp(
  { host, port }: MailServer,
  login: Login | null,
  recorder: Recorder,
  dial: Dial,
): Promise<SmtpView> {
  const plain = linesOf(connectTcp({ host, port }))
  const before = session(plain, 'smtp', recorder, dial)
  const [greeting = ''] = await before.until(/^\d{3} /)
  before.send('EHLO localhost')
  const offered = extensions(await before.until(/^\d{3} /))
  before.send('STARTTLS')
  await before.until(/^220 /)
  plain.close()
  plain.socket.removeAllListeners('data')
  const lines = linesOf(await secured(host, { socket: plain.socket }, dial))
  const { send, until } = session(lines, 'smtp', recorder, dial)
  try {
    send('EHLO localhost')
    const after = extensions(await until(/^\d{3} /))
    const view = { greeting, before: offered, after, challenge: null, authenticate: null }
    if (login === null) return view
    send('AUTH XOAUTH2')
    const challenge = (await until(/^\d{3}/)).at(-1) ?? ''
    if (!challenge.startsWith('334')) return { ...view, challenge }
    send(xoauth2(login.user, login.token), '{response}')
    const authenticate = (await until(/^\d{3} /)).at(-1) ?? ''
    return { ...view, challenge, authenticate }
  } finally {
    send('QUIT')
    lines.close()
    lines.socket.destroy()
  }
}
