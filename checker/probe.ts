/**
 * Runs one probe, from request to report: a sequence of steps, each of which can end it. Only this file
 * builds a report, with a cleaner that removes the secrets of the request from every text.
 */
import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import type { MailProtocol } from '../schema/mail-servers.ts'
import {
  LOGIN_STEPS,
  PROBE_DEADLINE_MS,
  type ProbeReport,
  type ProbeRequest,
  SENDING_STEPS,
  type Step,
  type StepName,
} from '../schema/probe.ts'
import { type Clean, createCleaner } from './cleaner.ts'
import { checkHost, connectFirst, type DialRules, resolveAddresses } from './dial.ts'
import { loginOverImap } from './imap.ts'
import { mayHaveBeenSent } from './send.ts'
import { openSession, type Session } from './session.ts'
import { loginOverSmtp } from './smtp.ts'
import { createSteps, type Steps } from './steps.ts'
import { type Fault, ok, outcomeOf, type Result, toFailure } from './verdict.ts'

/** `onStep` is called as each step ends. */
export type Probe = (
  request: ProbeRequest,
  signal: AbortSignal,
  onStep?: (step: Step) => void,
) => Promise<ProbeReport>

type ProbeOptions = {
  rules: DialRules
  tlsContext: SecureContext
  /** Time limit of the whole probe, milliseconds. Default: PROBE_DEADLINE_MS. */
  deadline?: number
  clock?: () => number
  /** Returns the date of a test message. */
  now?: () => Date
}

const LOGINS: Record<MailProtocol, (session: Session, now: () => Date) => Promise<Fault | null>> = {
  imap: loginOverImap,
  smtp: loginOverSmtp,
}

/** Creates the probe. Throws only for bugs, since whatever a server or the network does becomes a report. */
export function createProbe(options: ProbeOptions): Probe {
  const { deadline: limit = PROBE_DEADLINE_MS, clock = () => performance.now() } = options
  return async (request, signal, onStep) => {
    const clean = cleanerFor(request)
    const order = request.message ? SENDING_STEPS : LOGIN_STEPS
    const steps = createSteps(clock, clean, onStep, order)
    const result = await withDeadline(limit, signal, (deadline) =>
      attempt(request, steps, deadline, options),
    )
    const fault = result === EXPIRED ? timeout(steps, request, limit) : result
    if (fault !== null) steps.stop(outcomeOf(fault.kind), fault.detail)
    return {
      outcome: fault === null ? 'passed' : outcomeOf(fault.kind),
      mechanism: steps.mechanism(),
      steps: steps.list(),
      failure: fault === null ? null : toFailure(steps.current(), fault, clean),
      ...(request.message && { sent: steps.sent() }),
      duration_ms: steps.elapsed(),
    }
  }
}

/** Returns null if the login worked and its message, if any, was accepted. The connection is then closed, or about to be after LOGOUT or QUIT. */
async function attempt(
  request: ProbeRequest,
  steps: Steps,
  signal: AbortSignal,
  { rules, tlsContext, now = () => new Date() }: ProbeOptions,
): Promise<Fault | null> {
  const dialled = await dial(request, steps, signal, rules)
  if (!dialled.ok) return dialled.fault
  const { host, raw } = dialled.value

  const opened = await openSession(raw, host, request, steps, tlsContext)
  const fault = opened.ok ? await LOGINS[request.protocol](opened.value, now) : opened.fault
  if (fault !== null) raw.destroy()
  return fault
}

async function dial(
  request: ProbeRequest,
  steps: Steps,
  signal: AbortSignal,
  rules: DialRules,
): Promise<Result<{ host: string; raw: Socket }>> {
  steps.begin('dns')
  const host = checkHost(request, rules)
  if (!host.ok) return host
  const addresses = await resolveAddresses(host.value, rules)
  if (!addresses.ok) return addresses
  steps.pass()

  steps.begin('connect')
  const raw = await connectFirst(addresses.value, request.port, signal, rules.connect)
  if (!raw.ok) return raw
  steps.pass(`Connected to ${raw.value.remoteAddress} port ${request.port}.`)
  return ok({ host: host.value, raw: raw.value })
}

function timeout(steps: Steps, { message }: ProbeRequest, limit: number): Fault {
  const during: Record<StepName, string> = {
    dns: 'looking up the host name',
    connect: 'connecting',
    tls: 'setting up TLS',
    greeting: 'waiting for the greeting',
    authenticate: 'logging in',
    mailbox: 'opening INBOX',
    permission: 'checking the permission',
    send: 'sending the message',
  }
  const detail = `Timed out after ${limit / 1000} s, while ${during[steps.current()]}.`
  const isOpen = message !== undefined && steps.sent() === null
  return { kind: 'timeout', detail: isOpen ? mayHaveBeenSent(detail, message) : detail }
}

/** Creates a cleaner for the credential, which servers see alone or inside a SASL message. */
function cleanerFor({ identity, credential }: ProbeRequest): Clean {
  if (credential.type === 'password') {
    const { password } = credential
    return createCleaner([password], [`\u0000${identity}\u0000${password}`])
  }
  const token = credential.access_token
  return createCleaner([token], [`user=${identity}\u0001auth=Bearer ${token}\u0001\u0001`])
}

export const EXPIRED = Symbol('expired')

/**
 * Returns the result of `work`, or EXPIRED when the time has passed or the caller has disconnected. Its signal then
 * aborts, and the owner of a socket destroys it.
 */
export async function withDeadline<Value>(
  milliseconds: number,
  caller: AbortSignal,
  work: (signal: AbortSignal) => Promise<Value>,
): Promise<Value | typeof EXPIRED> {
  const controller = new AbortController()
  const { promise: expired, resolve } = Promise.withResolvers<typeof EXPIRED>()
  const expire = () => {
    controller.abort()
    resolve(EXPIRED)
  }
  const timer = setTimeout(expire, milliseconds)
  caller.addEventListener('abort', expire, { once: true })
  if (caller.aborted) expire()
  try {
    return await Promise.race([expired, work(controller.signal)])
  } finally {
    clearTimeout(timer)
    caller.removeEventListener('abort', expire)
  }
}
