/**
 * Checks of accounts that send through Microsoft Graph: whether Graph would send, and a test message. Nothing here repeats a
 * request.
 */
import { sameAddress } from '../../../schema/common.ts'
import type { Cloud } from '../../../schema/mail-servers.ts'
import type { GraphResult } from '../../graph/errors.ts'
import { isOwnMailbox, mailboxPath } from '../../graph/hosts.ts'
import type { StoredMailAccount } from '../../model/loaded-mail-account.ts'
import type { MailAccountValues } from '../../model/mail-account.ts'
import type { ValidationRecord } from '../../model/validation.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import type { UsableToken } from '../tokens/engine.ts'
import { permissionReport, type Untried, untriedReport } from './graph-reports.ts'
import type { ValidationReport } from './reports.ts'

type GraphToken = Pick<UsableToken, 'accessToken' | 'protocols'> & { cloud: Cloud }

export type SendingCheck = {
  report: ValidationReport
  /** Null if Graph was asked. */
  untried: Untried | null
}

const requestOf = (
  values: MailAccountValues,
  { accessToken, cloud }: Omit<GraphToken, 'protocols'>,
  requestId: string,
) => ({ cloud, mailbox: mailboxPath(values), accessToken, requestId })

/** Checks whether Graph would send with this token. `stored`: the saved account, if there is one. */
export async function checkSending(
  services: Services,
  call: Call,
  values: MailAccountValues,
  stored: StoredMailAccount | null,
  token: GraphToken,
  requestId: string,
): Promise<SendingCheck> {
  const untried = await untriedBecause(services, call, values, stored, token)
  if (untried !== null) return { report: untriedReport(untried), untried }
  const started = services.now().getTime()
  const result = await services.graph.probeSending(requestOf(values, token, requestId))
  if (result === null) {
    return { report: untriedReport('probe_accepted'), untried: 'probe_accepted' }
  }
  if (result.kind === 'response' && result.status === 202) {
    await recordAcceptedProbe(services, call, values, requestId)
  }
  return { report: permissionReport(result, services.now().getTime() - started), untried: null }
}

/** Returns why Graph is not asked. After a problem with the token, the schedule asks once. */
async function untriedBecause(
  { store }: Services,
  { actor, accessScope }: Call,
  values: MailAccountValues,
  stored: StoredMailAccount | null,
  { protocols }: GraphToken,
): Promise<Untried | null> {
  if (protocols && !protocols.includes(values.protocol)) return 'not_granted'
  const isOwn = isOwnMailbox(values)
  if (actor.type !== 'system') return isOwn ? null : 'unmeasured'
  const last = stored?.lastValidation
  const result =
    last && last.outcome !== 'passed' ? await store.validations.read(last.id, accessScope) : null
  if (result !== null && isStanding(result)) return 'refused_before'
  if (!isOwn) return 'unmeasured'
  return last?.outcome === 'failed' ? null : 'schedule'
}

/** Returns whether a token proves less than what this result says: a refusal of Graph's, or a worker's report of one. */
function isStanding({ failure }: ValidationRecord): boolean {
  if (failure?.from !== 'graph') return failure === null
  const { status } = failure.facts
  return status !== null && status >= 400 && status < 500 && status !== 429
}

/** Records for the operator that the probe is off. Best effort: a failure must not cost the result. */
async function recordAcceptedProbe(
  services: Services,
  call: Call,
  { username }: MailAccountValues,
  requestId: string,
): Promise<void> {
  services.log('error', 'graph_probe_accepted', { jti: requestId })
  const data = { username, client_request_id: requestId }
  const event = newEvent(services, call, 'integration.graph_probe_accepted', 'microsoft', data)
  await services.store.events.addOnce(event).catch(() => {})
}

/** Sends the test message. */
export const sendByGraph = (
  { graph }: Services,
  values: MailAccountValues,
  token: Omit<GraphToken, 'protocols'>,
  requestId: string,
  { from, to }: { from: string; to: string },
): Promise<GraphResult> =>
  graph.sendTestMessage(requestOf(values, token, requestId), {
    to,
    from: sameAddress(from, values.username) ? null : from,
  })
