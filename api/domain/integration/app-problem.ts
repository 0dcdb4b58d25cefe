/** Microsoft's verdict on the app, recorded with the integration: one place for whatever request it answers. */
import type { FailureFacts } from '../../../schema/failure.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import type { Call, Services } from '../../services.ts'
import { newEvent } from '../events.ts'
import type { JudgedFailure } from '../failures.ts'

/**
 * Records what a failure says about the app. Returns the problem with a sentence for the operator, null if it
 * says nothing. `integration`: the settings that the request was made with.
 */
export async function recordRefusal(
  services: Services,
  call: Call,
  { version }: Pick<IntegrationRecord, 'version'>,
  judged: JudgedFailure,
): Promise<{ code: 'credential_rejected' | 'issuer_unreachable'; detail: string } | null> {
  const { problem: code, facts } = judged
  if (code === null) return null
  const detail = problemDetail(services, judged)
  const event = newEvent(services, call, `integration.${code}`, 'microsoft', { detail })
  const rejected = { code, at: services.now(), detail, facts }
  await services.store.integrations.markCredentialRejected(version, rejected, event)
  return { code, detail }
}

/** Records that Microsoft accepted the app, with an event if it was refused before. */
export async function recordAcceptance(
  services: Services,
  call: Call,
  { credentialRejected, version }: IntegrationRecord,
): Promise<void> {
  if (!credentialRejected) return
  const event = newEvent(services, call, 'integration.credential_accepted', 'microsoft')
  await services.store.integrations.markCredentialAccepted(version, event)
}

/** Returns the sentence for the operator about a failure that concerns the app. */
export const problemDetail = (
  { settings }: Pick<Services, 'settings'>,
  { problem, detail, facts }: Pick<JudgedFailure, 'problem' | 'detail' | 'facts'>,
): string => (problem === 'issuer_unreachable' ? issuerUnreachable(settings, facts) : detail)

const issuerUnreachable = (
  { publicUrl }: Pick<Services['settings'], 'publicUrl'>,
  { aadsts }: FailureFacts,
): string =>
  `Microsoft could not read the OpenID configuration of Mailgrant at PUBLIC_URL, ${publicUrl}, or the key set that it names (AADSTS${aadsts}). Make sure that both can be reached from the internet over HTTPS, with a trusted certificate and without a login. It will be retried automatically.`
