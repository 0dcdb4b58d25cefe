/** Deletes a replaced credential once it can no longer be put back. */
import type { IntegrationRecord } from '../../model/integration.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import type { Budget, Outcome } from './budget.ts'

export async function removeReplacedCredential(
  services: Services,
  call: Call,
  budget: Budget,
  { undoUntil }: IntegrationRecord,
): Promise<Outcome> {
  const now = services.now()
  if (undoUntil === null || undoUntil > now) return { count: 0, more: false }
  budget.take(2)
  const event = newEvent(services, call, 'integration.next_credential_removed', 'microsoft')
  const removed = await services.store.integrations.removeReplacedCredential(now, event)
  return { count: removed ? 1 : 0, more: false }
}
