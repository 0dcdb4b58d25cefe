/** Encoding of `next_cursor`: the position of the last row of a page, in lists sorted newest first. */

// Web standards that every runtime has; this folder is compiled without runtime types.
declare function atob(base64: string): string
declare function btoa(text: string): string

export type Cursor = { at: number; id: string }

export const writeCursor = ({ at, id }: Cursor) => btoa(`${at}.${id}`)

/** Parses a cursor. Returns null unless writeCursor() can have written it. */
export function readCursor(text: string): Cursor | null {
  try {
    const [, at, id] = /^(\d{1,15})\.([a-z0-9_]+)$/.exec(atob(text)) ?? []
    return at && id ? { at: Number(at), id } : null
  } catch {
    return null
  }
}
