/**
 * IMAP login. The only file that uses imapflow. It runs on a socket over verified TLS and sends only CAPABILITY (unless
 * the greeting contained it), AUTHENTICATE, EXAMINE and LOGOUT. Tokens use XOAUTH2.
 */
import type { Transform } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import { ImapFlow, type ImapFlowError, type ImapResponse } from 'imapflow'
import library from 'imapflow/lib/imap-commands.js'
import { getStatusCode, getTextValues } from 'imapflow/lib/tools.js'
import type { ProbeRequest } from '../schema/probe.ts'
import { errorCode, ignoreError } from './dial.ts'
import { byeFault } from './greeting.ts'
import { flattenChallenge, xoauth2 } from './sasl.ts'
import { CLOSING_TIMEOUT_MS, type Session } from './session.ts'
import type { Steps } from './steps.ts'
import {
  ACCEPTED_EARLY,
  connectionClosed,
  describeRefusal,
  type Fault,
  judgeClosing,
  judgeImap,
  TOO_MUCH_DATA,
} from './verdict.ts'

const LIMITS = {
  maxLineLength: 64 * 1024,
  maxLiteralSize: 64 * 1024,
  maxResponseSize: 128 * 1024,
  maxResponseTokens: 10_000,
}

/** Far more than a login and an EXAMINE need, which take about 20 lines. */
const MAX_SESSION_BYTES = 256 * 1024
/** The library parses all that has arrived without a pause. 16,000 short lines would block the thread for 150 ms. */
const MAX_SESSION_LINES = 500
const LF = 0x0a

/** Findings of the login beside the library's own results. */
type Notes = {
  /** Settles with the response to AUTHENTICATE or LOGIN; null until one of them was sent. */
  login: Promise<unknown> | null
  /** Text after `* BYE`, or null. */
  bye: string | null
  /** Node's code of the error that broke the connection, or null. */
  lost: string | null
}

/** Logs in and opens INBOX read-only. Returns null if both worked. Closes the connection in any case. */
export async function loginOverImap(session: Session): Promise<Fault | null> {
  const { steps, socket, greeting } = session
  // A greeting in plaintext may be forged, and its capabilities must be discarded after STARTTLS
  // (RFC 9051, section 6.2.1). Over TLS, capabilities in it save a round trip.
  socket.unshift(Buffer.from(`${greeting ?? '* OK ready'}\r\n`))
  const exceeded = limitReceived(socket)
  const notes: Notes = { login: null, bye: null, lost: null }
  const client = createClient(session, notes)
  try {
    steps.begin('authenticate')
    await client.connect()
    steps.pass(`The server accepted the login (${steps.mechanism()}).`)
    steps.begin('mailbox')
    const inbox = await client.mailboxOpen('INBOX', { readOnly: true })
    steps.pass(`Opened INBOX read-only (messages: ${inbox.exists ?? 0}).`)
    logOut(client)
    return null
  } catch (error) {
    client.close()
    const fault = toFault(await causeOf(error as ImapFlowError, notes), notes, session, exceeded())
    release(client)
    return fault
  }
}

/**
 * Counts received bytes and lines, and destroys the socket beyond the limits. The socket stays paused until the library
 * resumes it, so that no data is lost. Returns a function that returns true once a limit was exceeded.
 */
function limitReceived(socket: TLSSocket): () => boolean {
  let bytes = 0
  let lines = 0
  const exceeded = () => bytes > MAX_SESSION_BYTES || lines > MAX_SESSION_LINES
  socket.pause()
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) lines += 1
    if (exceeded()) socket.destroy()
  })
  return exceeded
}

/**
 * Returns the server's response to the login, if there is one, since a connection that closes at the same moment makes
 * `connect()` fail for that reason alone. The client must be closed, so that the response has settled.
 */
async function causeOf(error: ImapFlowError, { login }: Notes): Promise<ImapFlowError> {
  const response = await login?.then(
    () => null,
    (refusal: ImapFlowError) => refusal,
  )
  if (!response) return error
  if (response.responseStatus === undefined)
    return Object.assign(error, { oauthError: response.oauthError })
  return response
}

