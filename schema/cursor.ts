/** Encoding of `next_cursor`: the position of the last row of a page. */
import { decodeBase64UrlText, encodeBase64Url } from './base64.ts'

export type Cursor = {
  /** The customer of the list, empty in lists of what has no customer. Absent in lists of all customers. */
  customer?: string
  /** Creation time, ms since the epoch. */
  at: number
  id: string
  /** Absent in lists sorted newest first. */
  sorted?: {
    /** Name of the sort for which the cursor is valid. */
    by: string
    /** Value of the row that is compared before its creation time and id; empty if there is none. */
    key: string
  }
}

export const writeCursor = ({ customer, at, id, sorted }: Cursor) => {
  const position = sorted ? `${at}.${id}.${sorted.by}.${sorted.key}` : `${at}.${id}`
  return encodeBase64Url(customer === undefined ? position : `${customer}:${position}`)
}

/** Parses a cursor. Returns null unless writeCursor() can have written it. */
export function readCursor(text: string): Cursor | null {
  try {
    const [, customer, at, id, by, key = ''] =
      /^(?:([A-Za-z0-9._-]{0,64}):)?(\d{1,15})\.([\w-]+)(?:\.(-?[a-z_]+)\.(.*))?$/s.exec(
        decodeBase64UrlText(text),
      ) ?? []
    if (!at || !id) return null
    return {
      ...(customer !== undefined && { customer }),
      at: Number(at),
      id,
      ...(by && { sorted: { by, key } }),
    }
  } catch {
    return null
  }
}
