/** Encoding of `next_cursor`: the position of the last row of a page. */
import { decodeBase64UrlText, encodeBase64Url } from './base64.ts'

export type Cursor = {
  /** Creation time, ms since the epoch. */
  at: number
  id: string
  /** Absent in lists sorted newest first. */
  sorted?: {
    /** Name of the sort, which the cursor belongs to. */
    by: string
    /** Value of the row that is compared before its creation time and id; empty if there is none. */
    key: string
  }
}

export const writeCursor = ({ at, id, sorted }: Cursor) =>
  encodeBase64Url(sorted ? `${at}.${id}.${sorted.by}.${sorted.key}` : `${at}.${id}`)

/** Parses a cursor. Returns null unless writeCursor() can have written it. */
export function readCursor(text: string): Cursor | null {
  try {
    const [, at, id, by, key = ''] =
      /^(\d{1,15})\.([\w-]+)(?:\.(-?[a-z_]+)\.(.*))?$/s.exec(decodeBase64UrlText(text)) ?? []
    return at && id ? { at: Number(at), id, ...(by && { sorted: { by, key } }) } : null
  } catch {
    return null
  }
}
