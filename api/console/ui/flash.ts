/** A message about what was just done, which the next page shows once. */

export type Flash = { title: string; text?: string; link?: { href: string; text: string } }

let pending: Flash | null = null

export function setFlash(title: string, text?: string, link?: Flash['link']): void {
  pending = { title, ...(text !== undefined && { text }), ...(link && { link }) }
}

/** Returns the message once; null if there is none. */
export function takeFlash(): Flash | null {
  const flash = pending
  pending = null
  return flash
}
