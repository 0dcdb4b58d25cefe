/** The IMAP responses of Exchange Online when the server itself works. */
import type { ImapContext, ImapHandler, ImapHandlers } from '../imap.ts'
import { judgeImap, judgePassword, readPlain, readXoauth2 } from './judge.ts'

const withoutTls = 'IMAP4 IMAP4rev1 LOGINDISABLED STARTTLS UIDPLUS CHILDREN IDLE NAMESPACE LITERAL+'
const beforeLogin =
  'IMAP4 IMAP4rev1 AUTH=PLAIN AUTH=XOAUTH2 SASL-IR UIDPLUS MOVE ID UNSELECT CHILDREN IDLE NAMESPACE LITERAL+'
const afterLogin = `${beforeLogin} CLIENTACCESSRULES CLIENTNETWORKPRESENCELOCATION BACKENDAUTHENTICATE`

/** Server name as Exchange prints it: base64 of UTF-16LE. */
const serverName = Buffer.from('SANDBOX0001.test', 'utf16le').toString('base64')

const unquote = (text: string) => text.replace(/^"(.*)"$/s, '$1').replace(/\\(["\\])/g, '$1')

/** Returns the initial response: from the same line (SASL-IR) or after a `+`. */
async function initialResponse({ connection, args }: ImapContext): Promise<string | null> {
  const inline = args.split(' ')[1]
  if (inline !== undefined) return inline === '=' ? '' : inline
  connection.send('+ ')
  return connection.readLine()
}

/** Reports the number of messages in the inbox, the only folder. */
const openInbox: ImapHandler = ({ world, session, command, untagged, reply }) => {
  untagged(`${world.exchange.messagesIn(session.user ?? '')} EXISTS`)
  untagged('0 RECENT')
  reply(`OK [READ-ONLY] ${command} completed.`)
}

const listInbox: ImapHandler = ({ command, untagged, reply }) => {
  untagged(`${command} (\\HasNoChildren) "/" INBOX`)
  reply(`OK ${command} completed.`)
}

/** Handlers of the commands with which a client opens its inbox. Messages cannot be read. */
const mailboxHandlers: ImapHandlers = {
  NAMESPACE({ untagged, reply }) {
    untagged('NAMESPACE (("" "/")) NIL NIL')
    reply('OK NAMESPACE completed.')
  },
  LIST: listInbox,
  LSUB: listInbox,
  STATUS({ world, session, untagged, reply }) {
    untagged(`STATUS INBOX (MESSAGES ${world.exchange.messagesIn(session.user ?? '')})`)
    reply('OK STATUS completed.')
  },
  SELECT: openInbox,
  EXAMINE: openInbox,
}

const requireMailbox =
  (handler: ImapHandler): ImapHandler =>
  (context) => {
    const { session, reply } = context
    if (session.user === null) return reply('BAD Command received in Invalid state.')
    if (session.notConnected) return reply('BAD User is authenticated but not connected.')
    return handler(context)
  }

const forMailbox: ImapHandlers = Object.fromEntries(
  Object.entries(mailboxHandlers).map(([command, handler]) => [command, requireMailbox(handler)]),
)

/** Fails a login if the sandbox has a fault for its user name. Returns false if it has none. */
function failOnPurpose({ connection, tag, session, world }: ImapContext, user: string): boolean {
  const fault = world.exchange.mailFault(user)
  if (fault === null) return false
  const refusal = `${tag} NO [AUTHENTICATIONFAILED] AUTHENTICATE failed.\r\n`
  const bye = '* BYE Connection is closed. 14\r\n'
  const throttling = `${tag} BAD Request is throttled. Suggested Backoff Time: 92415 milliseconds\r\n`
  session.done = fault !== 'throttled'
  if (fault === 'dropped') connection.destroy()
  else if (fault === 'throttled') connection.sendRaw(throttling)
  else connection.sendRaw(fault === 'closing' ? bye : refusal + bye)
  return true
}

export const imapHandlers: ImapHandlers = {
  ...forMailbox,
  GREETING: ({ untagged }) =>
    untagged(`OK The Microsoft Exchange IMAP4 service is ready. [${serverName}]`),
  CAPABILITY({ connection, session, untagged, reply }) {
    const list = session.user === null ? beforeLogin : afterLogin
    untagged(`CAPABILITY ${connection.secure ? list : withoutTls}`)
    reply('OK CAPABILITY completed.')
  },
  async STARTTLS({ connection, reply }) {
    if (connection.secure) return reply('BAD Command received in Invalid state.')
    reply('OK Begin TLS negotiation now.')
    await connection.startTls()
  },
  ID({ untagged, reply }) {
    untagged('ID ("name" "Microsoft.Exchange.Imap4.Imap4Server" "version" "15.20")')
    reply('OK ID completed')
  },
  async AUTHENTICATE(context) {
    const { connection, args, world, reply } = context
    const mechanism = (args.split(' ')[0] ?? '').toUpperCase()
    if (!connection.secure) return reply('BAD Command received in Invalid state.')
    if (mechanism !== 'XOAUTH2' && mechanism !== 'PLAIN') {
      return reply('NO AUTHENTICATE failed.')
    }
    const response = (await initialResponse(context)) ?? '*'
    if (response === '*') return reply('BAD AUTHENTICATE canceled.')
    if (mechanism === 'PLAIN') {
      const plain = readPlain(response)
      const accepted = plain && judgePassword(world, plain.user, plain.password) === 'ok'
      if (!accepted) return reply('NO AUTHENTICATE failed.')
      context.session.user = plain.user
      return reply('OK AUTHENTICATE completed.')
    }
    const blob = readXoauth2(response)
    if (blob && failOnPurpose(context, blob.user)) return
    const verdict = blob ? judgeImap(world, blob.user, blob.token) : 'refused'
    if (!blob || verdict === 'refused') return reply('NO AUTHENTICATE failed.')
    context.session.user = blob.user
    context.session.notConnected = verdict !== 'ok'
    reply('OK AUTHENTICATE completed.')
  },
  LOGIN(context) {
    const { connection, args, world, reply } = context
    if (!connection.secure) return reply('BAD Command received in Invalid state.')
    const [user = '', password = ''] = (args.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? []).map(unquote)
    if (judgePassword(world, user, password) !== 'ok') return reply('NO LOGIN failed.')
    context.session.user = user
    reply('OK LOGIN completed.')
  },
  NOOP: ({ reply }) => reply('OK NOOP completed.'),
  LOGOUT({ untagged, reply, session }) {
    untagged('BYE Microsoft Exchange Server IMAP4 server signing off.')
    reply('OK LOGOUT completed.')
    session.done = true
  },
  UNKNOWN: ({ reply }) => reply('BAD Command Error. 12'),
}
