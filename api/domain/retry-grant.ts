/** Asking Microsoft for a grant out of turn, as after an administrator's repair. */
import type { Grant } from '../../schema/grant.ts'
import { isGone } from '../model/grant.ts'
import type { TokenRefusalCode } from '../model/reason.ts'
import { ok, type Result, refuse } from '../model/result.ts'
import type { Call, Services } from '../services.ts'
import { withDiagnosis } from './diagnosis-inputs/grant.ts'
import { grantView } from './grants.ts'
import { inactive, isFromOtherApp, refuseOtherApp } from './integration/integration.ts'
import { askableAt, secondsUntil } from './tokens/decide.ts'
import { grantToken } from './tokens/delegated.ts'

const VERDICTS: readonly TokenRefusalCode[] = ['grant_blocked', 'reconnect_required']

const noSuchGrant = refuse({ reason: 'not_found', resource: 'grant' })

/**
 * Refreshes the grant whatever its status, at most once a minute, and returns it. Refuses if Microsoft gave
 * no verdict on this grant: it fails, or rejects the credential.
 */
export async function retryGrant(
  services: Services,
  call: Call,
  id: string,
): Promise<Result<Grant>> {
  const { grants, integrations } = services.store
  const now = services.now()
  const [visible, grant, integration] = await Promise.all([
    grants.read(id, call.accessScope),
    grants.readWithToken(id),
    integrations.read(),
  ])
  if (!visible || !grant || isGone(grant, now)) return noSuchGrant
  if (!integration.active) return inactive
  if (isFromOtherApp(grant, integration)) return refuseOtherApp(integration)
  const pausedUntil = askableAt(grant, now)
  if (pausedUntil) {
    return refuse({ reason: 'asked_recently', retryAfter: secondsUntil(pausedUntil, now) })
  }
  const demand = { rejected: null, atOnce: true }
  const token = await grantToken(services, call, grant, integration, demand)
  const after = await grants.read(id, call.accessScope)
  if (!after) return noSuchGrant
  const isJudged = token.ok || VERDICTS.includes(token.error.code) || after.state === 'cooling_down'
  return isJudged
    ? ok(grantView(after, services.settings))
    : { ok: false, error: withDiagnosis(token.error, grant, services.settings) }
}
