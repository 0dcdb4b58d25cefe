/** The integration: its switch and its problems. */
import { DAY_MS } from '../../../schema/durations.ts'
import type { Integration, IntegrationProblem } from '../../../schema/integration.ts'
import type { Protocol } from '../../../schema/mail-servers.ts'
import { resourceOf } from '../../../schema/protocols.ts'
import { type IntegrationRecord, SETTINGS_DAMAGED } from '../../model/integration.ts'
import type { Reason, SignInFailure } from '../../model/reason.ts'
import { err, ok, type Result, refuseToken } from '../../model/result.ts'
import { nullIfKeyMissing } from '../../model/storage.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { expiresSoon } from './credential.ts'
import { issuerChanged, otherIssuerOf } from './federated.ts'
import { lastingOutage } from './outage.ts'

/** Lifetime of an unused refresh token at Microsoft. */
const IDLE_LIFETIME_MS = 90 * DAY_MS
/** Unused time of a grant above which admins are warned. */
const IDLE_WARNING_MS = 60 * DAY_MS

export const inactive = refuseToken(
  'integration_inactive',
  'The Microsoft integration is switched off. No data is lost. Your Mailgrant administrator can activate it in the Microsoft settings.',
)

/**
 * Returns the public view of the integration, which contains no setting. `problems` is empty while sign-ins and
 * refreshes work.
 */
export async function readIntegration(services: Services): Promise<Integration> {
  const now = services.now()
  const [record, idleSince] = await Promise.all([
    services.store.integrations.read(),
    services.store.grants.readIdleSince(),
  ])
  const { publicUrl } = services.settings
  const isIntact = await record.isIntact().catch(nullIfKeyMissing)
  return {
    id: 'microsoft',
    name: 'Microsoft',
    status: record.active ? 'active' : 'inactive',
    configured: isConfigured(record),
    verified_at: record.verifiedAt?.toISOString() ?? null,
    problems: integrationProblems(record, { isIntact, idleSince, publicUrl }, now),
  }
}

/** Switches the integration on or off. Idempotent: only a change writes an event. */
export async function setActive(
  services: Services,
  call: Call,
  active: boolean,
): Promise<Integration> {
  const { integrations } = services.store
  const before = await integrations.read()
  if (before.active !== active) {
    const type = active ? 'integration.activated' : 'integration.deactivated'
    await integrations.setActive(active, newEvent(services, call, type, 'microsoft'))
  }
  return readIntegration(services)
}

/** Refusal of a grant that was issued to another app than the one in the settings. */
export const orphaned = refuseToken(
  'reconnect_required',
  'The app registration was changed. Sign in again to reconnect.',
)

const damaged = refuseToken('credential_rejected', SETTINGS_DAMAGED)

/**
 * Returns the refusal of a grant that was issued to another app than that of these settings, or if they are damaged,
 * the refusal for that reason. Throws KeyMissing.
 */
export const refuseOtherApp = async (integration: IntegrationRecord) =>
  (await integration.isIntact()) ? orphaned : damaged

/** Returns true if a grant or token was issued to another client or in another cloud than that of the settings. */
export const isFromOtherApp = (
  issuedTo: Pick<IntegrationRecord, 'clientId' | 'cloud'>,
  { clientId, cloud }: Pick<IntegrationRecord, 'clientId' | 'cloud'>,
) => issuedTo.clientId !== clientId || issuedTo.cloud !== cloud

/** Integration with an app registration. */
export type Registered = IntegrationRecord & { clientId: string }

export const isConfigured = (record: IntegrationRecord): record is Registered =>
  record.clientId !== null && record.credential !== null

type Findings = {
  /** False if the settings are damaged. Null while the key of the credential is missing, which /readyz reports. */
  isIntact: boolean | null
  /** Last use of the grant that has been idle longest. */
  idleSince: Date | null
  /** URL of this deployment, which is the issuer of a federated credential. */
  publicUrl: string
}

