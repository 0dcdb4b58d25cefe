/**
 * Test messages: one short message from a saved account that sends, after a login over SMTP or through Microsoft Graph.
 * A message is counted and recorded before it is sent, and nothing sends it again. A repetition of an interrupted
 * request ends in a result that says that it may have been sent.
 */
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { HOUR_MS, SECOND_MS } from '../../../schema/durations.ts'
import { PlainAddress } from '../../../schema/plain-address.ts'
import type { ProbeRequest } from '../../../schema/probe.ts'
import { directionOf } from '../../../schema/protocols.ts'
import {
  TEST_MESSAGES_PER_KEY,
  TEST_MESSAGES_PER_MAILBOX,
  type TestMessage,
  type TestMessageInput,
} from '../../../schema/test-message.ts'
import { newJti } from '../../checker-client.ts'
import { withTimeout } from '../../deadline.ts'
import { readAccessTokenClaims } from '../../entra/access-token.ts'
import { newGraphRequestId } from '../../graph/client.ts'
import { isOwnMailbox } from '../../graph/hosts.ts'
import type { EventRecord } from '../../model/event.ts'
import type { StoredMailAccount } from '../../model/loaded-mail-account.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { AccessTokenClaims, CallLimit, LoginFacts } from '../../model/validation.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { diagnoseLogin } from '../failures/login.ts'
import type { Where } from '../failures/values.ts'
import { noSuchAccount } from '../mail-accounts/mail-accounts.ts'
import type { MailAccountPlan } from '../mail-accounts/plan.ts'
import { idOf } from '../secrets.ts'
import { loginIdentity } from '../tokens/login-identity.ts'
import { writeWithEvent } from '../write-with-retry.ts'
import { sendByGraph } from './graph.ts'
import { LOGIN_DEADLINE_MS, loadCredential, loginRequest, reportOnly } from './login.ts'
import {
  CHECKER_TIMEOUT,
  checkerFailureReport,
  interruptedReport,
  type SendingReport,
  sendingReport,
  tokenReport,
  tokenTimeoutReport,
  unsentReport,
  type ValidationReport,
} from './reports.ts'
import { type LoginPlan, loginFacts, planWithProtocol, storeResult } from './validations.ts'

/** Least time in which a login and a message can succeed. */
const SENDING_MIN_MS = 4 * SECOND_MS

type Message = { account: StoredMailAccount; from: string; to: string; started: Date }
type Attempt = { report: SendingReport; token: AccessTokenClaims | null }

/** Sends a test message. Refuses only calls that cannot have a result. */
export async function sendTestMessage(
  services: Services,
  call: Call,
  id: string,
  { to }: TestMessageInput,
): Promise<Result<TestMessage>> {
  const started = services.now()
  const context = await services.store.loginContexts.readAccount(id, call.accessScope)
  const { account } = context
  if (!account) return noSuchAccount
  if (context.isSuspended) return err({ reason: 'customer_suspended' })
  if (directionOf(account.protocol) !== 'send') return err({ reason: 'account_receives_only' })
  if (account.authentication === 'app_only' && !call.appOnly) {
    return err({ reason: 'app_only_sending_not_allowed' })
  }
  const from = account.from ?? account.username
  if (!PlainAddress.safeParse(from).success) {
    return err({ reason: 'sender_not_plain', sender: from })
  }
  const message = { account, from, to, started }
  const planned = await planWithProtocol(services, call, null, context)
  if (!planned.ok) return planned
  const { plan } = planned.value
  const deadline = started.getTime() + LOGIN_DEADLINE_MS
  const attempt = await trySending(services, call, planned.value, message, deadline)
  if (attempt.ok) await recordProof(services, call, planned.value, attempt.value, started)
  return attempt.ok ? ok(await toResult(services, plan, attempt.value, message)) : attempt
}

async function trySending(
  services: Services,
  call: Call,
  { plan, context }: LoginPlan,
  { account, from, to }: Message,
  deadline: number,
): Promise<Result<Attempt>> {
  const remaining = () => deadline - services.now().getTime()
  const id = idOf('event', call.work, services.random)
  // The response is stored after the message was sent, so this request may have been interrupted in between.
  if (call.work !== undefined && (await services.store.events.has(id))) {
    return ok({ report: interruptedReport(account.protocol, to), token: null })
  }
  const credential = await withTimeout(remaining(), loadCredential(services, call, plan, context))
  if (credential === null || remaining() < SENDING_MIN_MS) {
    return ok(unsent(tokenTimeoutReport(account.protocol)))
  }
  if (!credential.ok) {
    const report = tokenReport(credential.error, account.protocol)
    return report ? ok(unsent(report)) : credential
  }
  const login = credential.value
  const { host, username } = plan.values
  const data = { host, username, from, to }
  const event = { ...newEvent(services, call, 'test_message.requested', account, data), id }
  const counted = await countTestMessage(services, call, plan.values, event)
  if (!counted.ok) return counted
  const byGraph = account.protocol === 'graph_send' && login.type === 'oauth' ? login : null
  const jti = byGraph ? newGraphRequestId(services.random) : newJti(services.random)
  const envelope = { from, to }
  const check = { values: plan.values, requestId: jti, waitMs: remaining() }
  const report = byGraph
    ? (await sendByGraph(services, { ...check, credential: byGraph }, envelope)).report
    : await sendThroughChecker(services, call, plan, login, envelope, jti, remaining())
  services.log('info', 'test_message', {
    ...(call.requestId && { request_id: call.requestId }),
    account: account.id,
    outcome: report.outcome,
    sent: report.sent,
    jti,
  })
  const token = login.type === 'oauth' ? readAccessTokenClaims(login.access_token) : null
  return ok({ report, token })
}

