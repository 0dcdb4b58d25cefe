/** Verification of the client ID and credential by a token request to Entra, without a user. */
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
import { CREDENTIAL_DAMAGED, clientAuthFor } from './credential.ts'
import { recordCredentialAcceptance, recordCredentialRejection } from './credential-state.ts'

const result = (
  outcome: VerifyResult['outcome'],
  detail: string,
  diagnosis: Diagnosis | null = null,
): Result<VerifyResult> => ok({ outcome, detail, diagnosis })

/** Requests a token with the credential and discards it. */
export async function verifyCredential(
  services: Services,
  call: Call,
  which: WhichCredential,
  tenant: string | undefined,
): Promise<Result<VerifyResult>> {
  const { store, entra } = services
  const { integration: record, credential } = await store.integrations.readWithCredential(which)
  const stored = which === 'next' ? record.nextCredential : record.credential
  if (stored !== null && credential === null) return result('failed', CREDENTIAL_DAMAGED)
  if (record.clientId === null || credential === null) {
    return refuse(
      which === 'next'
        ? { reason: 'next_credential_missing', expiredAt: null }
        : { reason: 'integration_not_configured' },
    )
  }
  const authorityTenant = tenant ?? ownTenant(record)
  if (authorityTenant === null) {
    return result(
      'inconclusive',
      'Entra can verify an app only in a specific tenant. Enter the home tenant (the Directory (tenant) ID of the app registration) and verify again.',
    )
  }
  const token = await entra.clientCredentials({
    authority: entra.authority(record.cloud, authorityTenant),
    auth: clientAuthFor(services, record.clientId, credential),
    scope: clouds[record.cloud].appOnlyScope,
    now: services.now(),
  })
  if (token.ok) {
    if (which === 'current') {
      await store.integrations.markVerified(record.version, services.now())
      if (record.credentialRejected)
        await recordCredentialAcceptance(services, call, record.version)
    }
    return result('passed', `Entra accepts the client ID and the credential at ${authorityTenant}.`)
  }
  const facts = entraFacts(token.failure, 'client_credentials', credential)
  const { evidence, ...read } = splitFacts(facts)
  // Not reported as app-only access to mail: according to its owner, the app is registered here.
  const report: Report = {
    protocol: 'token',
    error: '',
    ...read,
    evidence: { ...evidence, tenant: authorityTenant },
  }
  const { effect, detail } = judgeFailure(report, { elsewhere: false, repeat: 'verification' })
  const diagnosis = diagnose(
    report,
    appValues({ ...record, tenant: authorityTenant }, services.settings),
  )
  if (effect !== 'credential_rejected') {
    return result('inconclusive', detail, diagnosis.verdict === 'unknown' ? null : diagnosis)
  }
  // A wrong tenant says nothing about the credential, so only the app's own tenant counts.
  if (which === 'current' && authorityTenant === ownTenant(record))
    await recordCredentialRejection(services, call, record.version, detail, facts)
  return result('failed', detail, diagnosis)
}

/** Returns the app's own tenant, or null: client credentials require a specific one. */
const ownTenant = ({ homeTenant, tenant }: IntegrationRecord): string | null =>
  homeTenant ?? (isOneTenant(tenant) ? tenant : null)
