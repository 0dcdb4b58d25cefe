/** Checks of accounts that send through Microsoft Graph, by a probe and by messages. Nothing here repeats a request. */
import { sameAddress } from '../../../schema/common.ts'
import type { ProbeRequest } from '../../../schema/probe.ts'
import type { GraphMessage } from '../../graph/client.ts'
import { isOwnMailbox, mailboxPath } from '../../graph/hosts.ts'
import type { StoredMailAccount } from '../../model/loaded-mail-account.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import type { Call, Services } from '../../services.ts'
import {
  graphSendingReport,
  permissionReport,
  type Untried,
  untriedReport,
} from './graph-reports.ts'
import type { SendingReport, ValidationReport } from './reports.ts'

export type OAuthCredential = Extract<ProbeRequest['credential'], { type: 'oauth' }>

/** `requestId`: a GUID for Microsoft's support. `waitMs`: how long the caller waits for the response. */
export type GraphCheck = {
  values: MailAccountValues
  credential: OAuthCredential
  requestId: string
  waitMs: number
}

const requestOf = ({ values, credential, requestId, waitMs }: GraphCheck) => ({
  cloud: credential.cloud,
  mailbox: mailboxPath(values),
  accessToken: credential.access_token,
  requestId,
  waitMs,
})

/** Checks whether Graph would send. `stored`: the saved account, if there is one. `untried`: null if Graph was asked. */
export async function checkSending(
  services: Services,
  call: Call,
  check: GraphCheck,
  stored: StoredMailAccount | null,
): Promise<{ report: ValidationReport; untried: Untried | null }> {
  const untried = await untriedBecause(services, call, check.values, stored)
  if (untried !== null) return { report: untriedReport(untried), untried }
  const started = services.now().getTime()
  const result = await services.graph.probeSending(requestOf(check))
  return { report: permissionReport(result, services.now().getTime() - started), untried: null }
}

/**
 * Returns why Graph is not asked, or null to ask it. Graph is asked only about the sign-in's own mailbox, and by a
 * scheduled validation only if the last one failed for a reason other than a refusal by Graph.
 */
async function untriedBecause(
  { store }: Services,
  { actor, accessScope }: Call,
  values: MailAccountValues,
  stored: StoredMailAccount | null,
): Promise<Untried | null> {
  const unmeasured = isOwnMailbox(values) ? null : 'unmeasured'
  if (actor.type !== 'system') return unmeasured
  const last = stored?.lastValidation
  if (!last || last.outcome === 'passed') return unmeasured ?? 'schedule'
  const result = await store.validations.read(last.id, accessScope)
  const failure = result?.failure ?? null
  // A refusal stands, since a valid token proves less. There is no failure if the result has been purged.
  const isStanding =
    failure === null || (failure.from === 'graph' && isRefusal(failure.facts.status))
  if (isStanding) return 'refused_before'
  return unmeasured ?? (last.outcome === 'failed' ? null : 'schedule')
}

const isRefusal = (status: number | null) =>
  status !== null && status >= 400 && status < 500 && status !== 429

/** Sends a message: the alert, or else the test message. `retryAfter`: seconds that Graph asks to wait, or null. */
export async function sendByGraph(
  { graph, now }: Services,
  check: GraphCheck,
  { from, ...message }: GraphMessage & { from: string },
): Promise<{ report: SendingReport; retryAfter: number | null }> {
  const started = now().getTime()
  const sender = sameAddress(from, check.values.username) ? null : from
  const result = await graph.sendMessage(requestOf(check), { ...message, from: sender })
  return {
    report: graphSendingReport(result, message.to, now().getTime() - started),
    retryAfter: result.kind === 'response' ? result.retryAfterSeconds : null,
  }
}
