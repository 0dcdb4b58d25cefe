/**
 * While Microsoft cannot be reached, lets one of the mailboxes that wait ask every few minutes, so that the end is noticed
 * soon: their pauses grow to an hour. Closes the problem once none has asked for long, because none is left. That
 * is no event, since Microsoft might still be unreachable.
 */
import { HOUR_MS, MINUTE_MS } from '../../../../schema/durations.ts'
import type { IntegrationRecord } from '../../../model/integration.ts'
import type { Call, Services } from '../../../services.ts'
import type { Budget, Outcome } from './budget.ts'

/** Half a minute below a run of each third minute. */
const ASK_AFTER_MS = 2.5 * MINUTE_MS
/** Longer than the longest pause of a mailbox. */
const IDLE_MS = 2 * HOUR_MS

export async function watchOutage(
  services: Services,
  _call: Call,
  budget: Budget,
  integration: IntegrationRecord,
): Promise<Outcome> {
  const { outage } = integration
  const now = services.now()
  const silence = now.getTime() - (outage?.at.getTime() ?? 0)
  if (!outage?.announced || silence < ASK_AFTER_MS) return { count: 0, more: false }
  if (!budget.take(4)) return { count: 0, more: true }
  const isAsked = await services.store.maintenance.askSooner(integration, now)
  if (!isAsked && silence > IDLE_MS)
    await services.store.integrations.changeOutage(outage, null, null)
  return { count: 0, more: false }
}
