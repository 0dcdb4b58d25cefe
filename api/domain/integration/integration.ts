/** The integration's switch, and what is wrong with it. */
import { DAY_MS } from '../../../schema/durations.ts'
import type { Integration, IntegrationProblem } from '../../../schema/integration.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import { refuseToken } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'

/** Admins are warned this long before a client secret or certificate ends. */
const EXPIRY_WARNING_MS = 30 * DAY_MS
/** Microsoft ends a refresh token after 90 unused days; the warning comes a month before. */
const IDLE_WARNING_MS = 60 * DAY_MS

export const inactive = refuseToken(
  'integration_inactive',
  'The Microsoft integration is switched off. Nothing is lost: activate it and try again.',
)

export async function readIntegration(services: Services): Promise<Integration> {
  const [record, idleSince] = await Promise.all([
    services.store.integrations.read(),
    services.store.grants.idleSince(),
  ])
  return integrationView(record, idleSince, services.now())
}

/** Idempotent: an event is written only when the switch moves. */
export async function setActive(
  services: Services,
  call: Call,
  active: boolean,
): Promise<Integration> {
  const { active: before } = await services.store.integrations.read()
  if (before !== active) {
    const type = active ? 'integration.activated' : 'integration.deactivated'
    await services.store.integrations.setActive(active, newEvent(services, call, type, 'microsoft'))
  }
  return readIntegration(services)
}

/** Refusal of a grant that belongs to another app than the settings name. */
export const orphaned = refuseToken(
  'reconnect_required',
  'The app registration was changed. Sign in again to reconnect.',
)

/** Returns whether it belongs to another client or cloud than the settings name. */
export const isFromOtherApp = (
  made: Pick<IntegrationRecord, 'clientId' | 'cloud'>,
  { clientId, cloud }: Pick<IntegrationRecord, 'clientId' | 'cloud'>,
) => made.clientId !== clientId || made.cloud !== cloud

export const isConfigured = (record: IntegrationRecord) =>
  record.clientId !== null && record.credential !== null

function integrationView(
  record: IntegrationRecord,
  idleSince: Date | null,
  now: Date,
): Integration {
  return {
    id: 'microsoft',
    name: 'Microsoft',
    status: record.active ? 'active' : 'inactive',
    configured: isConfigured(record),
    problems: integrationProblems(record, idleSince, now),
  }
}

function integrationProblems(
  record: IntegrationRecord,
  idleSince: Date | null,
  now: Date,
): IntegrationProblem[] {
  const problems: IntegrationProblem[] = []
  if (record.active && !isConfigured(record)) {
    problems.push({
      code: 'not_configured',
      detail: 'Enter the client ID and the client secret or certificate of the app registration.',
    })
  }
  const { expiresAt: expires, type } = record.credential ?? {}
  if (expires && expires.getTime() - now.getTime() < EXPIRY_WARNING_MS) {
    const day = expires.toISOString().slice(0, 10)
    const [what, next] =
      type === 'certificate'
        ? ['certificate', 'Make a new one, upload it at Entra and take it into use']
        : ['client secret', 'Make a new one at Entra and enter it']
    problems.push(
      expires <= now
        ? { code: 'secret_expired', detail: `The ${what} ended on ${day}. ${next}.` }
        : { code: 'secret_expiring', detail: `The ${what} ends on ${day}. ${next} before.` },
    )
  }
  if (record.credentialRejected) {
    problems.push({ code: 'credential_rejected', detail: record.credentialRejected.detail })
  }
  if (idleSince && now.getTime() - idleSince.getTime() > IDLE_WARNING_MS) {
    const end = new Date(idleSince.getTime() + 90 * DAY_MS).toISOString().slice(0, 10)
    problems.push({
      code: 'grants_idle',
      detail: `Some grants were not used for 60 days. Microsoft ends them after 90, the first on ${end}.`,
    })
  }
  return problems
}
