/** Diagnoses of reported failures, completed with stored facts about the account. */
import type { DiagnosisInput, DiagnosisResult, Evidence } from '../../../schema/diagnosis.ts'
import { OneTenant } from '../../../schema/integration.ts'
import { resourceOf } from '../../../schema/protocols.ts'
import { diagnose, type FixValues, type Report } from '../../diagnosis/diagnose.ts'
import { excludedBy } from '../../diagnosis/excludes.ts'
import { clientIdIn } from '../../diagnosis/parse/values.ts'
import { customerOf } from '../../model/access.ts'
import type { IntegrationRecord } from '../../model/integration.ts'
import type { LoadedMailAccount } from '../../model/loaded-mail-account.ts'
import { invalid, ok, type Result } from '../../model/result.ts'
import type { AppAtTenant } from '../../model/validation.ts'
import type { Call, Services } from '../../services.ts'
import { accountEvidence, loginHistory } from '../failures/evidence.ts'
import { appOnlyEvidence } from '../failures/token.ts'
import { accountValues, appValues } from '../failures/values.ts'
import { fingerprint } from '../mail-accounts/fingerprint.ts'
import { readAgain } from './second-reader.ts'

/** Diagnoses a report. The caller's statements take precedence over stored facts. */
export async function createDiagnosis(
  services: Services,
  call: Call,
  { mail_account_id: id, evidence, second_reader: isRequested = false, ...report }: DiagnosisInput,
): Promise<Result<DiagnosisResult>> {
  const { store, settings } = services
  const [account, integration] = await Promise.all([
    id === undefined ? null : store.mailAccounts.read(id, call.accessScope),
    store.integrations.read(),
  ])
  const defaults = ownValues(integration, { ...report, evidence }, settings, account !== null)
  const response = async (complete: Report, values: FixValues) => {
    const diagnosis = diagnose(complete, values, defaults)
    const second_reader = await readAgain(services, call, complete, diagnosis, {
      isRequested,
      customer: account?.customer ?? customerOf(call.accessScope),
    })
    return ok({ ...diagnosis, excludes: excludedBy(diagnosis), second_reader })
  }
  if (id === undefined) return response({ ...report, evidence }, {})
  if (!account) return invalid('/mail_account_id', { issue: 'unknown_mail_account', id })
  const app = appOfAccount(integration, account)
  const stored = { ...storedEvidence(account, app), ...(await history(services, account)) }
  const values = {
    ...grantValues(services, account),
    ...(app && appValues(app, settings, 'app_only')),
    ...accountValues(account),
  }
  const known = { ...stored, ...withoutUndefined(evidence) }
  return response({ ...report, evidence: known }, values)
}

/**
 * Returns the settings of the app registration as values for fixes. Every key with the scope `read` may see them.
 * Without an account, and unless the text contains the client ID or the redirect URI, they are returned apart, as
 * `own`, since the error could be another program's. They are left out if the text contains another app's client ID.
 */
function ownValues(
  { clientId, cloud, tenant }: IntegrationRecord,
  { error, evidence }: Pick<DiagnosisInput, 'error' | 'evidence'>,
  settings: Services['settings'],
  hasAccount: boolean,
): FixValues {
  const { urls } = settings
  const named = clientIdIn(error)?.toLowerCase() ?? null
  if (clientId === null || (named !== null && named !== clientId))
    return { causePages: urls.causes }
  const flow = evidence?.flow === 'app_only' ? 'app_only' : 'delegated'
  const stated = OneTenant.safeParse(evidence?.tenant).data
  const values = appValues({ clientId, cloud, tenant: stated ?? tenant }, settings, flow)
  const isNamed = error.toLowerCase().includes(clientId) || error.includes(urls.redirectUri)
  if (hasAccount || isNamed) return values
  const { redirectUri, adminConsentUrl, clientId: ownId, tenant: _, ...cloudValues } = values
  return { ...cloudValues, own: { redirectUri, clientId: ownId, adminConsentUrl } }
}

/** Returns the stored evidence, without the host of an OAuth account, which was checked when it was saved. */
function storedEvidence(account: LoadedMailAccount, app: AppAtTenant | null): Evidence {
  const { host, port, ...known } = accountEvidence(account, account.grant)
  if (account.authentication === 'password') return { host, port, ...known }
  return app ? { ...known, ...appOnlyEvidence(app) } : known
}

/** Returns the app of an app-only account: always the one in the settings. */
const appOfAccount = (
  { clientId, cloud }: IntegrationRecord,
  { tenant, protocol }: LoadedMailAccount,
): AppAtTenant | null =>
  tenant === null ? null : { clientId, cloud, tenant, resource: resourceOf(protocol) }

const withoutUndefined = (evidence: Evidence | undefined): Evidence =>
  Object.fromEntries(Object.entries(evidence ?? {}).filter(([, value]) => value !== undefined))

/** Returns whether the login ever worked, and whether the other protocol works with the same grant. */
async function history(
  { store, settings }: Services,
  account: LoadedMailAccount,
): Promise<Evidence> {
  const login = {
    fingerprint: fingerprint(settings.encryptionKeys, account, null),
    mailAccountId: account.id,
    grantId: account.grantId,
    protocol: account.protocol,
    host: account.host,
  }
  const { workedBefore, otherProtocol } = await loginHistory(store, login, account)
  return {
    ...(workedBefore && { worked_before: true }),
    ...(otherProtocol && { other_protocol: otherProtocol === 'passed' ? 'ok' : 'failed' }),
  }
}

const grantValues = ({ settings }: Services, { grant }: LoadedMailAccount): FixValues =>
  grant
    ? {
        ...appValues({ ...grant, tenant: grant.tenantId }, settings),
        signedInAs: grant.signedInAs,
      }
    : {}
