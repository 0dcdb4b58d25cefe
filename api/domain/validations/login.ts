/**
 * The login that a validation makes: a credential, then the checker, in the time of one caller. Never
 * more than one login beside it.
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
  lateReport,
  probeReport,
  tokenReport,
  type ValidationReport,
} from './reports.ts'

/** Callers are promised an answer within 20 s; the rest is for D1. Milliseconds. */
export const LOGIN_DEADLINE_MS = 19 * SECOND_MS

/** Less is not enough for another login, milliseconds. */
const WORTH_TRYING = 2000

/** The report, and what else was learned on the way: for the diagnosis. */
export type Login = {
  report: ValidationReport
  token: AccessTokenClaims | null
  /** Who else was tried after the server had refused the login, and whether it let them in. */
  other: { identity: string; accepted: boolean } | null
  /** Of each login that the checker was asked for: its log names them. */
  jtis: string[]
}

const onlyReport = (report: ValidationReport, jtis: string[] = []): Login => ({
  report,
  token: null,
  other: null,
  jtis,
})

/** Refused only where the call itself makes no sense, such as while the integration is inactive. */
export async function tryLogin(
  services: Services,
  call: Call,
  plan: MailAccountPlan,
  deadline: number,
): Promise<Result<Login>> {
  const started = services.now().getTime()
  const left = () => deadline - (services.now().getTime() - started)

  const credential = await within(left(), credentialOf(services, call, plan))
  if (credential === null) return ok(onlyReport(lateReport('token')))
  if (!credential.ok) {
    const report = tokenReport(credential.error)
    return report ? ok(onlyReport(report)) : credential
  }
  const { protocol, host, port, security } = plan.values
  const jtis: string[] = []
  const logIn = (identity: string) => {
    const jti = newJti(services.random)
    jtis.push(jti)
    const request = { protocol, host, port, security, identity, credential: credential.value }
    return within(left(), services.checker.probe(request, jti))
  }
  const answer = await logIn(loginIdentity(plan.values))
  if (answer === null) return ok(onlyReport(lateReport('checker'), jtis))
  if (!answer.ok) return ok(onlyReport(checkerReport(answer.error), jtis))
  const report = probeReport(answer.value)
  const identity = left() > WORTH_TRYING ? otherIdentity(plan, answer.value.failure) : null
  const second = identity === null ? null : await logIn(identity)
  return ok({
    report,
    token:
      credential.value.type === 'oauth'
        ? readAccessTokenClaims(credential.value.access_token)
        : null,
    other:
      identity !== null && second?.ok && second.value.outcome !== 'inconclusive'
        ? { identity, accepted: second.value.outcome === 'passed' }
        : null,
    jtis,
  })
}

/**
 * Whom else to try, once, with the same token at the same server: where somebody else signed in than
 * the mailbox, that tells a wrong name from a token that is no good.
 */
function otherIdentity(
  { values, grant }: MailAccountPlan,
  failure: ProbeFailure | null,
): string | null {
  if (!grant || !failure || !isAboutIdentity(failure)) return null
  const tried = loginIdentity(values)
  const others = [grant.signedInAs, values.delegate]
  return others.find((other) => other?.includes('@') && !sameAddress(other, tried)) ?? null
}

/** 5.7.139 is a policy: it holds for everybody who signs in. */
const isAboutIdentity = ({ step, kind, smtp_enhanced }: ProbeFailure) =>
  kind === 'not_connected' ||
  (kind === 'rejected' && step === 'authenticate' && smtp_enhanced !== '5.7.139')

async function credentialOf(services: Services, call: Call, plan: MailAccountPlan) {
  const { grant, app, password } = plan
  if (app) {
    const wish = { tenant: app.tenant, protocol: plan.values.protocol }
    const token = await freshAppToken(services, call, wish)
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