function integrationProblems(
  record: IntegrationRecord,
  { isIntact, idleSince, publicUrl }: Findings,
  now: Date,
): IntegrationProblem[] {
  const problems: IntegrationProblem[] = []
  if (record.active && !isConfigured(record)) {
    problems.push({
      code: 'not_configured',
      detail: 'Enter the client ID and the credential of the app registration.',
    })
  }
  if (isConfigured(record) && isIntact === false) {
    problems.push({ code: 'settings_damaged', detail: SETTINGS_DAMAGED })
  }
  const { expiresAt: expires, type } = record.credential ?? {}
  if (record.credential && expires && expiresSoon(record.credential, now)) {
    const day = expires.toISOString().slice(0, 10)
    const [credential, action] =
      type === 'certificate'
        ? ['certificate', 'Add a new one as the next credential, upload it to Entra and promote it']
        : ['client secret', 'Create a new one at Entra and enter it']
    problems.push(
      expires <= now
        ? { code: 'secret_expired', detail: `The ${credential} expired on ${day}. ${action}.` }
        : {
            code: 'secret_expiring',
            detail: `The ${credential} expires on ${day}. ${action} before then.`,
          },
    )
  }
  // No warning for a rejected secret, which has to be replaced anyway.
  if (type === 'client_secret' && !expires && record.appProblem?.code !== 'credential_rejected') {
    problems.push({
      code: 'secret_expiry_unknown',
      detail:
        'Mailgrant cannot warn you before the client secret expires. Look up its expiry date in Entra under "Certificates & secrets", and enter it in the settings.',
    })
  }
  const otherIssuer = otherIssuerOf(record.credential, { publicUrl })
  if (otherIssuer !== null) {
    problems.push({ code: 'issuer_changed', detail: issuerChanged(otherIssuer, publicUrl) })
  }
  if (record.appProblem) {
    const { code, detail } = record.appProblem
    problems.push({ code, detail })
  }
  const outage = lastingOutage(record)
  if (outage) problems.push(outage)
  if (idleSince && now.getTime() - idleSince.getTime() > IDLE_WARNING_MS) {
    const day = new Date(idleSince.getTime() + IDLE_LIFETIME_MS).toISOString().slice(0, 10)
    problems.push({
      code: 'grants_idle',
      detail: `Some sign-ins have not been used for 60 days. Microsoft expires unused sign-ins after 90 days, the first on ${day}.`,
    })
  }
  return problems
}

export const appRegistrationChanged: SignInFailure = {
  code: 'sign_in_refused',
  detail: 'The app registration was changed during the sign-in. Start again.',
}

export const integrationDeactivated: SignInFailure = {
  code: 'integration_inactive',
  detail:
    'The Microsoft integration was switched off during the sign-in. Your Mailgrant administrator can activate it again.',
}

/**
 * Returns the protocols that a sign-in requests, or an error if one is not enabled. By default, these are the enabled
 * protocols of mail servers, or if there are none, all enabled ones.
 */
export function enabledProtocols(
  { protocols: enabled }: Pick<IntegrationRecord, 'protocols'>,
  asked?: readonly Protocol[],
): Result<Protocol[]> {
  const disabled = asked?.find((protocol) => !enabled.includes(protocol))
  if (disabled) return err({ reason: 'protocol_not_enabled', protocol: disabled })
  if (asked) return ok([...asked])
  const usual = enabled.filter((protocol) => resourceOf(protocol) === 'outlook')
  return ok(usual.length > 0 ? usual : [...enabled])
}

/** Returns why no sign-in may start, or null. Throws KeyMissing. */
export async function signInBlockedReason(integration: IntegrationRecord): Promise<Reason | null> {
  return integration.active ? settingsBlockedReason(integration) : inactive.error
}

/** Returns why people must not be sent to Microsoft with the app in the settings, or null. Throws KeyMissing. */
export async function settingsBlockedReason(
  integration: IntegrationRecord,
): Promise<Reason | null> {
  if (!isConfigured(integration)) return { reason: 'integration_not_configured' }
  return (await integration.isIntact()) ? null : { reason: 'settings_damaged' }
}
