/**
 * Sends one message after the login: MAIL, RCPT, DATA, one command at a time. The last byte of the message
 * is the point of no return: without an answer to it, the message may have been sent.
 */
import { sendCommand } from './lines.ts'
import { composeMessage, type Message, messageId, toData } from './message.ts'
import type { Session } from './session.ts'
import { type Fault, judgeSending, parseSmtpReply } from './verdict.ts'

/** Sends the message. Returns null if the server answered 250 to it. */
export async function sendMessage(
  { socket, steps }: Session,
  message: Message,
  date: Date,
): Promise<Fault | null> {
  const { from, to } = message
  const id = messageId(message)
  const data = toData(await composeMessage(message, id, date))
  steps.begin('send')
  const commands = [
    { command: `MAIL FROM:<${from}>`, accepted: [250], subject: `the sender ${from}` },
    { command: `RCPT TO:<${to}>`, accepted: [250, 251], subject: `the recipient ${to}` },
    { command: 'DATA', accepted: [354], subject: 'to take a message' },
  ]
  for (const { command, accepted, subject } of commands) {
    const reply = await sendCommand(socket, command)
    if (!reply.ok) return { ...reply.fault, detail: `${reply.fault.detail} No message was sent.` }
    const refusal = refusalOf(reply.value, accepted, subject)
    if (refusal !== null) return refusal
  }
  steps.recordSent(null)
  const reply = await sendCommand(socket, data)
  if (!reply.ok) return undecided(reply.fault, message)
  const refusal = refusalOf(reply.value, [250], 'the message')
  if (refusal?.kind === 'protocol') return undecided(refusal, message)
  steps.recordSent(refusal === null)
  if (refusal === null) {
    steps.pass(`The server accepted the message ${id} for ${to}: ${reply.value}`)
  }
  return refusal
}

/** Judges the reply to one command: null if its code is one of `accepted`. */
function refusalOf(reply: string, accepted: readonly number[], subject: string): Fault | null {
  const answer = parseSmtpReply(reply)
  if (answer !== null && accepted.includes(answer.code)) return null
  const kind = answer === null ? 'protocol' : judgeSending(answer)
  return {
    kind,
    reply,
    smtp_code: answer?.code ?? null,
    smtp_enhanced: answer?.enhanced ?? null,
    detail:
      kind === 'protocol'
        ? `The server sent an answer that SMTP does not have here: ${reply}`
        : `The server refused ${subject}: ${reply}`,
  }
}

/** Returns the fault of a message whose last byte was sent, and that was neither accepted nor refused. */
const undecided = (fault: Fault, message: Message): Fault => ({
  ...fault,
  kind: 'unavailable',
  detail: mayHaveBeenSent(fault.detail, message),
})

export const mayHaveBeenSent = (detail: string, { to }: Message): string =>
  `${detail} The message may have been sent. Look in the inbox of ${to} before you send another one.`
