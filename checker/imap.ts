/**
 * IMAP login. The only file that uses imapflow: it runs on a socket over verified TLS and sends only
 * CAPABILITY (unless the greeting contained it), AUTHENTICATE, EXAMINE and LOGOUT. Tokens use XOAUTH2.
 */
import { ImapFlow, type ImapFlowError } from 'imapflow'
import library from 'imapflow/lib/imap-commands.js'
import { ignoreError } from './dial.ts'
import { byeFault } from './greeting.ts'
import { flattenChallenge } from './sasl.ts'
import { LOGOUT_TIMEOUT_MS, type Session } from './session.ts'
import {
  connectionClosed,
  describeRefusal,
  type Fault,
  judgeImap,
  TOO_MUCH_DATA,
} from './verdict.ts'

const LIMITS = {
  maxLineLength: 64 * 1024,
  maxLiteralSize: 64 * 1024,
  maxResponseSize: 128 * 1024,
  maxResponseTokens: 10_000,
}

/** Logs in and opens INBOX read-only. Returns null if both worked. Closes the connection in any case. */
export async function loginOverImap(session: Session): Promise<Fault | null> {
  const { steps } = session
  const client = createClient(session)
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
    const fault = toFault(error as ImapFlowError, client, session)
    release(client)
    return fault
  }
}

function createClient(session: Session): ImapFlow {
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
  // Three internals of the library. imap.test.ts lists the commands sent, and fails if one of these
  // overrides stops working.
  return Object.assign(client, {
    commands: commandsFor(session),
    // Without it, LIST and LSUB precede EXAMINE, for a folder that always exists.
    folders: new Map([['INBOX', { path: 'INBOX', delimiter: '/' }]]),
    // Without it, the library waits as long as a throttling server asks, and the probe ends in a timeout
    // instead of reporting the throttling.
    throttleWait: async () => false,
  })
}

const skip = async () => undefined

function commandsFor({ steps, request }: Session): typeof library {
  const commands = new Map(library)
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
    return run('AUTHENTICATE', client, rest)
  })
  commands.set('LOGIN', (client, ...rest) => {
    steps.useMechanism('LOGIN')
    return run('LOGIN', client, rest)
  })
  return commands
}

function run(name: string, client: ImapFlow, rest: unknown[]): Promise<unknown> {
  const command = library.get(name)
  if (command === undefined) throw new Error(`imapflow has no command ${name}`)
  return command(client, ...rest)
}

class MechanismMissing extends Error {}

/** Sends LOGOUT without delaying the report. */
function logOut(client: ImapFlow) {
  const timer = setTimeout(() => client.close(), LOGOUT_TIMEOUT_MS)
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
  Object.assign(client, { options: { logger: false }, commands: library })
}

const BAD_PROTOCOL =
  /^(?:(?:Line|Literal|Response)TooLarge|TooMany\w+|UnexpectedTag|Invalid\w+|ResponseProcessingFailed|ParserError.*|MAX_IMAP_NESTING_REACHED)$/

function toFault(error: ImapFlowError, client: ImapFlow, { steps, meter }: Session): Fault {
  if (meter.exceeded()) return TOO_MUCH_DATA
  if (client.byeReason !== undefined) return byeFault(client.byeReason)
  if (error instanceof MechanismMissing || error.message === 'Login is disabled') {
    const wanted = error instanceof MechanismMissing ? 'XOAUTH2' : 'a login with a password'
    return { kind: 'mechanism_missing', detail: `The server does not offer ${wanted}.` }
  }
  const status = error.responseStatus
  if (status === 'NO' || status === 'BAD') return refusal(status, error, steps.current())
  if (BAD_PROTOCOL.test(error.code ?? '')) {
    return {
      kind: 'protocol',
      code: error.code ?? null,
      detail: `The server sent data that is not valid IMAP (${error.code}).`,
    }
  }
  return connectionClosed(/^E[A-Z_]+$/.test(error.code ?? '') ? (error.code ?? null) : null)
}

function refusal(status: 'NO' | 'BAD', error: ImapFlowError, step: string): Fault {
  const code = error.serverResponseCode ?? null
  const text = error.responseText ?? ''
  const challenge = flattenChallenge(error.oauthError)
  const kind = judgeImap({ status, code, text }, challenge)
  const reply = `${status} ${code === null ? '' : `[${code}] `}${text}`
  return {
    kind,
    reply,
    imap_status: status,
    imap_response_code: code,
    challenge,
    detail: describeRefusal(kind, step, reply),
  }
}