function createClient(session: Session, notes: Notes): ImapFlow {
  const { socket, request } = session
  const { identity, credential } = request
  const client = new ImapFlow({
    host: request.host,
    port: request.port,
    secure: true,
    transport: {
      connect(_options, onConnect) {
        queueMicrotask(onConnect)
        return socket
      },
    },
    auth:
      credential.type === 'oauth'
        ? { user: identity, accessToken: credential.access_token }
        : { user: identity, pass: credential.password },
    logger: false,
    disableAutoIdle: true,
    disableAutoEnable: true,
    disableCompression: true,
    ...LIMITS,
  })
  client.on('error', ignoreError) // the pending command rejects with the same error
  // Internals of the library. imap.test.ts lists the commands sent, and fails if one of these overrides
  // stops working; refusal-order.test.ts does so for the last two.
  return Object.assign(client, {
    commands: commandsFor(session, notes),
    // Without it, LIST and LSUB precede EXAMINE, for a folder that always exists.
    folders: new Map([['INBOX', { path: 'INBOX', delimiter: '/' }]]),
    // Without it, the library waits as long as a throttling server asks, and the probe ends in a timeout
    // instead of reporting the throttling.
    throttleWait: async () => false,
    serverBye: async (response: ImapResponse) => waitAfterBye(client, response, notes),
    ...closeWhenRead(client, notes),
  })
}

/**
 * Notes a BYE and closes the connection a little later. The library itself closes at once, and would miss
 * the response to the login in the next TCP segment.
 */
function waitAfterBye(client: ImapFlow, response: ImapResponse, notes: Notes) {
  const code = getStatusCode(response)
  const text = getTextValues(response.attributes).join(' ').trim()
  notes.bye ??= code ? `[${code}] ${text}` : text
  setTimeout(() => client.close(), CLOSING_TIMEOUT_MS).unref()
}

/**
 * Closes the client when its parser has read everything, not when the socket ends, since the last lines would otherwise
 * be lost.
 */
function closeWhenRead(client: ImapFlow, notes: Notes) {
  const { streamer } = client as unknown as { streamer: Transform }
  streamer.once('end', () => client.close())
  const finish = () => void streamer.end()
  return {
    _socketEnd: finish,
    _socketClose: finish,
    _socketError(error: Error) {
      notes.lost ??= errorCode(error)
      finish()
    },
  }
}

const skip = async () => undefined

function commandsFor({ steps, request }: Session, notes: Notes): typeof library {
  const commands = new Map(library)
  const logIn = (name: string, client: ImapFlow, rest: unknown[]) => {
    notes.login = run(name, client, rest)
    return notes.login
  }
  /** Logs in with a credential that follows the command. The server must have asked for it. */
  const logInAfterRequest = async (client: ImapFlow, rest: unknown[]) => {
    const written = countWrites(client)
    const response = await logIn('AUTHENTICATE', client, rest)
    if (written() < 2) throw new AcceptedEarly()
    return response
  }
  // A login needs neither ID nor NAMESPACE.
  commands.set('ID', skip).set('NAMESPACE', skip)
  commands.set('CAPABILITY', (client, ...rest) =>
    // EXAMINE and LOGOUT do not depend on the capabilities after login.
    client.authenticated ? skip() : run('CAPABILITY', client, rest),
  )
  commands.set('AUTHENTICATE', (client, ...rest) => {
    const { capabilities } = client
    if (request.credential.type === 'oauth') {
      // The library prefers OAUTHBEARER if both are offered, but mail programs use XOAUTH2.
      capabilities.delete('AUTH=OAUTHBEARER')
      capabilities.delete('AUTH=XOAUTH')
      if (!capabilities.has('AUTH=XOAUTH2')) throw new MechanismMissing()
      steps.useMechanism('XOAUTH2')
    } else {
      steps.useMechanism(capabilities.has('AUTH=PLAIN') ? 'PLAIN' : 'LOGIN')
    }
    return request.credential.type === 'oauth' && capabilities.has('SASL-IR')
      ? logIn('AUTHENTICATE', client, rest)
      : logInAfterRequest(client, rest)
  })
  commands.set('LOGIN', (client, ...rest) => {
    steps.useMechanism('LOGIN')
    return logIn('LOGIN', client, rest)
  })
  return commands
}

