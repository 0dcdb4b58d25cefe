/** Diagnoses: the report of a failure, completed with what is known about the account. */
import type { Diagnosis, DiagnosisInput, Evidence, Stage } from '../../schema/diagnosis.ts'
import type { Protocol } from '../../schema/mail-servers.ts'
import { diagnose, type FixValues, type Report } from '../diagnosis/diagnose.ts'
import type { TokenFacts } from '../entra/access-token.ts'
import { clouds } from '../entra/clouds.ts'
import type { EntraFailure } from '../entra/errors.ts'
import { mailScopes } from '../entra/scopes.ts'
import { ok, type Result } from '../result.ts'
import type { Services } from '../services.ts'
import type { GrantRecord } from '../store/grant-record.ts'
import type { MailAccountInHand, MailAccountValues } from '../store/mail-accounts.ts'
import { field } from './mail-server-rules.ts'
import { redirectUri } from './redirect-uris.ts'

type Account = Pick<
  MailAccountValues,
  'protocol' | 'host' | 'port' | 'security' | 'username' | 'delegate' | 'from' | 'authentication'
>

/** What the caller states wins over what is stored. */
export async function createDiagnosis(
  services: Services,
  { mail_account_id: id, evidence, ...report }: DiagnosisInput,
): Promise<Result<Diagnosis>> {
  if (id === undefined) return ok(diagnose({ ...report, evidence }, productValues(services, null)))
  const account = await services.store.mailAccounts.read(id)
  if (!account) return field('/mail_account_id', 'no such mail account')
  const stored = {
    ...accountEvidence(account, account.grant),
    ...(await history(services, account)),
  }
  const values = { ...productValues(services, account.grant), ...accountValues(account) }
  return ok(diagnose({ ...report, evidence: { ...stored, ...given(evidence) } }, values))
}

const given = (evidence: Evidence | undefined): Evidence =>
  Object.fromEntries(Object.entries(evidence ?? {}).filter(([, value]) => value !== undefined))

/**
 * What the product knows about a login without asking anybody. `token` is what the access token that
 * was used says of itself, where it can be read; only then its expiry counts.
 */
export function accountEvidence(
  account: Account,
  grant: GrantRecord | null,
  token: { facts: TokenFacts | null; now: Date } | null = null,
): Evidence {
  const { host, port, security, username, delegate } = account
  const server = { host, port, security, username }
  if (account.authentication === 'password') return { ...server, mechanism: 'login' }
  if (!grant) return { ...server, mechanism: 'xoauth2' }
  const facts = token?.facts ?? null
  const signedInAs = facts?.username ?? grant.signedInAs
  const own = signedInAs.toLowerCase() === username.toLowerCase()
  return {
    ...server,
    ...grantEvidence(grant),
    flow: facts?.appOnly ? 'app_only' : 'delegated',
    mechanism: 'xoauth2',
    signed_in_as: signedInAs,
    // Nobody signs in as a shared mailbox; a delegate is named for one.
    ...(own ? { shared_mailbox: false } : delegate !== null && { shared_mailbox: true }),
    ...(facts?.audience && { token_audience: facts.audience }),
    ...(facts?.permissions && { token_scopes: facts.permissions }),
    ...(facts?.expiresAt && token && { token_expired: facts.expiresAt <= token.now }),
  }
}

/** What the sign-in asked for and was granted: the answer stated it with its resource. */
export function grantEvidence(grant: GrantRecord): Evidence {
  const granted = mailScopes(grant.cloud, grant.protocols).filter((scope) => scope.includes('/'))
  return {
    account_type: grant.accountType,
    tenant: grant.tenantId,
    requested_scope: grant.scopes.join(' '),
    token_scopes: granted.join(' '),
    signed_in_as: grant.signedInAs,
  }
}

/** Whether it ever worked, and how the other protocol fares with the same grant. */
async function history(services: Services, account: MailAccountInHand): Promise<Evidence> {
  const worked = account.lastValidation?.outcome === 'passed' && { worked_before: true }
  if (account.grantId === null) return { ...worked }
  const protocol: Protocol = account.protocol === 'imap' ? 'smtp' : 'imap'
  const { data } = await services.store.mailAccounts.list({
    grant_id: account.grantId,
    protocol,
    limit: 20,
  })
  const other = data.find(({ lastValidation }) => lastValidation !== null)?.lastValidation
  const fared = { passed: 'ok', failed: 'failed', inconclusive: undefined } as const
  return { ...worked, ...(other && { other_protocol: fared[other.outcome] }) }
}

/** A refusal of the login host. Its kind, number and error are all that is kept of it. */
export function entraReport(failure: EntraFailure, stage: Stage, evidence: Evidence = {}): Report {
  const protocol = stage === 'authorize' || stage === 'callback' ? 'authorize' : 'token'
  if (failure.kind !== 'refused') {
    const { kind } = failure
    return { protocol, stage, error: '', evidence, facts: { kind, aadsts: numberOf(failure) } }
  }
  const { error, aadsts, suberror } = failure.refusal
  return {
    protocol,
    stage,
    error: '',
    evidence,
    facts: { kind: 'refused', oauth_error: error, aadsts, suberror },
  }
}

const numberOf = (failure: EntraFailure) => ('aadsts' in failure ? failure.aadsts : null)

/** Values of the product's own app, for the texts, links and commands of fixes. */
export function productValues({ settings }: Services, grant: GrantRecord | null): FixValues {
  if (!grant) return {}
  const { portal, login, scopePrefix, appOnlyScope } = clouds[grant.cloud]
  return {
    clientId: grant.clientId,
    tenant: grant.tenantId,
    signedInAs: grant.signedInAs,
    redirectUri: redirectUri(settings.publicUrl),
    portal,
    login,
    scopePrefix,
    appOnlyScope,
  }
}

export const accountValues = (account: Account): FixValues => ({
  mailbox: account.username,
  delegate: account.delegate ?? undefined,
  from: account.from ?? undefined,
  host: account.host,
  port: account.port,
})
