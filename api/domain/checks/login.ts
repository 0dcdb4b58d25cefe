/**
 * The login of a validation. Loads the credential and lets the checker log in, or asks Graph, while the caller waits. A
 * second login under another identity may follow.
 */
import { sameAddress } from '../../../schema/common.ts'
import { SECOND_MS } from '../../../schema/durations.ts'
import { type Cloud, MailProtocol } from '../../../schema/mail-servers.ts'
import type { ProbeFailure, ProbeRequest } from '../../../schema/probe.ts'
import { newJti } from '../../checker-client.ts'
import { withTimeout } from '../../deadline.ts'
import { readAccessTokenClaims } from '../../entra/access-token.ts'
import { newGraphRequestId } from '../../graph/client.ts'
import type { LoginContext } from '../../model/loaded-mail-account.ts'
import { err, ok, type Result, refuseToken } from '../../model/result.ts'
import type { AccessTokenClaims } from '../../model/validation.ts'
import type { Call, Services } from '../../services.ts'
import { inactive } from '../app/integration.ts'
import type { MailAccountPlan } from '../mail-accounts/plan.ts'
import { grantDeleted } from '../mail-accounts/view.ts'
import { freshAppToken } from '../tokens/app-only.ts'
import { freshAccessToken } from '../tokens/delegated.ts'
import type { UsableToken } from '../tokens/engine.ts'
import { loginIdentity } from '../tokens/login-identity.ts'
import { checkSending, type OAuthCredential } from './graph.ts'
import type { Untried } from './graph-reports.ts'
import {
  CHECKER_TIMEOUT,
  checkerReport,
  probeReport,
  tokenReport,
  tokenTimeoutReport,
  type ValidationReport,
} from './reports.ts'

/** Callers are promised a response within 20 s, the rest of which is for D1. */
export const LOGIN_DEADLINE_MS = 19 * SECOND_MS

/** Least time in which a second login can succeed. */
const SECOND_LOGIN_MIN_MS = 2 * SECOND_MS

/** Report of the login, and further facts for the diagnosis. */
export type Login = {
  report: ValidationReport
  /** Claims of the token; null for an opaque token, and without one. */
  token: AccessTokenClaims | null
  /** A second login, after the server refused the first. */
  second: { identity: string; accepted: boolean } | null
  /** The reason that Graph was not asked whether it would send; null for a mail server, and where it was. */
  untried: Untried | null
  /** IDs of the logins in the checker's log, or of the request to Graph. */
  jtis: string[]
}

export const reportOnly = (report: ValidationReport, jtis: string[] = []): Login => ({
  report,
  token: null,
  second: null,
  untried: null,
  jtis,
})

/** Tries the login. Refuses only calls that cannot have a result, as while the integration is inactive. */
export async function tryLogin(
  services: Services,
  call: Call,
  plan: MailAccountPlan,
  context: LoginContext,
  deadlineMs: number,
): Promise<Result<Login>> {
  const started = services.now().getTime()
  const remaining = () => deadlineMs - (services.now().getTime() - started)
  const { protocol } = plan.values
  const credential = await withTimeout(remaining(), loadCredential(services, call, plan, context))
  if (credential === null) return ok(reportOnly(tokenTimeoutReport(protocol)))
  if (!credential.ok) {
    const report = tokenReport(credential.error, protocol)
    return report ? ok(reportOnly(report)) : credential
  }
  const login = credential.value
  return ok(
    protocol === 'graph_send' && login.type === 'oauth'
      ? await askGraph(services, call, plan, context, login, remaining())
      : await logInToServer(services, call, plan, login, remaining),
  )
}

async function logInToServer(
  services: Services,
  call: Call,
  plan: MailAccountPlan,
  login: ProbeRequest['credential'],
  remaining: () => number,
): Promise<Login> {
  const jtis: string[] = []
  const logIn = (identity: string) => {
    const jti = newJti(services.random)
    jtis.push(jti)
    const request = { ...loginRequest(plan, login), identity }
    return withTimeout(remaining(), services.checker.probe(request, jti, call.actor.id))
  }
  const first = await logIn(loginIdentity(plan.values))
  if (!first?.ok) return reportOnly(checkerReport(first?.error ?? CHECKER_TIMEOUT), jtis)
  const otherIdentity =
    remaining() > SECOND_LOGIN_MIN_MS ? secondIdentity(plan, first.value.failure) : null
  const second = otherIdentity === null ? null : await logIn(otherIdentity)
  return {
    report: probeReport(first.value),
    token: login.type === 'oauth' ? readAccessTokenClaims(login.access_token) : null,
    second:
      otherIdentity !== null && second?.ok && second.value.outcome !== 'inconclusive'
        ? { identity: otherIdentity, accepted: second.value.outcome === 'passed' }
        : null,
    untried: null,
    jtis,
  }
}

async function askGraph(
  services: Services,
  call: Call,
  { values }: MailAccountPlan,
  { account }: LoginContext,
  credential: OAuthCredential,
  waitMs: number,
): Promise<Login> {
  const requestId = newGraphRequestId(services.random)
  const check = { values, credential, requestId, waitMs }
  const { report, untried } = await checkSending(services, call, check, account)
  return {
    report,
    token: readAccessTokenClaims(credential.access_token),
    second: null,
    untried,
    jtis: untried === null ? [requestId] : [],
  }
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

/** Returns true if another user name could help. 5.7.139 is a policy that applies to every user. */
const isAboutIdentity = ({ step, kind, smtp_enhanced }: ProbeFailure) =>
  kind === 'not_connected' ||
  (kind === 'rejected' && step === 'authenticate' && smtp_enhanced !== '5.7.139')

/** Returns the request to the checker for a login with this plan. */
export function loginRequest({ values }: MailAccountPlan, credential: ProbeRequest['credential']) {
  const { host, port, security } = values
  const protocol = MailProtocol.parse(values.protocol)
  return { protocol, host, port, security, identity: loginIdentity(values), credential }
}

/** Returns the credential of the plan, with a token that is refreshed if that is necessary. */
export async function loadCredential(
  services: Services,
  call: Call,
  { values: { protocol, authentication }, app, grant: planned, password }: MailAccountPlan,
  { grant, appToken, integration }: LoginContext,
): Promise<Result<ProbeRequest['credential']>> {
  if (app) {
    const wanted = { tenant: app.tenant, protocol }
    const token = await freshAppToken(services, call, wanted, appToken, integration)
    return token.ok ? ok(withToken(token.value, app)) : token
  }
  if (planned && grant) {
    const token = await freshAccessToken(services, call, grant, integration)
    if (!token.ok) return token
    // The grant has lost the protocol. A mail server would report that, but scheduled validations do not ask Graph.
    const isLost = protocol === 'graph_send' && !token.value.protocols?.includes(protocol)
    return isLost
      ? err({ reason: 'protocol_not_granted', protocol })
      : ok(withToken(token.value, grant))
  }
  if (authentication === 'oauth') {
    return integration.active ? refuseToken(grantDeleted.code, grantDeleted.detail) : inactive
  }
  return ok({ type: 'password', password: password?.text ?? '' })
}

const withToken = ({ accessToken }: UsableToken, { cloud }: { cloud: Cloud }) =>
  ({ type: 'oauth', access_token: accessToken, cloud }) as const
