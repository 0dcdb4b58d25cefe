/**
 * Test messages: a login through a saved SMTP account that also sends one short message. A message is counted
 * and recorded before it is sent, and nothing sends it again: a repetition of an interrupted request ends in a
 * result that says that it may have been sent.
 */
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { HOUR_MS, SECOND_MS } from '../../../schema/durations.ts'
import { normalHost } from '../../../schema/mail-servers.ts'
import { PlainAddress } from '../../../schema/plain-address.ts'
import {
  TEST_MESSAGES_PER_KEY,
  TEST_MESSAGES_PER_MAILBOX,
  type TestMessage,
  type TestMessageInput,
} from '../../../schema/test-message.ts'
import { newJti } from '../../checker-client.ts'
import { readAccessTokenClaims } from '../../entra/access-token.ts'
import type { EventRecord } from '../../model/event.ts'
import type { StoredMailAccount } from '../../model/loaded-mail-account.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import { ok, type Result, refuse } from '../../model/result.ts'
import type { AccessTokenClaims, LoginFacts, TestMessageLimits } from '../../model/validation.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { diagnoseLogin } from '../failures/login.ts'
import type { Where } from '../failures/values.ts'
import { noSuchAccount } from '../mail-accounts/mail-accounts.ts'
import type { MailAccountPlan } from '../mail-accounts/plan.ts'
import { idOf } from '../secrets.ts'
import { loginIdentity } from '../tokens/login-identity.ts'
import { writeWithEvent } from '../write-with-retry.ts'
import { LOGIN_DEADLINE_MS, loadCredential, loginRequest, withTimeout } from './login.ts'
import {
  checkerFailureReport,
  interruptedReport,
  type SendingReport,
  sendingReport,
  timeoutReport,
  tokenReport,
  unsentReport,
  type ValidationReport,
} from './reports.ts'
import { type LoginPlan, loginFacts, planWithProtocol } from './validations.ts'

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
  if (context.isSuspended) return refuse({ reason: 'customer_suspended' })
  if (account.protocol !== 'smtp') return refuse({ reason: 'account_receives_only' })
  if (account.authentication === 'app_only' && !call.appOnly) {
    return refuse({ reason: 'app_only_sending_not_allowed' })
  }
  const from = account.from ?? account.username
  if (!PlainAddress.safeParse(from).success) {
    return refuse({ reason: 'sender_not_plain', sender: from })
  }
  const message = { account, from, to, started }
  const planned = await planWithProtocol(services, call, null, context)
  if (!planned.ok) return planned
  const { plan } = planned.value
  const deadline = started.getTime() + LOGIN_DEADLINE_MS
  const attempt = await trySending(services, call, planned.value, message, deadline)
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
  // Responses are stored after the message was sent: this request may have been interrupted in between.
  if (call.work !== undefined && (await services.store.testMessages.has(id))) {
    return ok({ report: interruptedReport(to), token: null })
  }
  const credential = await withTimeout(remaining(), loadCredential(services, call, plan, context))
  if (credential === null || remaining() < SENDING_MIN_MS) return ok(unsent(timeoutReport('token')))
  if (!credential.ok) {
    const report = tokenReport(credential.error)
    return report ? ok(unsent(report)) : credential
  }
  const login = credential.value
  const { host, username } = plan.values
  const data = { host, username, from, to }
  const event = { ...newEvent(services, call, 'test_message.requested', account, data), id }
  const counted = await countTestMessage(services, call, plan.values, event)
  if (!counted.ok) return counted
  const jti = newJti(services.random)
  const answer = await withTimeout(
    remaining(),
    services.checker.probe(
      { ...loginRequest(plan, login), message: { from, to, id: jti } },
      jti,
      call.actor.id,
    ),
  )
  const report = answer?.ok
    ? sendingReport(answer.value)
    : checkerFailureReport(answer?.error ?? CHECKER_TIMEOUT, to)
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

const CHECKER_TIMEOUT = { kind: 'timeout', status: null, retryAfter: null } as const

const unsent = (report: ValidationReport): Attempt => ({
  report: unsentReport(report),
  token: null,
})

/** Adds the diagnosis. Nothing here may fail the call: the message may have been sent. */
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
  if (failure?.from !== 'checker') return diagnoseLogin(login, facts, where)
  // The advice to try again does not fit a message that may have been sent.
  if (sent === null) return null
  // Earlier logins say nothing about sending.
  const history = failure.probe.step === 'send' ? null : facts.history
  return diagnoseLogin(login, { ...facts, history }, where)
}

const WINDOW_MS = HOUR_MS

/** Counts a message and writes its event, or refuses. Throws StorageError: nothing must be sent then. */
async function countTestMessage(
  services: Services,
  { actor }: Call,
  { host, username }: Pick<MailAccountValues, 'host' | 'username'>,
  event: EventRecord,
): Promise<Result<null>> {
  const { store } = services
  const requestedAt = event.at
  const limits: TestMessageLimits = {
    perMailbox: TEST_MESSAGES_PER_MAILBOX,
    perActor: TEST_MESSAGES_PER_KEY,
    since: new Date(requestedAt.getTime() - WINDOW_MS),
  }
  const message = {
    mailbox: `${normalHost(host) ?? host.toLowerCase()} ${username.toLowerCase()}`,
    actorId: actor.id ?? '',
    requestedAt,
  }
  const claim = () => store.testMessages.claim(message, limits, event)
  if (await writeWithEvent(services, event, claim)) return ok(null)
  const { ofMailbox, ofActor } = await store.testMessages.oldestCounted(message, limits)
  const freeAt = (oldest: Date | null) => (oldest ? oldest.getTime() + WINDOW_MS : 0)
  const per = freeAt(ofMailbox) >= freeAt(ofActor) ? 'mailbox' : 'key'
  const wait = Math.max(freeAt(ofMailbox), freeAt(ofActor)) - requestedAt.getTime()
  const retryAfter = Math.max(1, Math.ceil(wait / 1000))
  return refuse({ reason: 'test_messages_limited', per, retryAfter })
}
