/**
 * The one judge of failures at Entra: turns a response into its cause, who must act, and what follows.
 * Stored states, events, webhooks and diagnoses all derive from the same report.
 */
import type { Stage } from '../../../schema/diagnosis.ts'
import { MINUTE_MS } from '../../../schema/durations.ts'
import type { FailureFacts } from '../../../schema/failure.ts'
import { federatedIssuerUnreachable } from '../../diagnosis/catalogue/token/federated.ts'
import { type Judgement as Judged, judge, RETRIED } from '../../diagnosis/judge.ts'
import { causeOfNumber, isKnownNumber } from '../../diagnosis/rank.ts'
import type { Report } from '../../diagnosis/report.ts'
import type { EntraFailure, Unreachable } from '../../entra/errors.ts'
import type { SignInParameters } from '../../model/authorization.ts'
import type { GrantRecord } from '../../model/grant.ts'
import {
  type AppProblem,
  type CredentialFacts,
  type IntegrationRecord,
  isOwnTenant,
  speaksForApp,
} from '../../model/integration.ts'
import type { AppAtTenant } from '../../model/validation.ts'
import { type FailedSignIn, signInReport } from './authorization.ts'
import { type DamagedToken, entraFacts, SUSPECTED } from './facts.ts'
import { appTokenReport, refreshReport } from './token.ts'

export type FailureEffect = Judged['effect']

export type Judgement = Pick<
  Judged,
  'cause' | 'effect' | 'responsible' | 'unconfirmed' | 'perTenant'
> & {
  /** One sentence: what happened and what to do. Holds no word of Microsoft's response. */
  detail: string
  /** Problem of the app that the failure reveals; null if it concerns the account alone, or nothing at all. */
  problem: AppProblem['code'] | null
}

/** Next step after a failure that may pass and that Mailgrant does not retry, since a code works only once. */
const REPEAT = {
  sign_in: 'Start the sign-in again',
  import: 'Nothing was stored. Import the refresh token again in a few minutes',
  verification: 'Verify again in a few minutes',
  page: 'Nothing is lost. Reload this page in a moment',
} as const

/**
 * Judges a failure from its report, the same one from which the diagnosis is made. `isOwn` is true if the tenant that
 * was asked decides about the app, not only about its use there. `repeat`: what a person repeats, left out if Mailgrant
 * retries.
 */
export function judgeFailure(
  report: Report,
  { isOwn, repeat }: { isOwn: boolean; repeat?: keyof typeof REPEAT },
): Judgement {
  const judged = judge(report)
  const { cause, responsible, unconfirmed, perTenant, summary, advice } = judged
  const effect = effectForTenant(judged, isOwn)
  const code = report.facts?.aadsts ? ` (AADSTS${report.facts.aadsts})` : ''
  const mayPass = judged.effect === 'cool_down' || unconfirmed
  const next = repeat ? REPEAT[repeat] : 'It will be retried automatically'
  // The request is retried, but the failure lasts until the operator has acted.
  const isOperators =
    judged.effect === 'cool_down' && responsible === 'operator' && advice !== RETRIED
  const action = isOperators ? `${summary}: ${advice}. ${next}` : `${summary}: ${advice}`
  return {
    cause,
    effect,
    responsible,
    unconfirmed,
    problem: problemOf(report, effect),
    perTenant,
    detail: mayPass && repeat && !isOperators ? `${summary}. ${next}${code}.` : `${action}${code}.`,
  }
}

export type JudgedFailure = Judgement & { facts: FailureFacts }

/** A failed refresh: Entra's response, or a damaged refresh token, with which Entra was not asked. */
export type RefreshFailure = EntraFailure | DamagedToken

/**
 * Judges a failed refresh. The account's own tenant was asked. It decides about the integration only if it is the app's
 * home tenant, or the only one that may sign in.
 */
export function judgeRefresh(
  failure: RefreshFailure,
  grant: GrantRecord,
  integration: Pick<IntegrationRecord, 'tenant' | 'homeTenant' | 'homeTenantId' | 'credential'>,
  now: Date,
): JudgedFailure {
  const facts = entraFacts(failure, 'refresh', integration.credential)
  const isOwn = isOwnTenant(grant.tenantId, integration)
  return judgeToken((known) => refreshReport(grant, known), facts, isOwn, isConfirmed(grant, now))
}

/**
 * Judges a failed request for a token. A response that has also been seen for a temporary fault is only a suspicion
 * until it is confirmed.
 */
