/**
 * The one place where nodemailer is used, and only its connection: EHLO, AUTH, QUIT. Nothing is ever
 * sent. The AUTH dialogue is ours, since the library's own drops the error challenge, sends the
 * token a second time after one, and counts any 2xx as success.
 */
import SMTPConnection, {
  type SMTPConnectionCustomAuthContext,
} from 'nodemailer/lib/smtp-connection'
import { codeOf, ignore } from './dial.ts'
import { connectionEnded } from './lines.ts'
import { base64, plain, readChallenge, xoauth2 } from './sasl.ts'
import { EXCEEDED, FAREWELL, type Session } from './session.ts'
import { EHLO_NAME } from './starttls.ts'
import { type Fault, judgeSmtp, readSmtpReply, refusalSentence } from './verdict.ts'

/** A name no server offers, so that the library never chooses a mechanism by itself. */
const OURS = 'MAILGRANT'
const MAX_RESPONSE = 64 * 1024

/** Logs in. Null when the server answered 235; the connection is closed either way. */
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
    maxResponseSize: MAX_RESPONSE,
    socketCloseTimeout: 0,
    customAuth: {
      [OURS]: async (context) => settle(await authenticate(context, session)),
    },
  })
  connection.on('error', (error: Error) => settle(explain(error, session)))
  // Later than the reply that made the library close, 421: that one says more.
  connection.once('end', () => setImmediate(() => settle(explain(null, session))))

  steps.begin('authenticate')
  connection.connect((error) => {
    if (error) return settle(explain(error, session))
    connection.login({ method: OURS }, (failed) => {
      if (failed) settle(explain(failed, session))
    })
  })
  const fault = await settled
  if (fault !== null) {
    connection.close()
    release(connection)
    return fault
  }
  steps.pass(`The server takes the login by ${steps.mechanism()}.`)
  steps.skip('mailbox', 'SMTP has no mailbox to open, and nothing is sent.')
  leave(connection)
  return null
}

type Send = SMTPConnectionCustomAuthContext['sendCommand']

async function authenticate(
  { authMethods, sendCommand }: SMTPConnectionCustomAuthContext,
  { request, steps }: Session,
): Promise<Fault | null> {
  const { identity, credential } = request
  const wanted = credential.type === 'oauth' ? ['XOAUTH2'] : ['PLAIN', 'LOGIN']
  const mechanism = wanted.find((name) => authMethods.includes(name))
  if (mechanism === undefined) {
    const offer = authMethods.length > 0 ? `, only ${authMethods.join(', ')}` : ''
    const detail = `The server does not offer ${wanted.join(' or ')}${offer}.`
    return { kind: 'mechanism_missing', detail }
  }
  steps.tries(mechanism)
  if (credential.type === 'oauth') {
    return logInByToken(sendCommand, xoauth2(identity, credential.access_token))
  }
  const { password } = credential
  if (mechanism === 'PLAIN') return ask(sendCommand, [`AUTH PLAIN ${plain(identity, password)}`])
  return ask(sendCommand, ['AUTH LOGIN', base64(identity), base64(password)])
}

/** Sends the lines, each but the first after a 334, and judges the answer to the last. */
async function ask(send: Send, lines: string[]): Promise<Fault | null> {
  let reply = ''
  for (const line of lines) {
    reply = (await send(line)).response
    if (!reply.startsWith('334')) break
  }
  return judge(reply, null)
}

/** With an error challenge (334), the dialogue goes on with an empty line, until the refusal. */
async function logInByToken(send: Send, message: string): Promise<Fault | null> {
  let { response } = await send(`AUTH XOAUTH2 ${message}`)
  let challenge: string | null = null
  if (response.startsWith('334')) {
    challenge = readChallenge(response.slice(4).trim())
    response = (await send('')).response
  }
  // RFC 4954, section 4: `*` cancels. A second challenge has no meaning in XOAUTH2.
  if (response.startsWith('334')) response = (await send('*')).response
  return judge(response, challenge)
}

/** RFC 4954, section 6: 235 is the only yes. */
function judge(reply: string, challenge: string | null): Fault | null {
  const answer = readSmtpReply(reply)
  if (answer?.code === 235) return null
  if (answer === null) {
    return { kind: 'protocol', reply, detail: `The server does not speak SMTP: ${reply}` }
  }
  const kind = judgeSmtp(answer, challenge)
  return {
    kind,
    reply,
    smtp_code: answer.code,
    smtp_enhanced: answer.enhanced,
    challenge,
    detail: refusalSentence(kind, 'authenticate', reply),
  }
}

/** An error of the library: the connection broke, or the reply to EHLO was no yes. */
function explain(error: Error | null, { meter }: Session): Fault {
  if (meter.exceeded()) return EXCEEDED
  const reply = error !== null && 'response' in error ? error.response : null
  if (typeof reply === 'string') return outOfTurn(reply)
  if (codeOf(error) === 'EPROTOCOL') return EXCEEDED
  return connectionEnded(originalCode(error))
}

/** 421 may come at any time; anything else here, before AUTH, is not about the credential. */
function outOfTurn(reply: string): Fault {
  const answer = readSmtpReply(reply)
  const later = answer !== null && answer.code >= 400 && answer.code < 500
  return {
    kind: later ? judgeSmtp(answer, null) : 'protocol',
    reply,
    smtp_code: answer?.code ?? null,
    smtp_enhanced: answer?.enhanced ?? null,
    detail: `The server ends the session before the login: ${reply}`,
  }
}

function originalCode(error: Error | null): string | null {
  const code = error !== null && 'originalCode' in error ? error.originalCode : null
  return typeof code === 'string' ? code : null
}

/** Says QUIT without making the report wait for the answer. */
function leave(connection: SMTPConnection) {
  const cut = setTimeout(() => connection.close(), FAREWELL)
  connection.once('end', () => {
    clearTimeout(cut)
    release(connection)
  })
  connection.quit()
}

/**
 * Unties a closed connection from its probe. V8 frees objects of this class at full collections
 * only, and the token would stay in memory for as long.
 */
function release(connection: SMTPConnection) {
  connection.removeAllListeners()
  connection.on('error', ignore)
  connection.customAuth.clear()
  connection.options = { logger: false }
}
