/** Diagnoses: the report of a failure, completed with what is known about the account. */
import type { Diagnosis, DiagnosisInput, Evidence } from '../../schema/diagnosis.ts'
import { diagnose, type FixValues } from '../diagnosis/diagnose.ts'
import type { GrantRecord } from '../model/grant.ts'
import type { LoadedMailAccount } from '../model/loaded-mail-account.ts'
import { invalid, ok, type Result } from '../model/result.ts'
import type { AppAtTenant } from '../model/validation.ts'
import type { Call, Services } from '../services.ts'
import { appOnlyEvidence } from './diagnosing/app-token.ts'
import { accountEvidence } from './diagnosing/evidence.ts'
import { loginHistory } from './diagnosing/history.ts'
import { accountValues, appValues } from './diagnosing/values.ts'
import { fingerprint } from './mail-accounts/fingerprint.ts'

/** What the caller states wins over what is stored. */
export async function createDiagnosis(
  services: Services,
  call: Call,
  { mail_account_id: id, evidence, ...report }: DiagnosisInput,
): Promise<Result<Diagnosis>> {
  if (id === undefined) return ok(diagnose({ ...report, evidence }))
  const account = await services.store.mailAccounts.read(id, call.accessScope)
  if (!account) return invalid('/mail_account_id', { issue: 'unknown_mail_account', id })
  const app = await appOf(services, account)
  const stored = { ...knownOf(account, app), ...(await history(services, account)) }
  const values = {
    ...grantValues(services, account.grant),
    ...(app && appValues(app, services.settings)),
    ...accountValues(account),
  }
  return ok(diagnose({ ...report, evidence: { ...stored, ...given(evidence) } }, values))
}

/** An OAuth account names only servers that are meant for tokens: its host is never the wrong one. */
function knownOf(account: LoadedMailAccount, app: AppAtTenant | null): Evidence {
  const { host, port, ...known } = accountEvidence(account, account.grant)
  if (account.authentication === 'password') return { host, port, ...known }
  return app ? { ...known, ...appOnlyEvidence(app) } : known
}

/** An app-only account belongs to whatever app is in the settings. */
async function appOf({ store }: Services, { tenant }: LoadedMailAccount) {
  if (tenant === null) return null
  const { clientId, cloud } = await store.integrations.read()
  return { clientId, cloud, tenant }
}

const given = (evidence: Evidence | undefined): Evidence =>
  Object.fromEntries(Object.entries(evidence ?? {}).filter(([, value]) => value !== undefined))

/** Whether it ever worked, and how the other protocol fares with the same grant. */
async function history({ store, settings }: Services, account: LoadedMailAccount) {
  const login = {
    fingerprint: await fingerprint(settings.encryptionKeys, account, null),
    mailAccountId: account.id,
    grantId: account.grantId,
    protocol: account.protocol,
    host: account.host,
  }
  const { workedBefore, otherProtocol } = await loginHistory(store, login, account)
  const known: Evidence = {
    ...(workedBefore && { worked_before: true }),
    ...(otherProtocol && { other_protocol: otherProtocol === 'passed' ? 'ok' : 'failed' }),
  }
  return known
}

const grantValues = ({ settings }: Services, grant: GrantRecord | null): FixValues =>
  grant
    ? { ...appValues({ ...grant, tenant: grant.tenantId }, settings), signedInAs: grant.signedInAs }
    : {}
