/** Verification of the client ID and credential by a token request to Entra, without a user. */
import type { WhichCredential } from '../../../schema/credential.ts'
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { isOneTenant, isPersonalTenant, type VerifyResult } from '../../../schema/integration.ts'
import { diagnose, type Report } from '../../diagnosis/diagnose.ts'
import { clouds } from '../../entra/clouds.ts'
import { type IntegrationRecord, speaksForApp } from '../../model/integration.ts'
import { err, ok, type Result } from '../../model/result.ts'
import type { Call, Services } from '../../services.ts'
import { entraFacts, loggedFacts, splitFacts } from '../failures/facts.ts'
import { judgeFailure } from '../failures/failures.ts'
import { appValues } from '../failures/values.ts'
import { problemDetail, recordAppAcceptance, recordAppRefusal } from './app-problem.ts'
import { openAppCredential } from './credential.ts'

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
  const settings = await store.integrations.readWithCredentials()
  const opened = await openAppCredential(services, settings, which)
  const { integration: record, credential, refusal } = opened
  const stored = which === 'next' ? record.nextCredential : record.credential
  if (record.clientId === null || stored === null) {
    return err(
      which === 'next'
        ? { reason: 'next_credential_missing', expiredAt: null }
        : { reason: 'integration_not_configured' },
    )
  }
  if (credential === null) return result('failed', refusal)
  const authorityTenant = tenant ?? ownTenant(record)
  if (stored.type === 'federated' && tenant === undefined && isPersonalTenant(record.tenant)) {
    return result('inconclusive', PERSONAL_ACCOUNTS_UNKNOWN)
  }
  if (authorityTenant === null) {
    return result(
      'inconclusive',
      'Entra can verify an app only in a specific tenant. Enter the home tenant (the Directory (tenant) ID of the app registration) and verify again.',
    )
  }
  const isOwn = speaksForApp(authorityTenant, record)
  const token = await entra.clientCredentials({
    authority: entra.authority(record.cloud, authorityTenant),
    auth: credential.auth,
    scope: clouds[record.cloud].appOnlyScope,
    now: services.now(),
  })
  if (token.ok) {
    if (which === 'current') {
      await store.integrations.markVerified(record.version, services.now())
      await recordAppAcceptance(services, call, record, isOwn)
    }
    const detail = `Entra accepts the client ID and the credential at ${authorityTenant}.`
    return result(
      'passed',
      stored.type === 'federated' && maySignInPersonally(record)
        ? `${detail} ${PERSONAL_ACCOUNTS_UNKNOWN}`
        : detail,
    )
  }
  services.log('warn', 'verification_failed', loggedFacts(token.failure))
  const facts = entraFacts(token.failure, 'client_credentials', credential)
  const { evidence, ...read } = splitFacts(facts)
  // Not judged like app-only access to mail, since the owner says that the app is registered in this tenant.
  const report: Report = {
    protocol: 'token',
    error: '',
    ...read,
    evidence: { ...evidence, tenant: authorityTenant },
  }
  const judgement = judgeFailure(report, { isOwn: true, repeat: 'verification' })
  const judged = { ...judgement, facts }
  const diagnosis = diagnose(
    report,
    appValues({ ...record, tenant: authorityTenant }, services.settings),
  )
  if (which === 'current' && (isOwn || !judged.perTenant)) {
    await recordAppRefusal(services, call, record, judged)
  }
  if (judged.problem === 'credential_rejected') {
    return result('failed', judged.detail, diagnosis)
  }
  return result(
    'inconclusive',
    problemDetail(services, judged),
    diagnosis.verdict === 'unknown' ? null : diagnosis,
  )
}

/** Returns the app's own tenant, or null, since client credentials require a specific one. */
export const ownTenant = ({
  homeTenant,
  tenant,
}: Pick<IntegrationRecord, 'homeTenant' | 'tenant'>): string | null =>
  homeTenant ?? (isOneTenant(tenant) ? tenant : null)

const maySignInPersonally = ({ tenant, cloud }: IntegrationRecord): boolean =>
  (tenant === 'common' || isPersonalTenant(tenant)) && clouds[cloud].personalAccounts

/** Entra cannot verify a federated credential for personal accounts, which have no client credentials. */
const PERSONAL_ACCOUNTS_UNKNOWN =
  'Microsoft does not say whether it accepts a federated credential for personal accounts. Only a sign-in or a refresh of such an account shows it.'
