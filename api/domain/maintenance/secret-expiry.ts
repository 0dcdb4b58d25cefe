/** Warns, once for each step, that the client secret or certificate expires soon or has expired. */
import { DAY_MS } from '../../../schema/durations.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { warningDays } from '../integration/credential-expiry.ts'
import type { Budget, Outcome } from './budget.ts'

export async function warnOfSecretExpiry(
  services: Services,
  call: Call,
  budget: Budget,
  { credential }: IntegrationRecord,
): Promise<Outcome> {
  const nothing = { count: 0, more: false }
  if (!credential?.expiresAt) return nothing
  const left = credential.expiresAt.getTime() - services.now().getTime()
  const step = warningDays(credential).find((days) => left <= days * DAY_MS)
  if (step === undefined) return nothing
  const event = newEvent(
    services,
    call,
    step === 0 ? 'integration.secret_expired' : 'integration.secret_expiring',
    'microsoft',
    {
      expires_at: credential.expiresAt.toISOString(),
      days_left: Math.max(0, Math.ceil(left / DAY_MS)),
    },
  )
  budget.take(2)
  const warned = await services.store.maintenance.markWarned(credential.expiresAt, step, event)
  return { count: warned ? 1 : 0, more: false }
}
