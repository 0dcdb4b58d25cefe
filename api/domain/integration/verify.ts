/** Whether client ID and credential work, asked of Entra without any user. */
import type { WhichCredential } from '../../../schema/credential.ts'
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { isOneTenant, type VerifyResult } from '../../../schema/integration.ts'
import { diagnose, type Report } from '../../diagnosis/diagnose.ts'
import { clouds } from '../../entra/clouds.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import { ok, type Result, refuse } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { entraFacts, splitFacts } from '../diagnosis-inputs/facts.ts'
import { appValues } from '../diagnosis-inputs/values.ts'
import { judgeFailure } from '../failures.ts'
import { clientAuthFor } from './credential.ts'
import { recordCredentialAcceptance, recordCredentialRejection } from './credential-state.ts'

const answer = (
  outcome: VerifyResult['outcome'],
  detail: string,
  diagnosis: Diagnosis | null = null,
): Result<VerifyResult> => ok({ outcome, detail, diagnosis })

/** The token that Entra issues is thrown away. */
export async function verifyCredential(
  services: Services,
  call: Call,
  which: WhichCredential,
  tenant: string | undefined,
): Promise<Result<VerifyResult>> {
  const { store, entra } = services
  const { integration: record, credential } = await store.integrations.readWithCredential(which)
  if (record.clientId === null || credential === null) {
    return refuse(
      which === 'next'
        ? { reason: 'next_credential_missing', expiredAt: null }
        : { reason: 'integration_not_configured' },
    )
  }
  const where = tenant ?? ownTenant(record)
  if (where === null) {
    return answer(
      'inconclusive',
      'Entra checks an app only at one tenant. Enter the home tenant (where the app is registered) and verify again.',
    )
  }
  const token = await entra.clientCredentials({
    authority: entra.authority(record.cloud, where),
    auth: clientAuthFor(services, record.clientId, credential),
    scope: clouds[record.cloud].appOnlyScope,
    now: services.now(),
  })
  if (token.ok) {
    if (which === 'current' && record.credentialRejected)
      await recordCredentialAcceptance(services, call, record.version)
    return answer('passed', `Entra accepts the client ID and the credential at ${where}.`)
  }
  const facts = entraFacts(token.failure, 'client_credentials', credential)
  const { evidence, ...read } = splitFacts(facts)
  // Not stated as app-only access to mail: here the app is at home, or so its owner says.
  const report: Report = {
    protocol: 'token',
    error: '',
    ...read,
    evidence: { ...evidence, tenant: where },
  }
  const { effect, detail } = judgeFailure(report, { elsewhere: false, repeat: 'verification' })
  const diagnosis = diagnose(report, appValues({ ...record, tenant: where }, services.settings))
  if (effect !== 'credential_rejected') {
    return answer('inconclusive', detail, diagnosis.verdict === 'unknown' ? null : diagnosis)
  }
  // A wrong tenant says nothing about the credential elsewhere, so only a known home counts.
  if (which === 'current' && where === ownTenant(record))
    await recordCredentialRejection(services, call, record.version, detail, facts)
  return answer('failed', detail, diagnosis)
}

/** Client credentials do not work at common, organizations or consumers. */
const ownTenant = ({ homeTenant, tenant }: IntegrationRecord): string | null =>
  homeTenant ?? (isOneTenant(tenant) ? tenant : null)
