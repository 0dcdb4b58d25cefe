/**
 * Reads who speaks in the text of a failure and how far the attempt had got, before causes are weighed. What a
 * server says rules out all causes that would have kept the attempt from reaching that server.
 *
 * A text usually has several speakers: programs wrap what they quote, and logs hold several errors. One decides:
 * 1. A reply of a server beats the program around it, and earlier attempts that did not get as far.
 * 2. Words that may be a consequence of something else come after everything else; a summary beats nobody.
 * 3. Among equals the last one decides: the innermost exception, and the latest error of a log.
 */
import type { Speaker, Stage } from '../../../schema/diagnosis.ts'
import { callbackMeanings } from './meanings/callback.ts'
import { mailServerMeanings } from './meanings/mail-server.ts'
import type { Meaning } from './meanings/meaning.ts'
import { otherServerMeanings } from './meanings/other-server.ts'
import { programMeanings } from './meanings/program.ts'
import { signInPageMeanings } from './meanings/sign-in-page.ts'
import { summaryMeanings } from './meanings/summary.ts'
import { systemMeanings } from './meanings/system.ts'
import { tlsMeanings } from './meanings/tls.ts'
import { tokenEndpointMeanings } from './meanings/token-endpoint.ts'
import { stageIn } from './stage.ts'

export type Reading = {
  /** Null if nothing in the text is understood. */
  speaker: Speaker | null
  stage: Stage | null
  /** Names of all meanings found. */
  meanings: ReadonlySet<string>
}

const meanings: readonly Meaning[] = [
  ...tokenEndpointMeanings,
  ...signInPageMeanings,
  ...mailServerMeanings,
  ...otherServerMeanings,
  ...callbackMeanings,
  ...programMeanings,
  ...tlsMeanings,
  ...systemMeanings,
  ...summaryMeanings,
]

/** How much a speaker counts beside others: servers, programs that name a reason, libraries, summaries. */
const AUTHORITY: Record<Speaker, number> = {
  token_endpoint: 4,
  sign_in_page: 4,
  mail_server: 4,
  other_server: 4,
  callback: 3,
  program: 3,
  tls: 2,
  system: 2,
  summary: 0,
}
const CONSEQUENCE = 1

const authorityOf = ({ speaker, consequence }: Meaning): number =>
  consequence ? Math.min(CONSEQUENCE, AUTHORITY[speaker]) : AUTHORITY[speaker]

type Found = { meaning: Meaning; at: number }

/** Patterns that find all their matches, compiled once. */
const searches = meanings.map((meaning) => ({
  meaning,
  patterns: meaning.patterns.map(({ source, flags }) => new RegExp(source, `${flags}g`)),
}))

/** Reads a clean text. */
export function readSpeaker(text: string): Reading {
  const found = searches.flatMap(({ meaning, patterns }): Found[] => {
    const at = lastMatch(patterns, text)
    return at < 0 ? [] : [{ meaning, at }]
  })
  const decides = found.reduce<Found | null>(
    (best, one) => (best && !outranks(one, best) ? best : one),
    null,
  )
  return {
    speaker: decides?.meaning.speaker ?? null,
    stage: decides && stageOf(decides, text),
    meanings: new Set(found.map(({ meaning }) => meaning.name)),
  }
}

/** Returns where the last match begins, or -1. */
function lastMatch(patterns: readonly RegExp[], text: string): number {
  let last = -1
  for (const pattern of patterns) {
    for (const { index } of text.matchAll(pattern)) last = Math.max(last, index)
  }
  return last
}

function outranks(one: Found, other: Found): boolean {
  const difference = authorityOf(one.meaning) - authorityOf(other.meaning)
  return difference > 0 || (difference === 0 && one.at > other.at)
}

const stageOf = ({ meaning }: Found, text: string): Stage | null =>
  (meaning.anyStage && stageIn(text, meaning.anyStage)) || meaning.stage
