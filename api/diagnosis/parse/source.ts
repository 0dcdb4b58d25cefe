/**
 * Detects who wrote the text of a failure and how far the attempt got, before causes are weighed. A server's text rules out all causes that would have kept the attempt from reaching that server.
 *
 * A text usually has several sources: programs wrap what they quote, and logs hold several errors. One decides:
 * 1. A reply of a server beats the program around it, and earlier attempts that did not get as far.
 * 2. Words that may be a consequence of something else decide only beside summaries. A summary gives way to everything
 *    else. Among summaries, the one that no connection was made decides, since it explains the others.
 * 3. Among equals the last one decides: the innermost exception, and the latest error of a log. Where two
 *    read the same words, the one that is higher in the tables does.
 */
import type { Source, Stage } from '../../../schema/diagnosis.ts'
import { joinPatterns } from './join-patterns.ts'
import { callbackMeanings } from './meanings/callback.ts'
import { faultMeanings } from './meanings/fault.ts'
import { graphMeanings } from './meanings/graph.ts'
import { mailServerMeanings } from './meanings/mail-server.ts'
import type { Meaning } from './meanings/meaning.ts'
import { otherServerMeanings } from './meanings/other-server.ts'
import { programMeanings } from './meanings/program.ts'
import { signInPageMeanings } from './meanings/sign-in-page.ts'
import { summaryMeanings, unspecifiedMeanings } from './meanings/summary.ts'
import { systemMeanings } from './meanings/system.ts'
import { tlsMeanings } from './meanings/tls.ts'
import { tokenEndpointMeanings } from './meanings/token-endpoint.ts'
import { translatedMeanings } from './meanings/translations.ts'

export type Reading = {
  /** Null if nothing in the text is understood. */
  source: Source | null
  stage: Stage | null
  /** True if only broad words suggest the source, so that no other is excluded. */
  isGuess: boolean
  /** Names of all meanings found. */
  meanings: ReadonlySet<MeaningName>
}

const tables = [
  ...graphMeanings,
  ...tokenEndpointMeanings,
  ...signInPageMeanings,
  ...mailServerMeanings,
  ...otherServerMeanings,
  ...callbackMeanings,
  ...tlsMeanings,
  ...systemMeanings,
  ...translatedMeanings,
  ...programMeanings,
  ...summaryMeanings,
  ...faultMeanings,
  ...unspecifiedMeanings,
]

/** Name of a meaning in the tables, so that a cause cannot refer to one that does not exist. */
export type MeaningName = (typeof tables)[number]['name']

const meanings: readonly Meaning<MeaningName>[] = tables

/** Weights of the sources. The highest one decides. */
const AUTHORITY: Record<Source, number> = {
  // Above the token endpoint: Graph's codes are unique, but the status that programs print beside them is not.
  graph: 4.5,
  token_endpoint: 4,
  // Below the token endpoint, whose messages quote sentences of the pages.
  sign_in_page: 3.5,
  mail_server: 4,
  other_server: 4,
  callback: 3,
  tls: 2,
  system: 2,
  program: 2,
  summary: 0,
}
const CONSEQUENCE = 1

const authorityOf = ({ source, consequence, fallback }: Meaning): number => {
  if (fallback) return AUTHORITY.summary
  return consequence ? Math.min(CONSEQUENCE, AUTHORITY[source]) : AUTHORITY[source]
}

type Match = { meaning: Meaning<MeaningName>; start: number; end: number }

type Search = { meaning: Match['meaning']; pattern: RegExp }

let searches: readonly Search[] | undefined

/** Returns the patterns of all meanings. They are built for the first text, since not every process reads one. */
const allSearches = (): readonly Search[] =>
  (searches ??= meanings.map((meaning) => ({
    meaning,
    pattern: joinPatterns(meaning.patterns, 'g'),
  })))

/** Reads a clean text. */
export function readSource(text: string): Reading {
  const found = allSearches().flatMap(({ meaning, pattern }) => lastMatch(meaning, pattern, text))
  const decisive = found.reduce<Match | null>(
    (best, match) => (best && !outranks(match, best) ? best : match),
    null,
  )
  return {
    source: decisive?.meaning.source ?? null,
    stage: decisive && stageOf(decisive, text),
    isGuess: decisive?.meaning.fallback === true,
    meanings: new Set(found.map(({ meaning }) => meaning.name)),
  }
}

/**
 * Returns the last place where the text has this meaning, with all matches that overlap there; or an empty list.
 * A search goes on one character after the beginning of a match, so that it tries each character once.
 */
function lastMatch(meaning: Match['meaning'], pattern: RegExp, text: string): Match[] {
  let [start, end] = [-1, 0]
  pattern.lastIndex = 0
  for (let found = pattern.exec(text); found; found = pattern.exec(text)) {
    start = found.index
    end = Math.max(end, start + found[0].length)
    pattern.lastIndex = start + 1
  }
  return start < 0 ? [] : [{ meaning, start, end }]
}

function outranks(match: Match, other: Match): boolean {
  const { source, stage } = match.meaning
  if (source === 'summary' && (stage !== 'connect' || other.meaning.source !== 'summary'))
    return false
  const difference = authorityOf(match.meaning) - authorityOf(other.meaning)
  return difference > 0 || (difference === 0 && match.start >= other.end)
}

const stageOf = ({ meaning }: Match, text: string): Stage | null =>
  (meaning.anyStage && stageIn(text, meaning.anyStage)) || meaning.stage

/** Words beside an error that can occur at several stages. */
const STAGE_WORDS: readonly (readonly [Stage, RegExp])[] = [
  ['client_credentials', /client[_ ]credentials|acquiretokenforclient|app-only/g],
  ['refresh', /(?<!\b(?:code or|existing|valid) )refresh|renew/g],
  ['callback', /\bcallback\b|\berror=[a-z_]{5,40}\b/g],
  ['authorize', /\/authorize\b|sign[- ]?in page|consent/g],
  [
    'token_exchange',
    /\/token\b|token endpoint|access token|\btoken request|authorization code(?! or refresh)/g,
  ],
  [
    'send',
    /mail from|rcpt to|\bdata command|end of data|sending (?:the |an )?(?:e-?mail|message)/g,
  ],
  ['select', /\b(?:select|examine|idle|fetch(?!\()|mailbox|folder|inbox)\b/g],
  ['auth', /\b(?:auth|authenticate|authentication|login(?!\.[a-z])|logging in|sasl|xoauth2)\b/g],
  ['greeting', /greeting|banner|\bcode "?220\b|\b(?:ehlo|helo|hello)\b/g],
  ['tls', /starttls|handshake/g],
]

/** Returns the stage whose words come last in a clean text, or null. */
function lastStageIn(text: string): Stage | null {
  let found: Stage | null = null
  let last = -1
  for (const [stage, words] of STAGE_WORDS) {
    for (const { index } of text.matchAll(words)) {
      if (index > last) [found, last] = [stage, index]
    }
  }
  return found
}

/** Returns the first of these stages whose words are in a clean text, or among all stages the last; else null. */
const stageIn = (text: string, among: true | readonly Stage[]): Stage | null =>
  among === true
    ? lastStageIn(text)
    : (among.find((stage) =>
        STAGE_WORDS.some(([name, words]) => name === stage && text.search(words) >= 0),
      ) ?? null)
