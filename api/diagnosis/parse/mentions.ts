/** Distinguishes a sentence about this attempt from one that is only mentioned. */

/** Longest text before a sentence that is read for it, in UTF-16 units. */
const MOST_BEFORE = 120

const VERB =
  '(?:see|get|find|read|receive|show|say|return|contain)s?(?:t?ing)?|repl(?:y|ies)|encounter|run into'
/** The text between the verb and the sentence, such as a quotation mark and the beginning of the reply. */
const OBJECT = String.raw`(?: (?:an?|the|any|this|that|something like))?(?: (?:error|message|reply|line|text))?[\s:]{0,2}(?:["'(*].{0,60}|(?:aadsts|\d{3}[ -]\d).{0,50})?$`

/**
 * Matches words before a sentence that a manual, a changelog, a test or a denial mentions. "When I send, I get" is a report, but
 * "when you see" is none.
 */
const MENTION = new RegExp(
  [
    String.raw`\b(?:if|when(?:ever)?|in case) (?:you|the (?:\w{1,12} )?(?:server|log|page|response|error|message)|entra|exchange|microsoft) (?:\w{1,12} )?(?:${VERB})${OBJECT}`,
    String.raw`\b(?:(?:do(?:es)?|did)(?:n't| not)|you'd|would|should)(?: be)? (?:${VERB})${OBJECT}`,
    String.raw`(?:^|[-*\u2022] )(?:fix(?:ed|es)|add(?:ed|s)|improve[ds]|handles|explains|recogni[sz]es|new (?:hint|text|explanation))\b`,
    String.raw`\b(?:assert|expect)\w{0,20}!?\(|\.(?:contains|includes?|indexof|match(?:es)?|startswith|test)\(`,
  ].join('|'),
  'i',
)

/** Matches where a sentence ends, or turns to what happened. */
const TURN = /[.!?]\s|\n|\b(?:but|instead|now|still|then)\b/i

/** Returns the last match of a global pattern, of those that are not only mentioned. */
export const lastSaid = (text: string, pattern: RegExp): RegExpExecArray | undefined =>
  [...text.matchAll(pattern)].findLast(({ index }) => {
    const before = text.slice(Math.max(0, index - MOST_BEFORE), index)
    return !MENTION.test(before.split(TURN).at(-1) ?? '')
  })