function run(name: string, client: ImapFlow, rest: unknown[]): Promise<unknown> {
  const command = library.get(name)
  if (command === undefined) throw new Error(`imapflow has no command ${name}`)
  return command(client, ...rest)
}

/** Counts what the library sends from now on: the command, and each response to a continuation request. */
function countWrites(client: ImapFlow): () => number {
  let count = 0
  const { write } = client as ImapFlow & { write: (line: string) => void }
  Object.assign(client, {
    write(line: string) {
      count += 1
      write.call(client, line)
    },
  })
  return () => count
}

class MechanismMissing extends Error {}
class AcceptedEarly extends Error {}

/** Sends LOGOUT without delaying the report. */
function logOut(client: ImapFlow) {
  const timer = setTimeout(() => client.close(), CLOSING_TIMEOUT_MS)
  client
    .logout()
    .catch(() => {})
    .finally(() => {
      clearTimeout(timer)
      release(client)
    })
}

/**
 * Removes all references from a closed client to its probe. V8 frees such clients only at a full garbage
 * collection, and the token would stay in memory until then.
 */
function release(client: ImapFlow) {
  client.removeAllListeners()
  client.on('error', ignoreError)
  Object.assign(client, { options: { logger: false }, commands: library, serverBye: skip })
}

const BAD_PROTOCOL =
  /^(?:(?:Line|Literal|Response)TooLarge|TooMany\w+|UnexpectedTag|Invalid\w+|ResponseProcessingFailed|ParserError.*|MAX_IMAP_NESTING_REACHED)$/

/** Judges an error. A tagged refusal counts more than BYE, which counts more than a closed connection. */
function toFault(
  error: ImapFlowError,
  notes: Notes,
  { steps, request }: Session,
  exceeded: boolean,
): Fault {
  const challenge = flattenChallenge(error.oauthError)
  const status = error.responseStatus
  if (status === 'NO' || status === 'BAD') return refusal(status, error, challenge, steps)
  if (error instanceof AcceptedEarly) return ACCEPTED_EARLY
  if (exceeded) return TOO_MUCH_DATA
  if (notes.bye !== null) return { ...byeFault(notes.bye), challenge }
  if (error instanceof MechanismMissing || error.message === 'Login is disabled') {
    const wanted = error instanceof MechanismMissing ? 'XOAUTH2' : 'a login with a password'
    return { kind: 'mechanism_missing', detail: `The server does not offer ${wanted}.` }
  }
  if (BAD_PROTOCOL.test(error.code ?? '')) {
    return {
      kind: 'protocol',
      code: error.code ?? null,
      detail: `The server sent data that is not valid IMAP (${error.code}).`,
    }
  }
  const closed = { ...connectionClosed(notes.lost), challenge }
  const sent = notes.login !== null && steps.current() === 'authenticate'
  return sent ? judgeClosing(closed, messageOctets(request)) : closed
}

/** Returns the length of the line that carries a token, from the SASL message on. */
const messageOctets = ({ identity, credential }: ProbeRequest) =>
  credential.type === 'oauth' ? xoauth2(identity, credential.access_token).length : 0

function refusal(
  status: 'NO' | 'BAD',
  error: ImapFlowError,
  challenge: string | null,
  steps: Steps,
): Fault {
  const code = error.serverResponseCode ?? null
  const text = error.responseText ?? ''
  // Before AUTHENTICATE, a refusal cannot concern the credential.
  const judged = judgeImap({ status, code, text }, challenge)
  const kind = judged === 'rejected' && steps.mechanism() === null ? 'protocol' : judged
  const reply = `${status} ${code === null ? '' : `[${code}] `}${text}`
  return {
    kind,
    reply,
    imap_status: status,
    imap_response_code: code,
    challenge,
    detail: describeRefusal(kind, steps.current(), reply),
  }
}