function judgeToken(
  reportOf: (facts: FailureFacts) => Report,
  facts: FailureFacts,
  isOwn: boolean,
  confirmed: boolean,
): JudgedFailure {
  const judgement = judgeFailure(reportOf(facts), { isOwn })
  if (!judgement.unconfirmed || confirmed) return { ...judgement, facts }
  const suspect: FailureFacts = { ...facts, unconfirmed: true }
  return { ...judgeFailure(reportOf(suspect), { isOwn }), unconfirmed: true, facts: suspect }
}

/** Time after which a repeated refusal counts, since most temporary faults are over by then. */
const CONFIRM_AFTER_MS = 15 * MINUTE_MS

/**
 * Returns true if the refusal counts, because the same token has been refused for CONFIRM_AFTER_MS or the grant already
 * requires a new sign-in.
 */
const isConfirmed = ({ state, problem }: GrantRecord, now: Date): boolean =>
  state === 'reconnect_required' ||
  (problem?.code === SUSPECTED && now.getTime() - problem.since.getTime() >= CONFIRM_AFTER_MS)

/**
 * Judges a refusal of the app's own token. Where the app itself is refused (unknown in the tenant,
 * disabled there, without consent), it concerns that tenant and no other, nor any user's grant.
 */
export function judgeAppToken(
  failure: RefreshFailure,
  app: Omit<AppAtTenant, 'clientId'>,
  { credential }: Pick<IntegrationRecord, 'credential'>,
): JudgedFailure {
  const facts = entraFacts(failure, 'client_credentials', credential)
  return judgeToken((known) => appTokenReport(app, known), facts, false, false)
}

/**
 * Judges a failed request of a sign-in, or of an import at stage `refresh`. The tenant of the sign-in was asked, since
 * only the tokens show that of the account. `credential`: null for a callback, which sends none.
 */
export function judgeSignIn(
  failure: EntraFailure,
  failed: FailedSignIn & { signIn: SignInParameters },
  integration: IntegrationRecord,
  { stage, credential }: { stage: Stage; credential: Pick<CredentialFacts, 'type'> | null },
): JudgedFailure {
  const facts = entraFacts(failure, stage, credential)
  const judgement = judgeFailure(signInReport(failed, facts), {
    isOwn: speaksForApp(failed.signIn.tenant, integration),
    repeat: stage === 'refresh' ? 'import' : 'sign_in',
  })
  return { ...judgement, facts }
}

/** Explains why the signing keys could not be fetched, without which the code of a sign-in is not redeemed. */
export const explainMissingKeys = (failure: Unreachable, failed: FailedSignIn): string =>
  judgeFailure(signInReport(failed, entraFacts(failure, 'token_exchange', null)), {
    isOwn: false,
    repeat: 'page',
  }).detail

/** Returns whether an administrator's consent may help, so that a link for one is worth showing. */
export function mayAdminConsentHelp(report: Report): boolean {
  const { kind, aadsts, oauth_error } = report.facts ?? {}
  if (kind === 'no_mail_scope') return true
  if (kind !== 'refused') return false
  // Without a known AADSTS number, a cancelled sign-in looks like a missing consent.
  const isConsent =
    (typeof aadsts === 'number' && isKnownNumber(aadsts)) || oauth_error === 'consent_required'
  return isConsent && judge(report).adminConsentHelps
}

/**
 * Limits a refusal of the app to the tenant that gave it. An app that was removed or disabled there can work in all
 * others, and a fault of the integration would stop all refreshes.
 */
const effectForTenant = ({ effect, perTenant }: Judged, isOwn: boolean): FailureEffect =>
  perTenant && !isOwn ? 'block' : effect

/** Returns what a failure says about the app; see app/app-problem.ts. */
function problemOf(report: Report, effect: FailureEffect): AppProblem['code'] | null {
  if (isIssuerUnreachable(report)) return 'issuer_unreachable'
  return effect === 'credential_rejected' ? 'credential_rejected' : null
}

/** Returns the JSON that the next sign-in must pass on to Microsoft, or null. */
export const claimsChallengeOf = (failure: RefreshFailure): string | null =>
  failure.kind === 'refused' ? failure.refusal.claims : null

/**
 * Returns true if Entra could not read the keys with which Mailgrant signed the request. That is a problem of the
 * integration, not of the grant. Looks at the AADSTS number alone, since Entra sends it with any `error`.
 */
const isIssuerUnreachable = ({ evidence, facts }: Report): boolean =>
  evidence?.client_auth === 'federated' &&
  causeOfNumber(facts?.aadsts ?? 0) === federatedIssuerUnreachable.slug

/** Returns the seconds that Microsoft asked to wait, or null. */
export const retryAfterOf = (failure: RefreshFailure): number | null =>
  'retryAfter' in failure ? failure.retryAfter : null
