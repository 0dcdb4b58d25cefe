/**
 * SMTP login. The only file that uses nodemailer, and only its connection: EHLO, AUTH, QUIT. No mail is
 * ever sent. The AUTH dialogue is our own, because the library's drops the error challenge, repeats the
 * token after one, and accepts any 2xx as success.
 */
import SMTPConnection, {
  type SMTPConnectionCustomAuthContext,
} from 'nodemailer/lib/smtp-connection'
import { encodeBase64 } from '../schema/base64.ts'
import { errorCode, ignoreError } from './dial.ts'
import { parseChallenge, plain, xoauth2 } from './sasl.ts'
import { LOGOUT_TIMEOUT_MS, type Session } from './session.ts'
import { EHLO_NAME } from './starttls.ts'
import {
  connectionClosed,
  describeRefusal,
  type Fault,
  judgeSmtp,
  parseSmtpReply,
  TOO_MUCH_DATA,
  wrongProtocol,
} from './verdict.ts'

/** Mechanism name that no server offers, so that the library always calls our own dialogue. */
const CUSTOM_MECHANISM = 'MAILGRANT'
const MAX_RESPONSE_BYTES = 64 * 1024

/** Logs in. Returns null if the server answered 235. Closes the connection in any case. */
export async function loginOverSmtp(session: Session): Promise<Fault | null> {
  const { socket, steps, request } = session
  let settle: (fault: Fault | null) => void = () => {}
  const settled = new Promise<Fault | null>((resolve) => {
    settle = resolve
  })
  const connection = new SMTPConnection({
    host: request.host,
    port: request.port,
    connection: socket,
    secure: true,
    secured: true,
    name: EHLO_NAME,
    logger: false,
    maxResponseSize: MAX_RESPONSE_BYTES,
    socketCloseTimeout: 0,
    customAuth: {
      [CUSTOM_MECHANISM]: async (context) => settle(await authenticate(context, session)),
    },
  })
  connection.on('error', (error: Error) => settle(toFault(error, session)))
  // Deferred, because a reply 421 that made the library close says more than the closing itself.
  connection.once('end', () => setImmediate(() => settle(toFault(null, session))))

  steps.begin('authenticate')
  connection.connect((error) => {
    if (error) return settle(toFault(error, session))
    connection.login({ method: CUSTOM_MECHANISM }, (failed) => {
      if (failed) settle(toFault(failed, session))
    })
  })
  const fault = await settled
  if (fault !== null) {
    connection.close()
    release(connection)
    return fault
  }
  steps.pass(`The server accepted the login (${steps.mechanism()}).`)
  steps.skip('mailbox', 'SMTP has no mailbox to open; no mail is sent.')
  quit(connection)
  return null
}

type Send = SMTPConnectionCustomAuthContext['sendCommand']

async function authenticate(
  { authMethods, sendCommand }: SMTPConnectionCustomAuthContext,
  { request, steps }: Session,
): Promise<Fault | null> {
  const { identity, credential } = request
  const mechanisms = credential.type === 'oauth' ? ['XOAUTH2'] : ['PLAIN', 'LOGIN']
  const mechanism = mechanisms.find((name) => authMethods.includes(name))
  if (mechanism === undefined) {
    const offer = authMethods.length > 0 ? `, only ${authMethods.join(', ')}` : ''
    const detail = `The server does not offer ${mechanisms.join(' or ')}${offer}.`
    return { kind: 'mechanism_missing', detail }
  }
  steps.useMechanism(mechanism)
  if (credential.type === 'oauth') {
    return authenticateXoauth2(sendCommand, xoauth2(identity, credential.access_token))
  }
  const { password } = credential
  return sendLines(
    sendCommand,
    mechanism === 'PLAIN'
      ? [`AUTH PLAIN ${plain(identity, password)}`]
      : ['AUTH LOGIN', encodeBase64(identity), encodeBase64(password)],
  )
}

/** Sends the lines as long as the server answers 334, and judges the last answer. */
async function sendLines(send: Send, lines: string[]): Promise<Fault | null> {
  let reply = ''
  for (const line of lines) {
    reply = (await send(line)).response
    if (!reply.startsWith('334')) break
  }
  return judgeAnswer(reply, null)
}

/** Sends the token. An error challenge (334) is answered with an empty line; then comes the refusal. */
async function authenticateXoauth2(send: Send, message: string): Promise<Fault | null> {
  let { response } = await send(`AUTH XOAUTH2 ${message}`)
  let challenge: string | null = null
  if (response.startsWith('334')) {
    challenge = parseChallenge(response.slice(4).trim())
    response = (await send('')).response
  }
  // RFC 4954, section 4: `*` cancels. A second challenge has no meaning in XOAUTH2.
  if (response.startsWith('334')) response = (await send('*')).response
  return judgeAnswer(response, challenge)
}

/** Judges the final answer to AUTH. Only 235 means success (RFC 4954, section 6). */
function judgeAnswer(reply: string, challenge: string | null): Fault | null {
  const answer = parseSmtpReply(reply)
  if (answer?.code === 235) return null
  if (answer === null) return wrongProtocol('smtp', reply)
  const kind = judgeSmtp(answer, challenge)
  return {
    kind,
    reply,
    smtp_code: answer.code,
    smtp_enhanced: answer.enhanced,
    challenge,
    detail: describeRefusal(kind, 'authenticate', reply),
  }
}

/** Converts an error of the library: a broken connection, or an unexpected reply to EHLO. */
function toFault(error: Error | null, { meter }: Session): Fault {
  if (meter.exceeded()) return TOO_MUCH_DATA
  const reply = error !== null && 'response' in error ? error.response : null
  if (typeof reply === 'string') return unexpectedReply(reply)
  if (errorCode(error) === 'EPROTOCOL') return TOO_MUCH_DATA
  return connectionClosed(originalCode(error))
}

/** Judges a reply before AUTH. It cannot concern the credential; 421 may come at any time. */
function unexpectedReply(reply: string): Fault {
  const answer = parseSmtpReply(reply)
  const temporary = answer !== null && answer.code >= 400 && answer.code < 500
  return {
    kind: temporary ? judgeSmtp(answer, null) : 'protocol',
    reply,
    smtp_code: answer?.code ?? null,
    smtp_enhanced: answer?.enhanced ?? null,
    detail: `The server ended the session before the login: ${reply}`,
  }
}

function originalCode(error: Error | null): string | null {
  const code = error !== null && 'originalCode' in error ? error.originalCode : null
  return typeof code === 'string' ? code : null
}

/** Sends QUIT without delaying the report. */
function quit(connection: SMTPConnection) {
  const timer = setTimeout(() => connection.close(), LOGOUT_TIMEOUT_MS)
  connection.once('end', () => {
    clearTimeout(timer)
    release(connection)
  })
  connection.quit()
}

/**
 * Removes all references from a closed connection to its probe. V8 frees such connections only at a full
 * garbage collection, and the token would stay in memory until then.
 */
function release(connection: SMTPConnection) {
  connection.removeAllListeners()
  connection.on('error', ignoreError)
  connection.customAuth.clear()
  connection.options = { logger: false }
}
