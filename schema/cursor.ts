/** Encoding of `next_cursor`: the position of the last row of a page, in lists sorted newest first. */
import { decodeBase64UrlText, encodeBase64 } from './base64.ts'

export type Cursor = { at: number; id: string }

export const writeCursor = ({ at, id }: Cursor) => encodeBase64(`${at}.${id}`)

/** Parses a cursor. Returns null unless writeCursor() can have written it. */
export function readCursor(text: string): Cursor | null {
  try {
    const [, at, id] = /^(\d{1,15})\.([a-z0-9_]+)$/.exec(decodeBase64UrlText(text)) ?? []
    return at && id ? { at: Number(at), id } : null
  } catch {
    return null
  }
}
