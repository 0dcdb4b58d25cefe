/** What `next_cursor` holds: the place of the last row of a page, in lists that are newest first. */

// Web standards that every runtime has; this folder is compiled without the types of any.
declare function atob(base64: string): string
declare function btoa(text: string): string

export type Cursor = { at: number; id: string }

export const writeCursor = ({ at, id }: Cursor) => btoa(`${at}.${id}`)

/** Null for what writeCursor() cannot have written. */
export function readCursor(text: string): Cursor | null {
  try {
    const [, at, id] = /^(\d{1,15})\.([a-z0-9_]+)$/.exec(atob(text)) ?? []
    return at && id ? { at: Number(at), id } : null
  } catch {
    return null
  }
}
