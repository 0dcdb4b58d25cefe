/** Text that leaves the console, for mail and chat, and links that lead out of it. Pure. */

/** Line breaks, control characters, and characters that are invisible or turn the direction of the text. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u

/** Returns the text on one line, without characters that cannot be seen. */
export const plainLine = (text: string): string =>
  text.replaceAll(new RegExp(UNSEEN, 'gu'), ' ').replaceAll(/ {2,}/g, ' ').trim()

/** Returns false for a command that would not be what it looks like. */
export const isPlain = (command: string): boolean => !UNSEEN.test(command)

/** Returns true for a link that may be opened: only https. */
export const isSafeLink = (url: string): boolean => url.startsWith('https://')
