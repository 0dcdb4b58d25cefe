/** News of what was just done, for the next page to show once. */

export type News = { title: string; text?: string; link?: { href: string; text: string } }

let waiting: News | null = null

export function tellNext(title: string, text?: string, link?: News['link']): void {
  waiting = { title, ...(text !== undefined && { text }), ...(link && { link }) }
}

/** Returns what is to be told, once, or null. */
export function takeTold(): News | null {
  const told = waiting
  waiting = null
  return told
}
