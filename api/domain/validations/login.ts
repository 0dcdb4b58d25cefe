/**
 * The login of a validation: loads the credential and lets the checker log in, all while the caller
 * waits. At most one further login follows.
 */
import { sameAddress } from '../../../schema/common.ts'
import { SECOND_MS } from '../../../schema/durations.ts'
import type { ProbeFailure } from '../../../schema/probe.ts'
import { newJti } from '../../checker-client.ts'
import { readAccessTokenClaims } from '../../entra/access-token.ts'
import { ok, type Result } from '../../model/result.ts'
import type { AccessTokenClaims } from '../../model/validation.ts'
import type { Call, Services } from '../../services.ts'
import { loginIdentity } from '../mail-accounts/login-identity.ts'
import type { MailAccountPlan } from '../mail-accounts/plan.ts'
import { freshAppToken } from '../tokens/app-only.ts'
import { freshAccessToken } from '../tokens/delegated.ts'
import {
  checkerReport,
  probeReport,
  timeoutReport,
  tokenReport,
  type ValidationReport,
} from './reports.ts'

/** Callers are promised an answer within 20 s; the rest is for D1. */
export const LOGIN_DEADLINE_MS = 19 * SECOND_MS

/** Least time in which a second login can succeed. */
const SECOND_LOGIN_MIN_MS = 2 * SECOND_MS

/** Report of the login, and further facts for the diagnosis. */
export type Login = {
  report: ValidationReport
  token: AccessTokenClaims | null
  /** A second login, after the server refused the first. */
  second: { identity: string; accepted: boolean } | null
  /** IDs of the logins in the checker's log. */
  jtis: string[]
}

const reportOnly = (report: ValidationReport, jtis: string[] = []): Login => ({
  report,
  token: null,
  second: null,
  jtis,
})

/** Tries the login. Refuses only calls that cannot have a result, as while the integration is inactive. */
export async function tryLogin(
  services: Services,
  call: Call,
  plan: MailAccountPlan,
  deadlineMs: number,
): Promise<Result<Login>> {
  const started = services.now().getTime()
  const remaining = () => deadlineMs - (services.now().getTime() - started)

  const credential = await withTimeout(remaining(), loadCredential(services, call, plan))
  if (credential === null) return ok(reportOnly(timeoutReport('token')))
  if (!credential.ok) {
    const report = tokenReport(credential.error)
    return report ? ok(reportOnly(report)) : credential
  }
  const { protocol, host, port, security } = plan.values
  const jtis: string[] = []
  const logIn = (identity: string) => {
    const jti = newJti(services.random)
    jtis.push(jti)
    const request = { protocol, host, port, security, identity, credential: credential.value }
    return withTimeout(remaining(), services.checker.probe(request, jti))
  }
  const first = await logIn(loginIdentity(plan.values))
  if (first === null) return ok(reportOnly(timeoutReport('checker'), jtis))
  if (!first.ok) return ok(reportOnly(checkerReport(first.error), jtis))
  const identity =
    remaining() > SECOND_LOGIN_MIN_MS ? secondIdentity(plan, first.value.failure) : null
  const second = identity === null ? null : await logIn(identity)
  return ok({
    report: probeReport(first.value),
    token:
      credential.value.type === 'oauth'
        ? readAccessTokenClaims(credential.value.access_token)
        : null,
    second:
      identity !== null && second?.ok && second.value.outcome !== 'inconclusive'
        ? { identity, accepted: second.value.outcome === 'passed' }
        : null,
    jtis,
  })
}

/**
 * Returns another user name to try with the same token at the same server, or null. If someone else
 * signed in for the mailbox, the second login distinguishes a wrong user name from a bad token.
 */
function secondIdentity(
  { values, grant }: MailAccountPlan,
  failure: ProbeFailure | null,
): string | null {
  if (!grant || !failure || !isAboutIdentity(failure)) return null
  const first = loginIdentity(values)
  const candidates = [grant.signedInAs, values.delegate]
  return candidates.find((name) => name?.includes('@') && !sameAddress(name, first)) ?? null
}

/** Excludes 5.7.139, a policy that applies to every user. */
const isAboutIdentity = ({ step, kind, smtp_enhanced }: ProbeFailure) =>
  kind === 'not_connected' ||
  (kind === 'rejected' && step === 'authenticate' && smtp_enhanced !== '5.7.139')

async function loadCredential(services: Services, call: Call, plan: MailAccountPlan) {
  const { grant, app, password } = plan
  if (app) {
    const { protocol } = plan.values
    const token = await freshAppToken(services, call, { tenant: app.tenant, protocol })
    if (!token.ok) return token
    const { accessToken } = token.value
    return ok({ type: 'oauth' as const, access_token: accessToken, cloud: app.cloud })
  }
  if (!grant) return ok({ type: 'password' as const, password: password?.text ?? '' })
  const token = await freshAccessToken(services, call, grant.id)
  if (!token.ok) return token
  const { accessToken } = token.value
  return ok({ type: 'oauth' as const, access_token: accessToken, cloud: grant.cloud })
}

/** Returns null on a timeout. The work continues: a started refresh must be stored. */
async function withTimeout<Value>(ms: number, work: Promise<Value>): Promise<Value | null> {
  const { promise: timeout, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), ms)
  try {
    return await Promise.race([work, timeout])
  } finally {
    clearTimeout(timer)
  }
}
