/**
 * Replaces a certificate that Mailgrant generated, if the operator allows it: makes the next one in time,
 * announces it, and promotes it once Entra accepts it. The upload is up to people, since Mailgrant has no
 * permission to change the app registration, and should have none.
 */
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../schema/durations.ts'
import type { CredentialFacts, IntegrationRecord, Replacement } from '../../model/integration.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import { generateCertificate, loadCredentials } from '../integration/credential.ts'
import { isDueForReplacement } from '../integration/credential-expiry.ts'
import { replacementWaiting } from '../integration/replacement.ts'
import { verifyCredential } from '../integration/verify.ts'
import type { Budget, Outcome } from './budget.ts'

/** Queries of one run at most. */
const COST = 8

/** Pause between two attempts, on the first day and later. */
const FIRST_PAUSE_MS = 15 * MINUTE_MS
const PAUSE_MS = HOUR_MS
/**
 * Time between two acceptances that promote it: Entra copies a new certificate to its servers within
 * minutes, and those that lack it would refuse the app.
 */
const CONFIRM_MS = 5 * MINUTE_MS

const ID = 'microsoft'

export async function replaceCertificate(
  services: Services,
  call: Call,
  budget: Budget,
  integration: IntegrationRecord,
): Promise<Outcome> {
  const { credential, nextCredential, replacement } = integration
  const nothing = { count: 0, more: false }
  if (!integration.replaceCertificate || integration.clientId === null) return nothing
  const isDue = isDueForReplacement(credential, services.now())
  if (nextCredential !== null && replacement === null) return nothing
  if (nextCredential === null && !isDue) return nothing
  if (!budget.take(COST)) return { count: 0, more: true }
  if (nextCredential === null || replacement === null) {
    return { count: await makeNext(services, call, integration), more: false }
  }
  // An admin has replaced the current one meanwhile.
  if (!isDue) {
    const event = newEvent(services, call, 'integration.next_credential_removed', ID)
    const removed = await services.store.integrations.removeReplacement(nextCredential.hint, event)
    return { count: removed ? 1 : 0, more: false }
  }
  return {
    count: await tryNext(services, call, integration, nextCredential, replacement),
    more: false,
  }
}

/** Stores the next certificate, with the lifetime of the current one, and announces it. Returns how many. */
async function makeNext(
  services: Services,
  call: Call,
  integration: IntegrationRecord,
): Promise<number> {
  const { credential, version } = integration
  if (!credential?.expiresAt || credential.lifetimeDays === null) return 0
  const now = services.now()
  const next = await generateCertificate(services, credential.lifetimeDays)
  const left = credential.expiresAt.getTime() - now.getTime()
  const event = newEvent(services, call, 'integration.certificate_replacement_waiting', ID, {
    thumbprint_sha256: next.hint,
    expires_at: credential.expiresAt.toISOString(),
    days_left: Math.max(0, Math.ceil(left / DAY_MS)),
    detail: replacementWaiting(integration),
  })
  const added = await services.store.integrations.addReplacement(version, next, now, event)
  return added ? 1 : 0
}

/** Asks Entra, unless it was asked lately, whether it accepts the certificate. Returns 1 if it is now in use. */
async function tryNext(
  services: Services,
  call: Call,
  { version }: IntegrationRecord,
  next: CredentialFacts,
  replacement: Replacement,
): Promise<number> {
  const { integrations } = services.store
  const now = services.now()
  const before = new Date(now.getTime() - pauseAfter(replacement, now))
  if (!(await integrations.claimReplacementAttempt(next.hint, now, before))) return 0
  const settings = await loadCredentials(services)
  const verified = await verifyCredential(services, call, 'next', undefined, settings)
  if (!verified.ok) return 0
  const { outcome, detail } = verified.value
  if (outcome !== 'passed' || replacement.outcome !== 'passed') {
    await integrations.recordReplacementAttempt(next.hint, { outcome, detail })
    return 0
  }
  const event = newEvent(services, call, 'integration.certificate_replaced', ID, {
    thumbprint_sha256: next.hint,
    expires_at: next.expiresAt?.toISOString() ?? null,
  })
  const promoted = await integrations.promoteNextCredential(version, event, next.hint)
  return promoted ? 1 : 0
}

/** Returns the pause since the last attempt. An outage or a throttled call is given an hour, too. */
function pauseAfter({ madeAt, outcome }: Replacement, now: Date): number {
  if (outcome === 'passed') return CONFIRM_MS
  const isFirstDay = now.getTime() - madeAt.getTime() < DAY_MS
  return isFirstDay && outcome !== 'inconclusive' ? FIRST_PAUSE_MS : PAUSE_MS
}
