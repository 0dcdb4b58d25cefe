/** Parses the pasted rows of an import: `mailbox, refresh token[, delegate]`, one on each line. Pure. */
import { isAddress, sameAddress } from '../email-account/draft.ts'

/** The API's limit of email accounts per request. */
export const MAX_ROWS = 500

export type PastedRow = { mailbox: string; refreshToken: string; delegate: string | null }

export type ParsedRows =
  | { ok: true; rows: PastedRow[] }
  /** Contains lines and mailboxes only, and nothing else of what was pasted. */
  | { ok: false; error: string }

/** Number of faulty lines that are listed. */
const MAX_FAULTS = 5

/** Parses the lines. Values are separated by a comma, semicolon or tab, as in spreadsheets and CSV files. */
export function parseRows(text: string): ParsedRows {
  const lines = text
    .split(/\r?\n/)
    .map((line, index) => ({ number: index + 1, line: line.trim() }))
    .filter(({ line }) => line !== '')
  if (lines.length === 0) return { ok: false, error: 'Paste at least one row.' }
  if (lines.length > MAX_ROWS) {
    return { ok: false, error: `Paste at most ${MAX_ROWS} rows at a time, not ${lines.length}.` }
  }
  const rows: PastedRow[] = []
  const faults: string[] = []
  for (const { number, line } of lines) {
    const [mailbox = '', refreshToken = '', delegate = '', ...rest] = cells(line)
    const fault = faultIn({ mailbox, refreshToken, delegate, rest }, rows)
    if (fault) faults.push(`Line ${number}: ${fault}.`)
    rows.push({ mailbox, refreshToken, delegate: delegate || null })
  }
  if (faults.length === 0) return { ok: true, rows }
  const more = faults.length - MAX_FAULTS
  const shown = faults.slice(0, MAX_FAULTS)
  return { ok: false, error: [...shown, ...(more > 0 ? [`${more} more.`] : [])].join(' ') }
}

const cells = (line: string) =>
  line.split(/[,;\t]/).map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'))

function faultIn(
  row: { mailbox: string; refreshToken: string; delegate: string; rest: readonly string[] },
  before: readonly PastedRow[],
): string | null {
  if (!isAddress(row.mailbox)) return "the first value must be the mailbox's address"
  if (row.refreshToken === '') return 'the refresh token is missing'
  if (/\s/.test(row.refreshToken)) return 'the refresh token has spaces in it'
  if (row.delegate !== '' && !isAddress(row.delegate)) {
    return 'the third value must be the address of the person who signs in'
  }
  if (row.rest.length > 0) return 'there are more than three values'
  return before.some(({ mailbox }) => sameAddress(mailbox, row.mailbox))
    ? `${row.mailbox} is listed twice`
    : null
}
