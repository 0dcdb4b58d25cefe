/**
 * Outages: Microsoft's login host does not respond to this server, for example because of a firewall, a proxy or a
 * certificate. The first request without a response begins an outage, and any response ends it, even an error or a
 * refusal. A malformed response does not end it, since it could be the block page of a proxy. An outage that lasts is a
 * problem of the integration, of which the operator is notified once. Every kind of request counts, as in
 * app-problem.ts. Without an outage, nothing is read or written.
 */
import { MINUTE_MS, SECOND_MS } from '../../../schema/durations.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import { clouds } from '../../entra/clouds.ts'
import type { IntegrationRecord, Outage } from '../../model/integration.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { judgeFailure } from '../failures/failures.ts'

/** Shorter ones are not reported, since mailboxes retry automatically. */
const LASTING_MS = 15 * MINUTE_MS
/** Requests without a response are recorded once in this time. */
const RECORD_EVERY_MS = 30 * SECOND_MS

/**
 * Records that Microsoft responded, or did not. `facts`: of the failure, null without one. Never throws, since the
 * request goes on.
 */
export async function recordContact(
  services: Services,
  call: Call,
  integration: IntegrationRecord,
  facts: FailureFacts | null,
): Promise<void> {
  // A damaged refresh token is not sent, so the failure says nothing about Microsoft.
  if (facts?.kind === 'token_damaged') return
  const isAnswered = !facts || !['unreachable', 'timeout', 'malformed'].includes(facts.kind)
  const recorded = isAnswered
    ? endOutage(services, call, integration)
    : recordNoResponse(services, call, integration, facts)
  await recorded.catch(() => undefined)
}

/** Records that an outage begins or continues, at most once in RECORD_EVERY_MS. Announces it once, after LASTING_MS. */
async function recordNoResponse(
  services: Services,
  call: Call,
  { outage, cloud }: IntegrationRecord,
  { stage, kind, login_host, node_code, response }: FailureFacts,
): Promise<void> {
  const now = services.now()
  if (outage && Math.abs(now.getTime() - outage.at.getTime()) < RECORD_EVERY_MS) return
  const facts = {
    stage,
    kind: kind === 'timeout' ? 'unreachable' : kind,
    login_host: login_host ?? new URL(services.settings.entraAuthority ?? clouds[cloud].login).host,
    ...(node_code && { node_code }),
    ...(response && { response }),
  }
  const since = outage && outage.since < now ? outage.since : now
  const hasLasted = now.getTime() - since.getTime() >= LASTING_MS
  const { changeOutage } = services.store.integrations
  if (!hasLasted || outage?.announced) {
    return changeOutage(
      outage,
      { since, at: now, facts, announced: outage?.announced === true },
      null,
    )
  }
  const { code: _, ...data } = outageProblem({ since, facts })
  services.log('error', 'microsoft_unreachable', {
    host: data.host,
    ...(node_code && { network_code: node_code }),
    ...response,
  })
  const event = newEvent(services, call, 'integration.microsoft_unreachable', 'microsoft', data)
  return changeOutage(outage, { since, at: now, facts, announced: true }, event)
}

/** Ends the outage, if there is one, because Microsoft responded. Reports it if the outage was announced. */
async function endOutage(services: Services, call: Call, { outage }: IntegrationRecord) {
  if (!outage) return
  const since = outage.since.toISOString()
  const event = outage.announced
    ? newEvent(services, call, 'integration.microsoft_reachable', 'microsoft', { since })
    : null
  await services.store.integrations.changeOutage(outage, null, event)
}

/**
 * Returns the problem of the integration for an outage that was announced; null without one, or while the integration
 * is off.
 */
export const lastingOutage = ({ active, outage }: Pick<IntegrationRecord, 'active' | 'outage'>) =>
  active && outage?.announced ? outageProblem(outage) : null

/** Describes the problem. The cause and the fix come from the catalogue, as for a single mailbox. */
function outageProblem({ since, facts }: Pick<Outage, 'since' | 'facts'>) {
  const { stage, ...read } = facts
  const report = { protocol: 'token' as const, stage, error: '', facts: read }
  return {
    code: 'microsoft_unreachable' as const,
    detail: judgeFailure(report, { isOwn: true }).detail,
    host: facts.login_host ?? '',
    since: since.toISOString(),
  }
}
