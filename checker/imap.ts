/**
 * IMAP login: CAPABILITY (unless the greeting contained it), AUTHENTICATE or LOGIN, EXAMINE, LOGOUT. It runs on a socket
 * over verified TLS. Tokens use XOAUTH2.
 */
import { sendGoodbye, sendImapCommand } from './lines.ts'
import { parseChallenge, plain, xoauth2 } from './sasl.ts'
import type { Session } from './session.ts'
import {
  ACCEPTED_EARLY,
  err,
  type Fault,
  imapFacts,
  judgeClosing,
  meaningOf,
  ok,
  type Result,
  wrongProtocol,
} from './verdict.ts'

/** Logs in and opens INBOX read-only. Returns null if both worked. The caller closes the connection after a fault. */
export async function loginOverImap(session: Session): Promise<Fault | null> {
  const { socket, steps } = session
  steps.begin('authenticate')
  const offered = await requestCapabilities(session)
  const fault = offered.ok ? await authenticate(session, offered.value) : offered.fault
  if (fault !== null) return fault
  steps.pass(`The server accepted the login (${steps.mechanism()}).`)
  steps.begin('mailbox')
  const { tagged, untagged } = await sendImapCommand(socket, '3', 'EXAMINE INBOX')
  if (!tagged.ok) return tagged.fault
  if (tagged.value.status !== 'OK') return refusal(tagged.value, 'mailbox')
  const messages = untagged.map((line) => /^(\d+) EXISTS/i.exec(line)?.[1]).find(Boolean)
  steps.pass(`Opened INBOX read-only (messages: ${messages ?? 0}).`)
  sendGoodbye(socket, '4 LOGOUT')
  return null
}

/**
 * Returns the capabilities in upper case, from the greeting if it came over TLS, which saves a round trip. Those in
 * plaintext may be forged, and must be discarded after STARTTLS (RFC 9051, section 6.2.1).
 */
async function requestCapabilities({ socket, greeting }: Session): Promise<Result<string[]>> {
  const [, shown] = /^\* OK \[(CAPABILITY [^\]]*)\]/i.exec(greeting ?? '') ?? []
  if (shown !== undefined) return ok(shown.toUpperCase().split(' '))
  const { tagged, untagged } = await sendImapCommand(socket, '1', 'CAPABILITY')
  if (!tagged.ok) return tagged
  if (tagged.value.status === 'OK') {
    const lists = untagged.map((line) => line.toUpperCase().split(' '))
    return ok(lists.filter(([name]) => name === 'CAPABILITY').flat())
  }
  const refused = refusal(tagged.value, 'authenticate')
  // This refusal can't concern the credential.
  return err(refused.kind === 'rejected' ? { ...refused, kind: 'protocol' } : refused)
}

/** Logs in with the token, or by PLAIN or else LOGIN with the password. */
async function authenticate(session: Session, offered: readonly string[]): Promise<Fault | null> {
  const { socket, request, steps } = session
  const { identity, credential } = request
  if (credential.type === 'oauth') {
    if (!offered.includes('AUTH=XOAUTH2')) return missing('XOAUTH2')
    return sendSasl(session, 'XOAUTH2', xoauth2(identity, credential.access_token), offered)
  }
  const { password } = credential
  if (offered.includes('AUTH=PLAIN')) {
    return sendSasl(session, 'PLAIN', plain(identity, password), offered)
  }
  if (offered.includes('LOGINDISABLED')) return missing('a login with a password')
  steps.useMechanism('LOGIN')
  const login = `LOGIN ${quote(identity)} ${quote(password)}`
  const { tagged } = await sendImapCommand(socket, '2', login)
  if (!tagged.ok) return tagged.fault
  return tagged.value.status === 'OK' ? null : refusal(tagged.value, 'authenticate')
}

const missing = (wanted: string): Fault => ({
  kind: 'mechanism_missing',
  detail: `The server does not offer ${wanted}.`,
})

/** Returns a quoted string (RFC 9051, section 4.3). The request schema rejects control characters. */
const quote = (text: string) => `"${text.replaceAll(/["\\]/g, '\\$&')}"`

/** Sends the message in the command if the server allows that (RFC 4959), or else when it asks for it. */
async function sendSasl(
  { socket, steps }: Session,
  mechanism: string,
  message: string,
  offered: readonly string[],
): Promise<Fault | null> {
  steps.useMechanism(mechanism)
  const isInitial = offered.includes('SASL-IR')
  const command = `AUTHENTICATE ${mechanism}${isInitial ? ` ${message}` : ''}`
  // An empty line acknowledges an error challenge, after which the server sends the refusal. `*` cancels.
  const answers = isInitial ? ['', '*'] : [message, '', '*']
  const { tagged, requests } = await sendImapCommand(socket, '2', command, answers)
  const challenge = parseChallenge(requests[isInitial ? 0 : 1] ?? '')
  if (!tagged.ok) return { ...judgeClosing(tagged.fault, message.length), challenge }
  if (tagged.value.status !== 'OK') return refusal(tagged.value, 'authenticate', challenge)
  return isInitial || requests.length > 0 ? null : ACCEPTED_EARLY
}

function refusal(
  { status, text }: { status: string; text: string },
  step: 'authenticate' | 'mailbox',
  challenge: string | null = null,
): Fault {
  if (status !== 'NO' && status !== 'BAD') return wrongProtocol('imap', `${status} ${text}`)
  const facts = imapFacts(status, text, challenge)
  return { ...facts, detail: `${meaningOf(facts.kind, step)}: ${facts.reply}` }
}
