/** Validations: one real login, and the record of its result. */
import type { MailAccountInput } from '../../../schema/mail-account.ts'
import type { Validation, ValidationInput } from '../../../schema/validation.ts'
import { unaskedPermissions } from '../../entra/scopes.ts'
import { customerOf, isLimited } from '../../model/access.ts'
import type { LoginContext } from '../../model/loaded-mail-account.ts'
import { err, invalid, ok, type Result } from '../../model/result.ts'
import type { LoginFacts, LoginValues, ValidationRecord } from '../../model/validation.ts'
import type { Call, Services } from '../../services.ts'
import { limitRefusal } from '../access/limits.ts'
import { newEvent } from '../events.ts'
import { loginHistory } from '../failures/evidence.ts'
import { diagnoseValidation } from '../failures/login.ts'
import type { Where } from '../failures/values.ts'
import { widerThanAsked } from '../grants/grants.ts'
import { fingerprint, isLoginOf } from '../mail-accounts/fingerprint.ts'
import { noSuchAccount } from '../mail-accounts/mail-accounts.ts'
import {
  loginMeans,
  type MailAccountPlan,
  planMailAccount,
  planValues,
} from '../mail-accounts/plan.ts'
import { newId } from '../secrets.ts'
import { regainProtocol } from '../tokens/delegated.ts'
import { loginIdentity } from '../tokens/login-identity.ts'
import { unprovenWarning } from './graph-reports.ts'
import { LOGIN_DEADLINE_MS, type Login, tryLogin } from './login.ts'

/** Validates an unsaved form. `mail_account_id`: account whose stored password is used for the same login. */
export async function validateForm(
  services: Services,
  call: Call,
  { mail_account_id: accountId, ...form }: ValidationInput,
  deadlineMs?: number,
): Promise<Result<Validation>> {
  const refusal = accountId ? null : limitRefusal(call.accessScope, 'own_forms')
  if (refusal) return refusal
  const { grantId, tenant } = loginMeans(form)
  // A key that is limited to accounts or a customer must not learn whether another customer is suspended.
  const named = isLimited(call.accessScope) ? null : form.customer
  const customer = named ?? customerOf(call.accessScope)
  const context = await services.store.loginContexts.readForm(
    { account: accountId ?? null, grant: grantId, tenant, protocol: form.protocol, customer },
    call.accessScope,
  )
  if (accountId && !context.account) {
    return invalid('/mail_account_id', { issue: 'unknown_mail_account', id: accountId })
  }
  return validate(services, call, form, context, deadlineMs)
}

/** Validates a saved account. */
export async function validateMailAccount(services: Services, call: Call, id: string) {
  const context = await services.store.loginContexts.readAccount(id, call.accessScope)
  return context.account ? validate(services, call, null, context) : noSuchAccount
}

/** Returns a stored validation. It is deleted after 30 days, and with its email account. */
export async function readValidation(services: Services, call: Call, id: string) {
  const record = await services.store.validations.read(id, call.accessScope)
  return record
    ? ok(validationView(record, services.settings))
    : err({ reason: 'not_found', resource: 'validation' })
}

async function validate(
  services: Services,
  call: Call,
  form: MailAccountInput | null,
  loaded: LoginContext,
  deadlineMs = LOGIN_DEADLINE_MS,
): Promise<Result<Validation>> {
  if (loaded.isSuspended) return err({ reason: 'customer_suspended' })
  const started = services.now()
  const planned = await planWithProtocol(services, call, form, loaded)
  if (!planned.ok) return planned
  const { plan, context } = planned.value
  const login = await tryLogin(services, call, plan, context, deadlineMs)
  return login.ok ? storeResult(services, call, plan, context, login.value, started) : login
}

/** `context`: what the plan was made from. */
export type LoginPlan = { plan: MailAccountPlan; context: LoginContext }

/**
 * Plans the form, or with null the saved account as it is. First asks Microsoft for a protocol that the grant has lost,
 * in case it is back. The plan of an account whose grant was deleted has no credential, so nothing can be tried.
 */
export async function planWithProtocol(
  services: Services,
  call: Call,
  form: MailAccountInput | null,
  loaded: LoginContext,
): Promise<Result<LoginPlan>> {
  const { grant, integration } = loaded
  let context = loaded
  let planned = await planOf(services, call, form, context)
  if (!planned.ok && planned.error.reason === 'protocol_not_granted' && grant) {
    const lack = planned.error
    if (!(await regainProtocol(services, call, grant, integration, lack))) return planned
    context = {
      ...loaded,
      grant: await services.store.grants.readWithToken(grant.id, grant.resource),
    }
    planned = await planOf(services, call, form, context)
  }
  return planned.ok ? ok({ plan: planned.value, context }) : planned
}

