/** Notifies of access tokens that permit more than mail, and of the end of that. */
import type { InspectedIntegration } from '../../../model/integration.ts'
import type { Call, Services } from '../../../services.ts'
import { newEvent } from '../../events.ts'
import type { Budget, Outcome } from './budget.ts'

/** Writes one event when tokens begin to permit more than mail, and one when that ends. */
export async function watchPermissions(
  services: Services,
  call: Call,
  budget: Budget,
  { beyondMail, beyondMailReported }: InspectedIntegration,
): Promise<Outcome> {
  const isBeyond = beyondMail.length > 0
  if (isBeyond === beyondMailReported) return { count: 0, more: false }
  const type = isBeyond ? 'integration.permissions_beyond_mail' : 'integration.permissions_for_mail'
  const data = isBeyond ? { permissions: beyondMail.join(' ') } : {}
  const event = newEvent(services, call, type, 'microsoft', data)
  budget.take(2)
  const reported = await services.store.integrations.markBeyondMail(isBeyond, event)
  return { count: reported ? 1 : 0, more: false }
}
