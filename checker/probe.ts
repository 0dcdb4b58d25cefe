/**
 * One probe, from a request to a report: a straight line of steps, each of which can end it. The
 * report is made here and nowhere else, so here every text is cleaned of secrets.
 */
import type { Socket } from 'node:net'
import type { SecureContext } from 'node:tls'
import {
  PROBE_DEADLINE,
  type ProbeReport,
  type ProbeRequest,
  type StepName,
} from '../schema/probe.ts'
import { EXPIRED, startDeadline } from './deadline.ts'
import { chooseHost, connectFirst, type DialRules, resolvePinned } from './dial.ts'
import { loginOverImap } from './imap.ts'
import { openSession } from './session.ts'
import { loginOverSmtp } from './smtp.ts'
import { createSteps, type Steps } from './steps.ts'
import { createCleaner } from './text.ts'
import { type Fault, ok, outcomeOf, type Result, toFailure } from './verdict.ts'

export type Probe = (request: ProbeRequest, signal: AbortSignal) => Promise<ProbeReport>

export type ProbeOptions = {
  rules: DialRules
  trust: SecureContext
  /** Milliseconds for everything; PROBE_DEADLINE unless a test is in a hurry. */
  deadline?: number
  clock?: () => number
}

/** Throws for bugs only. Everything a server or network can do becomes a report. */
export function createProbe(options: ProbeOptions): Probe {
  const { deadline: budget = PROBE_DEADLINE, clock = () => performance.now() } = options
  return async (request, signal) => {
    const clean = createCleaner(secretsOf(request))
    const steps = createSteps(clock, clean)
    const deadline = startDeadline(budget, signal)
    try {
      const end = await deadline.race(attempt(request, steps, deadline.signal, options))
      const fault = end === EXPIRED ? timeout(steps.running(), budget) : end
      if (fault !== null) steps.stop(outcomeOf(fault.kind), fault.detail)
      return {
        outcome: fault === null ? 'passed' : outcomeOf(fault.kind),
        mechanism: steps.mechanism(),
        steps: steps.list(),
        failure: fault === null ? null : toFailure(steps.running(), fault, clean),
        duration_ms: steps.elapsed(),
      }
    } finally {
      deadline.stop()
    }
  }
}

/** Null when the login worked. The socket is gone by then, or about to go after a goodbye. */
async function attempt(
  request: ProbeRequest,
  steps: Steps,
  signal: AbortSignal,
  { rules, trust }: ProbeOptions,
): Promise<Fault | null> {
  const dialled = await dial(request, steps, signal, rules)
  if (!dialled.ok) return dialled.fault
  const { host, raw } = dialled.value

  const opened = await openSession(raw, host, request, steps, trust)
  const login = request.protocol === 'imap' ? loginOverImap : loginOverSmtp
  const fault = opened.ok ? await login(opened.value) : opened.fault
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
  const host = chooseHost(request, rules)
  if (!host.ok) return host
  const addresses = await resolvePinned(host.value, rules)
  if (!addresses.ok) return addresses
  steps.pass()

  steps.begin('connect')
  const raw = await connectFirst(addresses.value, request.port, signal, rules.connect)
  if (!raw.ok) return raw
  steps.pass(`Connected to ${raw.value.remoteAddress} port ${request.port}.`)
  return ok({ host: host.value, raw: raw.value })
}

function timeout(step: StepName, budget: number): Fault {
  const doing: Record<StepName, string> = {
    dns: 'the name was being looked up',
    connect: 'the connection was being made',
    tls: 'TLS was being set up',
    greeting: 'the server was to greet',
    authenticate: 'the login was running',
    mailbox: 'INBOX was being opened',
  }
  return { kind: 'timeout', detail: `Time ran out after ${budget / 1000} s, while ${doing[step]}.` }
}

/** The credential as the mail servers see it: alone, and inside the SASL message. */
function secretsOf({ identity, credential }: ProbeRequest): string[] {
  if (credential.type === 'password') {
    const { password } = credential
    return [password, `\u0000${identity}\u0000${password}`]
  }
  const token = credential.access_token
  return [token, `user=${identity}\u0001auth=Bearer ${token}\u0001\u0001`]
}
