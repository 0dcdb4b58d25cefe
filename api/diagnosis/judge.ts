/** The judgement of one failure at Entra: its cause, who must act, and what follows for a grant. Pure. */
import { type Responsible, whoActs } from '../../schema/responsible.ts'
import type { CatalogueEntry } from './catalogue/catalogue.ts'
import { type Effect, WEIGHT } from './catalogue/cause.ts'
import { blamesToken } from './catalogue/conditions.ts'
import { GRANT_NOT_ACCEPTED } from './catalogue/numbers.ts'
import { type ParsedReport, parseReport } from './parse/parse-report.ts'
import { valuesIn } from './parse/values.ts'
import { isKnownNumber, rank } from './rank.ts'
import { createRenderer } from './render-template.ts'
import type { Report } from './report.ts'

export type Judgement = {
  /** Slug of the likeliest cause, the first candidate of the diagnosis; null if none is known. */
  cause: string | null
  effect: Effect
  responsible: Responsible
  /** The refusal concerns the app in the tenant that was asked, and no other. */
  perTenant: boolean
  adminConsentHelps: boolean
  /** The response has also been seen for a passing fault, so it is believed only when it comes again. */
  unconfirmed: boolean
  /** The failure and the fix, each without a full stop. */
  summary: string
  advice: string
}

export const RETRIED = 'it will be retried automatically'

/** The judgement of an unknown response, which proves nothing about the grant. */
const unknown: Judgement = {
  cause: null,
  effect: 'cool_down',
  responsible: 'microsoft',
  perTenant: false,
  adminConsentHelps: false,
  unconfirmed: false,
  summary: "Microsoft's sign-in service gave an unknown response",
  advice: RETRIED,
}

/** Judges a report of facts from the token endpoint or the callback as `diagnose` ranks it. */
export function judge(report: Report): Judgement {
  const parsed = parseReport(report)
  const [first] = rank(parsed).ranked
  if (!first) return unknown
  const { cause, group } = first
  const effect = group?.effect ?? cause.effect
  if (effect === undefined) return unknown
  const responsible = group?.responsible ?? cause.responsible
  const { text } = createRenderer(valuesIn(report, parsed), parsed.protocol)
  // Microsoft may be slow, so a timeout is no reason to advise about this server's network.
  const isAdvised = responsible === cause.responsible && parsed.kind !== 'timeout'
  return {
    cause: cause.slug,
    effect,
    responsible,
    perTenant: cause.perTenant === true && effect === 'credential_rejected',
    adminConsentHelps: cause.adminConsentHelps === true,
    unconfirmed: effect !== 'cool_down' && mayPass(parsed),
    summary: text(
      group?.summary ??
        summaries[parsed.kind ?? 'refused'] ??
        (first.score >= WEIGHT.names - 0.5
          ? cause.title
          : generalSummary(parsed, first.cause, effect)),
    ),
    advice: text((isAdvised && cause.advice) || defaultAdvice(effect, responsible)),
  }
}

/** Sentences for failures without a response that can be read. */
const summaries: Partial<Record<NonNullable<ParsedReport['kind']>, string>> = {
  timeout: "Microsoft's sign-in service did not respond in time",
  throttled: 'Microsoft limits the requests and asks for a pause',
  unavailable: "Microsoft's sign-in service is unavailable",
}

/** The sentence for a response without a known AADSTS number, which is not certain to mean the first cause. */
function generalSummary(parsed: ParsedReport, cause: CatalogueEntry, effect: Effect): string {
  if (parsed.oauth.has('access_denied')) return 'The sign-in was cancelled or declined'
  if (effect === 'reconnect') return 'Microsoft no longer accepts the sign-in'
  if (cause.perTenant) return 'Microsoft does not know the app, or not for this kind of account'
  if (effect === 'credential_rejected') return "Microsoft refused the app's credential"
  if (cause.responsible === 'operator') return 'Microsoft refused the request itself'
  return cause.title
}

/** Detects the two responses that were also seen during temporary faults. */
const mayPass = (parsed: ParsedReport): boolean =>
  parsed.codes.includes(GRANT_NOT_ACCEPTED) ||
  (blamesToken(parsed, 'bad_token') && !parsed.codes.some(isKnownNumber))

function defaultAdvice(effect: Judgement['effect'], responsible: Responsible): string {
  if (effect === 'cool_down') return RETRIED
  switch (responsible) {
    case 'user':
      return 'sign in again'
    case 'tenant_admin':
      return `${whoActs.tenant_admin} must allow it`
    case 'app_owner':
      return effect === 'credential_rejected'
        ? 'enter a valid credential for the app registration in the settings'
        : 'correct the app registration'
    case 'operator':
      return `${whoActs.operator} must correct the settings`
    case 'microsoft':
      return `${whoActs.microsoft} must correct it`
  }
}