async function planOf(
  services: Services,
  call: Call,
  form: MailAccountInput | null,
  { account, grant, integration }: LoginContext,
): Promise<Result<MailAccountPlan>> {
  if (form) {
    const facts = { grants: grant ? [grant] : [], integration }
    return planMailAccount(services, call, form, account, facts)
  }
  if (!account) return noSuchAccount
  if (grant || account.authentication !== 'oauth') {
    return planValues(services, call, account, undefined, account, { grant, integration })
  }
  const known = fingerprint(services.settings.encryptionKeys, account, null)
  const nothing = { mismatch: null, grant: null, app: null, password: null }
  return ok({ ...nothing, values: account, fingerprint: known })
}

/** Returns the facts for a diagnosis of this login, or null if it passed. */
export async function loginFacts(
  { store }: Services,
  { values, grant, app }: Pick<MailAccountPlan, 'values' | 'grant' | 'app'>,
  { token, second }: Pick<Login, 'token' | 'second'>,
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
      resource: grant.resource,
      protocols: grant.protocols,
    },
    app,
    token,
    delegateLogin: second && (second.accepted ? 'ok' : 'failed'),
    // Best effort: a failure here must not cost the result.
    history: await loginHistory(store, validation, values).catch(() => null),
  }
}

function warningsOf(
  { values, mismatch, grant, app }: MailAccountPlan,
  { second, token, untried }: Login,
): string[] {
  const unasked = app ? unaskedPermissions(token?.permissions ?? '') : (grant?.wider ?? [])
  const wider = unasked.length > 0 ? widerThanAsked(unasked) : null
  const warnings = [mismatch, wider, unprovenWarning(untried)].filter((warning) => warning !== null)
  if (!second) return warnings
  const { identity, accepted } = second
  const first = `The server refused the login as ${loginIdentity(values)}`
  return [
    ...warnings,
    accepted
      ? `${first}, but accepted ${identity} with the same token.`
      : `${first} and as ${identity}, both with the same token.`,
  ]
}

/** Stores the result, also as the last validation of the account if these are its values. */
export async function storeResult(
  services: Services,
  call: Call,
  plan: MailAccountPlan,
  context: LoginContext,
  login: Login,
  started: Date,
): Promise<Result<Validation>> {
  const { report } = login
  const { account: stored } = context
  const { protocol, host, port, security, username, grantId } = plan.values
  const checkedAt = services.now()
  const result = {
    id: newId('validation', services.random),
    customer: plan.values.customer,
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
    validation: result.id,
    ...(stored && { account: stored.id }),
    outcome: report.outcome,
    ...(login.jtis.length > 0 && { jti: login.jtis.join(' ') }),
  })
  const facts = await loginFacts(services, plan, login, result)
  const sameLogin = stored !== null && (await isLoginOf(stored, plan))
  const record: ValidationRecord = {
    ...result,
    saved: sameLogin,
    facts,
  }
  const last = sameLogin ? stored.lastValidation?.outcome : undefined
  const scheduled = call.actor.type === 'system'
  // Webhooks are not notified of unsaved forms, nor of what they were notified of before.
  const isOld = report.outcome === 'passed' ? last !== 'failed' : last === 'failed'
  const event = newEvent(
    services,
    call,
    `validation.${report.outcome}`,
    record,
    {
      mail_account: record.mailAccountId,
      protocol,
      host,
      username,
      identity: record.identity,
    },
    { silent: !sameLogin || isOld },
  )
  // The sign-in or the integration has its own state and event. Without a token, nothing was learnt about the mailbox,
  // and an expired client secret must not make every mailbox fail.
  const hadNoToken = scheduled && report.failure?.from === 'token'
  const graph = report.failure?.from === 'graph' ? report.failure.facts : null
  // An inconclusive scheduled validation does not replace an earlier result, nor does a mailbox that cools down. After
  // a problem with the token, it must, since otherwise the schedule would ask Graph again and again.
  const keepsLast = scheduled
    ? hadNoToken || (graph === null && report.outcome === 'inconclusive')
    : graph?.status === 429
  // An earlier refusal by Graph remains the result until someone asks again, since a valid token alone proves less.
  if (login.untried === 'refused_before') return ok(validationView(record, services.settings))
  // Events record changes only, since a large deployment has a scheduled validation every second.
  const isNews = !scheduled || (!hadNoToken && last !== report.outcome)
  await services.store.validations.add(
    record,
    isNews ? event : null,
    sameLogin && !keepsLast ? stored : null,
  )
  return ok(validationView(record, services.settings))
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
