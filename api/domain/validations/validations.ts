/** Validations: one real login, and the record of what it said. */
import type { MailAccountInput } from '../../../schema/mail-account.ts'
import type { Validation, ValidationInput } from '../../../schema/validation.ts'
import type { LoadedMailAccount } from '../../model/loaded-mail-account.ts'
import type { MailAccountRecord } from '../../model/mail-account.ts'
import { invalid, ok, type Result, refuse } from '../../model/result.ts'
import type { LoginFacts, LoginValues, ValidationRecord } from '../../model/validation.ts'
import type { Call, Services } from '../../services.ts'
import { loginHistory } from '../diagnosis-inputs/history.ts'
import { diagnoseValidation } from '../diagnosis-inputs/login.ts'
import type { Where } from '../diagnosis-inputs/values.ts'
import { newEvent } from '../events.ts'
import { fingerprint, isLoginOf } from '../mail-accounts/fingerprint.ts'
import { loginIdentity } from '../mail-accounts/login-identity.ts'
import { noSuchAccount } from '../mail-accounts/mail-accounts.ts'
import { type MailAccountPlan, planMailAccount } from '../mail-accounts/plan.ts'
import { newId } from '../secrets.ts'
import { LOGIN_DEADLINE_MS, type Login, tryLogin } from './login.ts'
import { tokenReport } from './reports.ts'

/** A form that is not saved yet. `mail_account_id` lends its stored password to the same server. */
export async function validateForm(
  services: Services,
  call: Call,
  { mail_account_id: accountId, ...form }: ValidationInput,
  deadline = LOGIN_DEADLINE_MS,
): Promise<Result<Validation>> {
  if (call.accessScope && !accountId)
    return refuse({ reason: 'key_restricted', permitted: 'own_forms' })
  const stored = accountId
    ? await services.store.mailAccounts.read(accountId, call.accessScope)
    : null
  if (accountId && !stored) {
    return invalid('/mail_account_id', { issue: 'unknown_mail_account', id: accountId })
  }
  return validate(services, call, form, stored, deadline)
}

export async function validateMailAccount(
  services: Services,
  call: Call,
  id: string,
  deadline = LOGIN_DEADLINE_MS,
): Promise<Result<Validation>> {
  const stored = await services.store.mailAccounts.read(id, call.accessScope)
  if (!stored) return noSuchAccount
  if (stored.authentication === 'oauth' && !stored.grant)
    return validateDetached(services, call, stored)
  return validate(services, call, formOf(stored), stored, deadline)
}

export async function readValidation(
  services: Services,
  call: Call,
  id: string,
): Promise<Result<Validation>> {
  const record = await services.store.validations.read(id, call.accessScope)
  return record
    ? ok(validationView(record, services.settings))
    : refuse({ reason: 'not_found', resource: 'validation' })
}

async function validate(
  services: Services,
  call: Call,
  form: MailAccountInput,
  stored: LoadedMailAccount | null,
  deadline: number,
): Promise<Result<Validation>> {
  const started = services.now()
  const planned = await planMailAccount(services, call, form, stored)
  if (!planned.ok) return planned
  const login = await tryLogin(services, call, planned.value, deadline)
  if (!login.ok) return login
  return keep(services, call, planned.value, stored, login.value, started)
}

/** An account whose grant was deleted: there is nothing to log in with, and the result says so. */
async function validateDetached(services: Services, call: Call, stored: LoadedMailAccount) {
  if (!stored.integrationActive) return refuse({ reason: 'integration_inactive' })
  const print = await fingerprint(services.settings.encryptionKeys, stored, null)
  const plan = { values: stored, fingerprint: print, mismatch: null, grant: null, app: null }
  const detail = 'The grant was deleted. Get a new access token and save the account with it.'
  const report = tokenReport({ code: 'reconnect_required', detail })
  if (!report) throw new Error('a grant that is gone must be reportable')
  const login = { report, token: null, other: null, jtis: [] }
  return keep(services, call, plan, stored, login, services.now())
}

