/**
 * Reads who speaks in the text of a failure and how far the attempt had got, before causes are weighed. What a
 * server says rules out all causes that would have kept the attempt from reaching that server.
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

export type Reading = {
  /** Null if nothing in the text is understood. */
  speaker: Speaker | null
  stage: Stage | null
  /** Names of all meanings found. */
  meanings: ReadonlySet<string>
}

/** All meanings, by who is believed first: a quoted server says more than the program that quotes it. */
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

/** Reads a clean text. */
export function readSpeaker(text: string): Reading {
  const found = meanings.filter(({ patterns }) => patterns.some((pattern) => pattern.test(text)))
  const [first] = found
  return {
    speaker: first?.speaker ?? null,
    stage: first?.stage ?? null,
    meanings: new Set(found.map(({ name }) => name)),
  }
}