/**
 * Stores Graph's response to a message as a validation, since it proves all that the probe would. For a delegate or
 * app-only access, nothing else shows an acceptance or a refusal. Best effort, since the message may have been sent.
 */
async function recordProof(
  services: Services,
  call: Call,
  { plan, context }: LoginPlan,
  { report: { sent, ...report }, token }: Attempt,
  started: Date,
): Promise<void> {
  const steps = report.steps.filter(({ name }) => name !== 'send')
  const isRefused =
    !isOwnMailbox(plan.values) &&
    steps.some(({ name, outcome }) => name === 'permission' && outcome === 'failed')
  if (plan.values.protocol !== 'graph_send' || !(sent || isRefused)) return
  const login = { ...reportOnly({ ...report, steps }), token }
  await storeResult(services, call, plan, context, login, started).catch(() => {})
}

async function sendThroughChecker(
  services: Services,
  call: Call,
  plan: MailAccountPlan,
  login: ProbeRequest['credential'],
  envelope: Pick<Message, 'from' | 'to'>,
  jti: string,
  waitMs: number,
): Promise<SendingReport> {
  const request = { ...loginRequest(plan, login), message: { ...envelope, id: jti } }
  const response = await withTimeout(waitMs, services.checker.probe(request, jti, call.actor.id))
  return response?.ok
    ? sendingReport(response.value)
    : checkerFailureReport(response?.error ?? CHECKER_TIMEOUT, envelope.to)
}

const unsent = (report: ValidationReport): Attempt => ({
  report: unsentReport(report),
  token: null,
})

/** Adds the diagnosis. Nothing here may fail the call, since the message may have been sent. */
async function toResult(
  services: Services,
  plan: MailAccountPlan,
  { report, token }: Attempt,
  { account, from, to, started }: Message,
): Promise<TestMessage> {
  const { protocol, host, port, security, grantId } = plan.values
  const checkedAt = services.now()
  const server = { protocol, host, port, security }
  const login = {
    ...report,
    ...server,
    fingerprint: plan.fingerprint,
    mailAccountId: account.id,
    grantId,
    checkedAt,
  }
  const values = { ...plan.values, from }
  const facts = await loginFacts(services, { ...plan, values }, { token, second: null }, login)
  return {
    outcome: report.outcome,
    sent: report.sent,
    from,
    to,
    ...server,
    mechanism: report.mechanism,
    identity: loginIdentity(plan.values),
    steps: report.steps,
    warnings: plan.mismatch === null ? [] : [plan.mismatch],
    diagnosis: facts && diagnoseSending(login, facts, services.settings),
    duration_ms: checkedAt.getTime() - started.getTime(),
    checked_at: checkedAt.toISOString(),
  }
}

function diagnoseSending(
  login: Parameters<typeof diagnoseLogin>[0] & Pick<SendingReport, 'sent'>,
  facts: LoginFacts,
  where: Where,
): Diagnosis | null {
  const { failure, sent } = login
  if (failure?.from !== 'checker' && failure?.from !== 'graph') {
    return diagnoseLogin(login, facts, where)
  }
  // The advice to try again does not fit a message that may have been sent.
  if (sent === null) return null
  // Earlier logins say nothing about sending.
  const isAboutSending = failure.from === 'graph' || failure.probe.step === 'send'
  const history = isAboutSending ? null : facts.history
  return diagnoseLogin(login, { ...facts, history }, where)
}

const WINDOW_MS = HOUR_MS

/** Counts a message and writes its event, or refuses. Throws StorageError: nothing must be sent then. */
async function countTestMessage(
  services: Services,
  { actor }: Call,
  { username }: Pick<MailAccountValues, 'username'>,
  event: EventRecord,
): Promise<Result<null>> {
  const { store } = services
  const requestedAt = event.at
  const since = new Date(requestedAt.getTime() - WINDOW_MS)
  const ofMailbox: CallLimit = { of: 'subject', since, most: TEST_MESSAGES_PER_MAILBOX }
  const ofKey: CallLimit = { of: 'actorId', since, most: TEST_MESSAGES_PER_KEY }
  const subject = username.toLowerCase()
  const message = { id: event.id, subject, actorId: actor.id ?? '', requestedAt }
  const claim = () => store.countedCalls.claim(message, [ofMailbox, ofKey], event)
  if (await writeWithEvent(services, event, claim)) return ok(null)
  const freeAt = async (limit: CallLimit) => {
    const oldest = await store.countedCalls.oldestOf(message, limit)
    return oldest ? oldest.getTime() + WINDOW_MS : 0
  }
  const mailboxFreeAt = await freeAt(ofMailbox)
  const keyFreeAt = await freeAt(ofKey)
  const per = mailboxFreeAt >= keyFreeAt ? 'mailbox' : 'key'
  const wait = Math.max(mailboxFreeAt, keyFreeAt) - requestedAt.getTime()
  const retryAfter = Math.max(1, Math.ceil(wait / 1000))
  return err({ reason: 'test_messages_limited', per, retryAfter })
}
