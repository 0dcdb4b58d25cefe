/** Text that leaves the console, for mail and chat. Pure. */

/** Line breaks, control characters, and characters that are invisible or turn the direction of the text. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** Returns the text on one line, without characters that cannot be seen. */
export const plainLine = (text: string): string =>
  text.replaceAll(new RegExp(UNSEEN, 'gu'), ' ').replaceAll(/ {2,}/g, ' ').trim()

/** Returns false for a command that would not be what it looks like. */
export const isPlain = (command: string): boolean => !UNSEEN.test(command)