/** Returns what a diagnosis of this login needs to know beside its result, or null if it passed. */
async function loginFacts(
  { store }: Services,
  { values, grant, app }: Pick<MailAccountPlan, 'values' | 'grant' | 'app'>,
  { token, other }: Login,
  validation: LoginValues & Pick<ValidationRecord, 'outcome'>,
): Promise<LoginFacts | null> {
  if (validation.outcome === 'passed') return null
  const { username, delegate, from, authentication } = values
  return {
    values: { username, delegate, from, authentication },
    grant: grant && {
      clientId: grant.clientId,
      cloud: grant.cloud,
      tenantId: grant.tenantId,
      accountType: grant.accountType,
      signedInAs: grant.signedInAs,
      scopes: grant.scopes,
      protocols: grant.protocols,
    },
    app,
    token,
    delegateLogin: other && (other.accepted ? 'ok' : 'failed'),
    // Best effort: a failure here must not cost the result.
    history: await loginHistory(store, validation, values).catch(() => null),
  }
}

function warningsOf(
  { values, mismatch }: Pick<MailAccountPlan, 'values' | 'mismatch'>,
  { other }: Login,
): string[] {
  const warnings = mismatch === null ? [] : [mismatch]
  if (!other) return warnings
  const { identity, accepted } = other
  const tried = `The server refused the login as ${loginIdentity(values)}`
  return [
    ...warnings,
    accepted
      ? `${tried}, but let ${identity} in with the same token.`
      : `${tried}, and as ${identity} with the same token too.`,
  ]
}

/** Stores the result, also as the last validation of the account if these are its values. */
async function keep(
  services: Services,
  call: Call,
  plan: Pick<MailAccountPlan, 'values' | 'fingerprint' | 'mismatch' | 'grant' | 'app'>,
  stored: LoadedMailAccount | null,
  login: Login,
  started: Date,
): Promise<Result<Validation>> {
  const { report } = login
  const { protocol, host, port, security, username, grantId } = plan.values
  const checkedAt = services.now()
  const tried = {
    id: newId('validation', services.random),
    mailAccountId: stored?.id ?? null,
    grantId,
    fingerprint: plan.fingerprint,
    ...report,
    protocol,
    host,
    port,
    security,
    identity: loginIdentity(plan.values),
    warnings: warningsOf(plan, login),
    durationMs: checkedAt.getTime() - started.getTime(),
    checkedAt,
  }
  services.log('info', 'validation', {
    ...(call.requestId && { request_id: call.requestId }),
    validation: tried.id,
    ...(stored && { account: stored.id }),
    outcome: report.outcome,
    ...(login.jtis.length > 0 && { jti: login.jtis.join(' ') }),
  })
  const facts = await loginFacts(services, plan, login, tried)
  const record: ValidationRecord = { ...tried, facts, storedDiagnosis: null }
  const ring = services.settings.encryptionKeys
  const same = stored !== null && (await isLoginOf(ring, stored, plan.fingerprint))
  // Of a form that is not saved, or when it failed before, nobody needs to be told.
  const event = newEvent(
    services,
    call,
    `validation.${report.outcome}`,
    record.id,
    {
      mail_account: record.mailAccountId,
      protocol,
      host,
      username,
      identity: record.identity,
    },
    { silent: !same || stored?.lastValidation?.outcome === 'failed' },
  )
  // What the schedule could not find out says nothing against what was found out before.
  const unknown = call.actor.type === 'system' && report.outcome === 'inconclusive'
  await services.store.validations.add(record, event, same && !unknown ? stored : null)
  return ok(validationView(record, services.settings))
}

const formOf = (account: MailAccountRecord): MailAccountInput => ({
  owner: account.owner,
  protocol: account.protocol,
  host: account.host,
  port: account.port,
  security: account.security,
  username: account.username,
  delegate: account.delegate ?? undefined,
  authentication: authenticationOf(account),
})

function authenticationOf({
  grantId,
  tenant,
}: MailAccountRecord): MailAccountInput['authentication'] {
  const microsoft = { type: 'oauth', provider: 'microsoft' } as const
  if (tenant !== null) return { ...microsoft, flow: 'app_only', tenant }
  if (grantId !== null) return { ...microsoft, flow: 'delegated', grant_id: grantId }
  return { type: 'password' }
}

const validationView = (record: ValidationRecord, where: Where): Validation => ({
  id: record.id,
  outcome: record.outcome,
  protocol: record.protocol,
  host: record.host,
  port: record.port,
  security: record.security,
  mechanism: record.mechanism,
  identity: record.identity,
  steps: record.steps,
  warnings: record.warnings,
  diagnosis: diagnoseValidation(record, where),
  duration_ms: record.durationMs,
  checked_at: record.checkedAt.toISOString(),
})
