/** Quoting for the commands and scripts that people copy. Pure. */

/** Quotes a text as one literal word of bash. */
export const bashQuote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** Quotes a text as a literal string of PowerShell, which treats typographic quotes as quotes too. */
export const powershellQuote = (text: string) =>
  `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, '$&$&')}'`
