/** Reads the stage from words beside an error that can occur at several stages. */
import type { Stage } from '../../../schema/diagnosis.ts'

const WORDS: readonly (readonly [Stage, RegExp])[] = [
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
  for (const [stage, words] of WORDS) {
    for (const { index } of text.matchAll(words)) {
      if (index > last) [found, last] = [stage, index]
    }
  }
  return found
}

/** Returns the first of these stages whose words are in a clean text, or among all stages the last; else null. */
export const stageIn = (text: string, among: true | readonly Stage[]): Stage | null =>
  among === true
    ? lastStageIn(text)
    : (among.find((stage) =>
        WORDS.some(([name, words]) => name === stage && text.search(words) >= 0),
      ) ?? null)
