/** Tells a sentence that was said about this attempt from one that is only mentioned. */

/** Longest text before a sentence that is read for it, in UTF-16 units. */
const MOST_BEFORE = 120

/**
 * Matches words before a sentence that a manual, a changelog, a test or a denial mentions. "When I send, I get" is a report, but "when
 * you see" is none.
 */
const MENTION = new RegExp(
  [
    String.raw`\b(?:if|when(?:ever)?|in case) (?:you|the (?:\w{1,12} )?(?:server|log|page|response|error|message)|entra|exchange|microsoft)\b`,
    String.raw`\b(?:do(?:es)?|did)(?:n't| not) (?:get|see|show|say|return|receive)\b|\bunlike\b`,
    String.raw`\b(?:you'd|would|should) (?:be )?(?:get|see|say|show)(?:t?ing)?\b`,
    String.raw`(?:^|[-*\u2022] )(?:fix(?:ed|es)?|add(?:ed|s)?|new|improved?|handles?|explains?|recogni[sz]es?)\b(?! (?:in|at|by)\b)`,
    String.raw`\b(?:assert|expect)\w{0,20}!?\(|\.(?:contains|includes?|indexof|match(?:es)?|startswith|test)\(`,
  ].join('|'),
  'i',
)

/** Returns the last match of a global pattern, of those that are not only mentioned. */
export const lastSaid = (text: string, pattern: RegExp): RegExpExecArray | undefined =>
  [...text.matchAll(pattern)].findLast(({ index }) => {
    const before = text.slice(Math.max(0, index - MOST_BEFORE), index)
    return !MENTION.test(before.split(/[.!?]\s|\n/).at(-1) ?? '')
  })
