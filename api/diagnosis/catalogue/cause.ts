/**
 * Causes, and the indicators by which they are recognised. A cause is one object. To add one, export it from
 * the file of its kind; to add a pattern, add a line to its `indicators`. Where the types allow one or more, one needs no
 * list. catalogue.ts completes the causes with defaults.
 * Samples and reports, which only its page shows, are in pages.txt. The Worker does not have that file.
 *
 * Weights are natural logarithms of odds. An indicator says how well a response fits this cause:
 * `WEIGHT.names` if the response is specific to it, about 0 to 3 if the response has several causes. Only the
 * best indicator counts. Modifiers are weights that evidence adds or subtracts. All of them are summed, but
 * only for a cause with an indicator.
 */
import type { Source } from '../../../schema/diagnosis.ts'
import type { Responsible } from '../../../schema/responsible.ts'
import type { OneOrMore } from '../parse/join-patterns.ts'
import type { ParsedReport } from '../parse/parse-report.ts'
import type { Question } from '../questions.ts'
import type { ProofFinder } from './proof.ts'

export const WEIGHT = {
  /** A response that has hardly any other cause. */
  names: 7,
  /** Minimum weight of a cause that a sentence in the response proves. */
  proven: 8,
  /** Words beside one of Entra's numbers which show that the number has this cause here. */
  overrides: 8.5,
  /** A response that usually has this cause. */
  suggests: 4.5,
  /** Evidence that proves the cause, whatever else the response could mean. */
  proves: 5,
  /** Evidence that practically rules out the cause, even against a sentence that proves it. */
  excludes: -6,
} as const

/** Sources of a text about a mailbox or a token, which Microsoft Graph refuses for the same reasons as a mail server. */
export const MAIL_AND_GRAPH: readonly Source[] = ['program', 'mail_server', 'other_server', 'graph']

export type FixTemplate = {
  text: string
  /** True for a `risk`. */
  weakens?: true
  /** Set for a `test` and an `undo`. */
  purpose?: 'check' | 'undo'
  url?: string
  command?: string
  /** True for advice about other programs. Mailgrant already follows it. */
  otherPrograms?: true
  /** Reports for which this fix comes before the others. */
  first?: Condition
  /** Conditions that the functions in fixes.ts set. */
  onlyFor?: Condition
  unless?: Condition
  instead?: Condition
  /**
   * The party that takes this step, where it differs from the cause's. For errors of other programs, that of the first step
   * is the cause's.
   */
  by?: Responsible
}

/**
 * A fix, with its text under the name of what it does. Many need only the text. render-template.ts explains the
 * templates.
 * - `risk`: grants a right, switches off a protection or makes an exception to one. It is never shown for a guess.
 * - `test`: shows whether the fix worked.
 * - `undo`: reverses the fix.
 */
export type Fix =
  | string
  | FixTemplate
  | ((Record<'risk', string> | Record<'test', string> | Record<'undo', string>) &
      Omit<FixTemplate, 'text' | 'weakens' | 'purpose'>)

/** Texts for reports that are more specific than the cause. */
export type Variant = { onlyFor: Condition } & Partial<
  Pick<Cause, 'title' | 'explanation' | 'responsible' | 'docs'>
>

/** Returns a weight if the report matches, else 0. */
export type Indicator = (parsed: ParsedReport) => number

/** Returns true, or any weight as an indicator does, if the report matches. */
export type Condition = (parsed: ParsedReport) => number | boolean | undefined

/**
 * Consequence of a cause for a stored grant, or for the app's own token.
 * - `cool_down`: it passes; retry later. An outage never counts as revoked.
 * - `reconnect`: a user must sign in again.
 * - `block`: an administrator, the app's owner or the operator must change something; a later retry
 *   may then work.
 * - `credential_rejected`: the app's own credential or registration; says nothing about the grant.
 */
export type Effect = 'cool_down' | 'reconnect' | 'block' | 'credential_rejected'

/** Entra's numbers with the same meaning, and their properties that differ from the cause's. */
export type NumberGroup = {
  /** One sentence without a full stop. */
  summary: string
  numbers: readonly number[]
} & Partial<Pick<Cause, 'responsible' | 'effect'>>

export type Cause = {
  /** Stable: part of the contract. */
  slug: string
  title: string
  explanation: string
  /** The first variant that fits a report replaces the texts above in its diagnosis. */
  variants?: readonly Variant[]
  responsible: Responsible
  /** The party that must act for a personal account, which has no administrator. */
  responsibleForPersonal?: Responsible
  /** The party that must act for a program that sends the user's password to the token endpoint. */
  responsibleForPasswordGrant?: Responsible
  /** True if the failure can end without a repair. Implied by the effect `cool_down`. */
  retryable?: true
  /** Required where a token endpoint gives this response, as it does every number of `aadsts`. */
  effect?: Effect
  /** The refusal concerns the app in one tenant; in other tenants it may work. */
  perTenant?: true
  /** True if an administrator can end the failure by consenting to the app. */
  adminConsentHelps?: true
  /** The second half of the stored sentence: what to do, and who must do it. A template. */
  advice?: string
  fixes: readonly [OneOrMore<Fix>, ...OneOrMore<Fix>[]]
  docs: readonly [string, ...string[]]
  /** Entra's numbers for the cause by their summaries, alone or with what differs from the cause. */
  aadsts?: Readonly<Record<string, readonly number[] | Omit<NumberGroup, 'summary'>>>
  /**
   * Sources of a text when this is the cause, besides a program's summary. Another source rules the cause out,
   * unless an indicator outweighs that. The default is that of its kind (catalogue.ts).
   */
  sources?: readonly Source[]
  /** Sentences and facts that make the cause certain, besides its numbers in `aadsts`. */
  proof?: OneOrMore<ProofFinder>
  /** The only kind of login that has this cause. The other kind rules it out, unless it is proven. */
  login?: 'password' | 'token'
  indicators: OneOrMore<Indicator>
  modifiers?: readonly Indicator[]
  /** Questions that would confirm or exclude this cause. */
  ask?: readonly Question[]
}

/** Returns the weight of the best indicator. */
export const bestIndicator = (
  { indicators }: { indicators: readonly Indicator[] },
  parsed: ParsedReport,
): number => indicators.reduce((most, indicator) => Math.max(most, indicator(parsed)), 0)

export const where =
  (weight: number, holds: (parsed: ParsedReport) => boolean | undefined): Indicator =>
  (parsed) =>
    holds(parsed) === true ? weight : 0

/** Combines indicators, of which the best one counts, or conditions, with a weight of 1. */
export const anyOf =
  (...conditions: readonly Condition[]): Indicator =>
  (parsed) =>
    Math.max(0, ...conditions.map((condition) => Number(condition(parsed) ?? 0)))

export const not =
  (condition: Condition): Condition =>
  (parsed) =>
    !condition(parsed)

/** Limits an indicator to reports that meet all conditions. */
export const and =
  (indicator: Indicator, ...conditions: readonly Condition[]): Indicator =>
  (parsed) =>
    conditions.every((condition) => condition(parsed)) ? indicator(parsed) : 0
