/**
 * Proofs, which make a cause certain: a number or a whole sentence that only this cause produces, written by the server
 * that can know it, or a fact from outside the text. A program's own words, a sentence that several causes share, and
 * what people write around a server's reply prove nothing, however likely they make a cause.
 */
import type { Proof, Source } from '../../../schema/diagnosis.ts'
import { isOneNumber, numberSentence } from '../parse/codes.ts'
import { joinPatterns, type OneOrMore } from '../parse/join-patterns.ts'
import { lastSaid } from '../parse/mentions.ts'
import type { ParsedReport } from '../parse/parse-report.ts'

/** Returns true, or any weight but 0, if the report matches. */
type Condition = (parsed: ParsedReport) => number | boolean | undefined

/** Authors whose words can prove: neither programs nor web servers of redirect URIs. */
export type Author = Exclude<Source, 'program' | 'callback' | 'summary'>

/** Returns the proof if the report has it, else null. */
export type ProofFinder = (parsed: ParsedReport) => Proof | null

const MOST_TEXT = 290
const LONGEST_WORD = 60

/**
 * Returns the words at a position of the text as they were written. The quote is limited, and runs that could be tokens
 * are shortened.
 */
function quote(written: string, start: number, length: number): string {
  const words = written
    .slice(start, start + Math.min(length, MOST_TEXT))
    .replace(/[^\s'"()<>,;:]+/g, (word) =>
      word.length > LONGEST_WORD ? `${word.slice(0, 16)}...` : word,
    )
    // The command of a login contains a password.
    .replace(/\bLOGIN "[^"]{1,100}" "[^"]{1,100}"/, 'LOGIN ... ...')
    .toWellFormed()
    .trim()
    // The end of a quotation mark around the whole text.
    .replace(/\.["']$/, '')
  return length > MOST_TEXT ? `${words.slice(0, words.lastIndexOf(' '))} ...` : words
}

/** Proves by the last of these sentences, which match clean text. */
export const saidBy = (source: Author, sentences: OneOrMore<RegExp>): ProofFinder => {
  let joined: RegExp | undefined
  return ({ text, written }) => {
    joined ??= joinPatterns(sentences, 'g')
    const last = lastSaid(text, joined)
    return last ? { text: quote(written, last.index, last[0].length), source } : null
  }
}

/** Proves by a short word that Mailgrant itself has read from a response or one of its fields. */
export const named =
  (source: Author, word: (parsed: ParsedReport) => string | null): ProofFinder =>
  (parsed) => {
    const text = word(parsed)
    return text === null ? null : { text, source }
  }

/** Proves by a fact about the attempt that is not in the text. */
export const fact =
  (source: Proof['source'], sentence: string, holds: Condition): ProofFinder =>
  (parsed) =>
    holds(parsed) ? { fact: sentence, source } : null

/** Limits a proof to reports that meet a condition. */
export const onlyIf =
  (condition: Condition, indicator: ProofFinder): ProofFinder =>
  (parsed) =>
    condition(parsed) ? indicator(parsed) : null

/**
 * Proves by one of these AADSTS numbers, if it is the deciding one. It must come from a response to Mailgrant, be the
 * whole text, or be written as Entra writes it.
 */
export function entraProof(
  groups: readonly { numbers: readonly number[] }[],
  deciding: number,
  { text, written, observed, mailgrantProblem, source, protocol }: ParsedReport,
): Proof | null {
  if (!groups.some(({ numbers }) => numbers.includes(deciding))) return null
  const isPage = source === 'sign_in_page' || (source === null && protocol === 'authorize')
  const author = isPage ? 'sign_in_page' : 'token_endpoint'
  const isQuoted = observed || mailgrantProblem !== null || isOneNumber(text, deciding)
  if (isQuoted) return { text: `AADSTS${deciding}`, source: author }
  const found = numberSentence(written, deciding)
  return found && { text: quote(written, found.start, found.length), source: author }
}
