/** Indicators by which causes are recognised. Files of causes import them together: `by.text(WEIGHT.names, /.../)`. */
import type { ProblemCode } from '../../../schema/problem.ts'
import type { Facts } from '../parse/facts.ts'
import { joinPatterns, type OneOrMore } from '../parse/join-patterns.ts'
import type { ServerResponse } from '../parse/responses.ts'
import type { MeaningName } from '../parse/source.ts'
import type { FailureKind } from '../report.ts'
import { type Indicator, WEIGHT } from './cause.ts'

/** Matches any of these patterns. The text is in lower case, with single spaces and ASCII quotes. */
export const text = (weight: number, sentences: OneOrMore<RegExp>): Indicator => {
  // Built for the first text, since not every process reads one.
  let joined: RegExp | undefined
  return ({ text }) => {
    joined ??= joinPatterns(sentences)
    return joined.test(text) ? weight : 0
  }
}

/** Matches a Mailgrant problem in the text. An Entra number beside it counts more. */
export const mailgrantProblem =
  (...codes: readonly ProblemCode[]): Indicator =>
  ({ mailgrantProblem: code, codes: numbers }) => {
    if (code === null || !codes.includes(code)) return 0
    return numbers.length > 0 ? WEIGHT.names : WEIGHT.overrides + 1.5
  }

/** Matches a response that has several causes. */
export const response =
  (weight: number, ...names: readonly ServerResponse[]): Indicator =>
  (parsed) =>
    names.some((name) => parsed.responses.has(name)) ? weight : 0

/** Matches a meaning of parse/meanings. */
export const meaning =
  (weight: number, ...names: readonly MeaningName[]): Indicator =>
  (parsed) =>
    names.some((name) => parsed.meanings.has(name)) ? weight : 0

export const kind =
  (weight: number, ...names: readonly FailureKind[]): Indicator =>
  (parsed) =>
    parsed.kind !== undefined && names.includes(parsed.kind) ? weight : 0

/** Matches an AADSTS number that has several causes, or whose meaning depends on the text beside it. */
export const code =
  (weight: number, ...numbers: readonly number[]): Indicator =>
  (parsed) =>
    numbers.some((number) => parsed.codes.includes(number)) ? weight : 0

export const oauth =
  (weight: number, ...errors: readonly string[]): Indicator =>
  (parsed) =>
    errors.some((error) => parsed.oauth.has(error)) ? weight : 0

export const enhanced =
  (weight: number, ...codes: readonly string[]): Indicator =>
  (parsed) =>
    codes.some((code) => parsed.enhanced.has(code)) ? weight : 0

/** Matches one piece of evidence: `by.fact(3, 'shared', true)`. */
export const fact =
  <Name extends keyof Facts>(weight: number, name: Name, value: Facts[Name]): Indicator =>
  (parsed) =>
    parsed.facts[name] === value ? weight : 0
