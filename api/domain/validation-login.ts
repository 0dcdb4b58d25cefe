/** The login that a validation makes: a credential, then the checker, in the time of one caller. */
import { ok, type Result } from '../result.ts'
import type { Call, Services } from '../services.ts'
import { loginIdentity } from './login-identity.ts'
import type { MailAccountPlan } from './mail-account-plan.ts'
import { freshAccessToken } from './refresh.ts'
import {
  checkerReport,
  lateReport,
  probeReport,
  tokenReport,
  type ValidationReport,
} from './validation-reports.ts'

/** Callers are promised an answer within 20 s; the rest is for D1. Milliseconds. */
export const LOGIN_DEADLINE = 19_000

/** Refused only where the call itself makes no sense, such as while the integration is inactive. */
export async function tryLogin(
  services: Services,
  call: Call,
  plan: MailAccountPlan,
  deadline: number,
): Promise<Result<ValidationReport>> {
  const started = services.now().getTime()
  const left = () => deadline - (services.now().getTime() - started)

  const credential = await within(left(), credentialOf(services, call, plan))
  if (credential === null) return ok(lateReport('token'))
  if (!credential.ok) {
    const report = tokenReport(credential.error)
    return report ? ok(report) : credential
  }
  const { protocol, host, port, security } = plan.values
  const answer = await within(
    left(),
    services.checker.probe({
      protocol,
      host,
      port,
      security,
      identity: loginIdentity(plan.values),
      credential: credential.value,
    }),
  )
  if (answer === null) return ok(lateReport('checker'))
  return ok(answer.ok ? probeReport(answer.value) : checkerReport(answer.error))
}

async function credentialOf(services: Services, call: Call, { grant, password }: MailAccountPlan) {
  if (!grant) return ok({ type: 'password' as const, password: password?.text ?? '' })
  const token = await freshAccessToken(services, call, grant.id)
  if (!token.ok) return token
  const { accessToken } = token.value
  return ok({ type: 'oauth' as const, access_token: accessToken, cloud: grant.cloud })
}

/** Null when it takes longer. The work goes on: a refresh that has begun must be stored. */
async function within<Value>(ms: number, work: Promise<Value>): Promise<Value | null> {
  const { promise: late, resolve } = Promise.withResolvers<null>()
  const timer = setTimeout(() => resolve(null), ms)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
