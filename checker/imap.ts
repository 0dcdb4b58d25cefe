/**
 * The one place where imapflow is used. It is given a socket under verified TLS and told to leave
 * out whatever a login does not need, so that a probe is CAPABILITY (where the greeting did not say
 * it), AUTHENTICATE, EXAMINE, LOGOUT and nothing else. For a token the mechanism is XOAUTH2.
 */
import { ImapFlow, type ImapFlowError } from 'imapflow'
import library from 'imapflow/lib/imap-commands.js'
import { ignore } from './dial.ts'
import { byeFault } from './greeting.ts'
import { connectionEnded } from './lines.ts'
import { shallow } from './sasl.ts'
import { EXCEEDED, FAREWELL, type Session } from './session.ts'
import { type Fault, judgeImap, refusalSentence } from './verdict.ts'

const LIMITS = {
  maxLineLength: 64 * 1024,
  maxLiteralSize: 64 * 1024,
  maxResponseSize: 128 * 1024,
  maxResponseTokens: 10_000,
}

/** Logs in and opens INBOX read-only. Null when both worked; the connection is closed either way. */
export async function loginOverImap(session: Session): Promise<Fault | null> {
  const { steps } = session
  const client = createClient(session)
  try {
    steps.begin('authenticate')
    await client.connect()
    steps.pass(`The server takes the login by ${steps.mechanism()}.`)
    steps.begin('mailbox')
    const inbox = await client.mailboxOpen('INBOX', { readOnly: true })
    steps.pass(`INBOX opened read-only (messages: ${inbox.exists ?? 0}).`)
    leave(client)
    return null
  } catch (error) {
    client.close()
    const fault = explain(error as ImapFlowError, client, session)
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
  client.on('error', ignore) // it comes again as the rejection of what was running
  // Three internals of the library, by name. The wire test counts the commands that are sent, and
  // so notices when one of these stops working.
  return Object.assign(client, {
    commands: commandsFor(session),
    // Otherwise EXAMINE is preceded by LIST and LSUB, to learn about a folder that always exists.
    folders: new Map([['INBOX', { path: 'INBOX', delimiter: '/' }]]),
    // Otherwise the library waits out the pause that a throttling server asks for, and the probe
    // would end as a timeout instead of saying so.
    throttleWait: async () => false,
  })
}

const skip = async () => undefined

function commandsFor({ steps, request }: Session): typeof library {
  const commands = new Map(library)
  // ID tells the server about us, NAMESPACE us about folders: neither is needed.
  commands.set('ID', skip).set('NAMESPACE', skip)
  commands.set('CAPABILITY', (client, ...rest) =>
    // What the server can do once logged in does not matter for EXAMINE and LOGOUT.
    client.authenticated ? skip() : run('CAPABILITY', client, rest),
  )
  commands.set('AUTHENTICATE', (client, ...rest) => {
    const { capabilities } = client
    if (request.credential.type === 'oauth') {
      // The library would take OAUTHBEARER where both are offered; workers use XOAUTH2.
      capabilities.delete('AUTH=OAUTHBEARER')
      capabilities.delete('AUTH=XOAUTH')
      if (!capabilities.has('AUTH=XOAUTH2')) throw new MechanismMissing()
      steps.tries('XOAUTH2')
    } else {
      steps.tries(capabilities.has('AUTH=PLAIN') ? 'PLAIN' : 'LOGIN')
    }
    return run('AUTHENTICATE', client, rest)
  })
  commands.set('LOGIN', (client, ...rest) => {
    steps.tries('LOGIN')
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

/** Says LOGOUT without making the report wait for the answer. */
function leave(client: ImapFlow) {
  const cut = setTimeout(() => client.close(), FAREWELL)
  client
    .logout()
    .catch(() => {})
    .finally(() => {
      clearTimeout(cut)
      release(client)
    })
}

/**
 * Unties a closed client from its probe. V8 frees objects of this class at full collections only,
 * and the token would stay in memory for as long.
 */
function release(client: ImapFlow) {
  client.removeAllListeners()
  client.on('error', ignore)
  Object.assign(client, { options: { logger: false }, commands: library })
}

const BAD_PROTOCOL =
  /^(?:(?:Line|Literal|Response)TooLarge|TooMany\w+|UnexpectedTag|Invalid\w+|ResponseProcessingFailed|ParserError.*|MAX_IMAP_NESTING_REACHED)$/

function explain(error: ImapFlowError, client: ImapFlow, { steps, meter }: Session): Fault {
  if (meter.exceeded()) return EXCEEDED
  if (client.byeReason !== undefined) return byeFault(client.byeReason)
  if (error instanceof MechanismMissing || error.message === 'Login is disabled') {
    const wanted = error instanceof MechanismMissing ? 'XOAUTH2' : 'a login with a password'
    return { kind: 'mechanism_missing', detail: `The server does not offer ${wanted}.` }
  }
  const status = error.responseStatus
  if (status === 'NO' || status === 'BAD') return refusal(status, error, steps.running())
  if (BAD_PROTOCOL.test(error.code ?? '')) {
    return {
      kind: 'protocol',
      code: error.code ?? null,
      detail: `The server sent what no IMAP client can read (${error.code}).`,
    }
  }
  return connectionEnded(/^E[A-Z_]+$/.test(error.code ?? '') ? (error.code ?? null) : null)
}

function refusal(status: 'NO' | 'BAD', error: ImapFlowError, step: string): Fault {
  const code = error.serverResponseCode ?? null
  const text = error.responseText ?? ''
  const challenge = shallow(error.oauthError)
  const kind = judgeImap({ status, code, text }, challenge)
  const reply = `${status} ${code === null ? '' : `[${code}] `}${text}`
  return {
    kind,
    reply,
    imap_status: status,
    imap_response_code: code,
    challenge,
    detail: refusalSentence(kind, step, reply),
  }
}
