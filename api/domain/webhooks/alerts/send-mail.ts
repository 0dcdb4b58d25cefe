/** Sends an alert by email through a saved account, by Microsoft Graph or by the checker, which uses SMTP. */
import { SECOND_MS } from '../../../../schema/durations.ts'
import { PlainAddress } from '../../../../schema/plain-address.ts'
import type { Step } from '../../../../schema/probe.ts'
import { directionOf } from '../../../../schema/protocols.ts'
import { newJti } from '../../../checker-client.ts'
import { withTimeout } from '../../../deadline.ts'
import { newGraphRequestId } from '../../../graph/client.ts'
import { scopeOfCustomer, UNLIMITED } from '../../../model/access.ts'
import type { SendTarget } from '../../../model/webhook.ts'
import type { Call, Services } from '../../../services.ts'
import { sendByGraph } from '../../checks/graph.ts'
import { loadCredential, loginRequest } from '../../checks/login.ts'
import { planWithProtocol } from '../../checks/validations.ts'
import type { SendResult } from '../send.ts'

/** A login and a message take 15 seconds at most; the rest is for the access token. */
const DEADLINE_MS = 25 * SECOND_MS

const failure = (error: string, timedOut = false): SendResult => ({ status: null, error, timedOut })

const NO_ACCOUNT = 'The email account that sends was deleted. Choose another one.'
const SUSPENDED = 'The customer of the email account that sends is suspended.'
const NO_SENDER =
  'The email account must be one that sends, and its sender must be an address in ASCII without quotes. Choose another one.'
const NO_TOKEN =
  'The email account that sends has no access token at the moment. Open it in the console to see why.'
const noPlan = { plan: null, context: null }
const NO_ANSWER = 'The email account that sends could not log in and send in time.'
const MAYBE_SENT =
  'Microsoft Graph did not say whether it sent the message, so it is not sent again. Look in Sent Items of the email account.'

/**
 * Sends one message. A failure changes no state of the account and writes no event, which would be sent this way again.
 */
export async function sendMail(
  services: Services,
  { customer, recipient, mailAccountId }: SendTarget,
  { subject, text }: { subject: string; text: string },
  id: string,
): Promise<SendResult> {
  const { checker, random, store } = services
  const stored =
    mailAccountId === null
      ? null
      : await store.loginContexts.readAccount(mailAccountId, scopeOfCustomer(customer))
  const account = stored?.account
  if (!account) return failure(NO_ACCOUNT)
  if (stored.isSuspended) return failure(SUSPENDED)
  const from = account.from ?? account.username
  const to = recipient ?? ''
  if (directionOf(account.protocol) !== 'send' || !PlainAddress.safeParse(from).success) {
    return failure(NO_SENDER)
  }
  const deferred: Promise<unknown>[] = []
  const call: Call = {
    actor: { type: 'system', id: null },
    accessScope: UNLIMITED,
    defer: (work) => void deferred.push(work),
  }
  const planned = await planWithProtocol(services, call, null, stored)
  const { plan, context } = planned.ok ? planned.value : noPlan
  const credential =
    plan && (await withTimeout(DEADLINE_MS, loadCredential(services, call, plan, context)))
  await Promise.allSettled(deferred)
  if (!plan || !credential?.ok) return failure(NO_TOKEN)
  const message = { from, to, alert: { subject, text } }
  const login = credential.value
  if (account.protocol === 'graph_send' && login.type === 'oauth') {
    const requestId = newGraphRequestId(random)
    const check = { values: plan.values, credential: login, requestId, waitMs: DEADLINE_MS }
    const { report, retryAfter } = await sendByGraph(services, check, message)
    // Graph sets the Message-ID, so that a copy could not be recognised.
    if (report.sent === null) return { ...failure(MAYBE_SENT), isFinal: true }
    return report.sent ? SENT : { ...failure(stoppedAt(report.steps)), retryAfter }
  }
  const jti = newJti(random)
  const request = { ...loginRequest(plan, login), message: { ...message, id } }
  const response = await checker.probe(request, jti, null)
  if (!response.ok) {
    const { kind } = response.error
    return kind === 'timeout' ? failure(NO_ANSWER, true) : failure(checkerProblem(kind))
  }
  const { outcome, sent, steps } = response.value
  return outcome === 'passed' && sent ? SENT : failure(stoppedAt(steps))
}

const SENT: SendResult = { status: null, error: null }

/** Returns the sentence about a message that was not sent. The diagnosis is that of a test message. */
function stoppedAt(steps: readonly Step[]): string {
  const failed = steps.find((step) => step.outcome === 'failed' || step.outcome === 'inconclusive')
  return `The email account that sends got no further than the step "${failed?.name ?? 'send'}". Send a test message from its page to see why.`
}

const checkerProblem = (kind: string) =>
  kind === 'refused'
    ? 'The checker, which logs in to mail servers, refused the message: it may be another version, or have another key.'
    : 'The checker, which logs in to mail servers, could not be used at the moment.'
