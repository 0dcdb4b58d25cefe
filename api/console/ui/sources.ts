/** External links, and names for the sources of a cause. Pure. */

/** Returns true for a link that may be opened: only https. */
export const isSafeLink = (url: string) => url.startsWith('https://')

/** Returns a name for each source: `learn.microsoft.com`, `owner/repository#12`. A repeated name is numbered. */
export function sourceNames(urls: readonly string[]): string[] {
  const names = urls.map(sourceName)
  return names.map((name, index) => {
    const before = names.slice(0, index).filter((other) => other === name).length
    return before === 0 ? name : `${name} (${before + 1})`
  })
}

function sourceName(url: string): string {
  if (!URL.canParse(url)) return url
  const { hostname, pathname } = new URL(url)
  const thread = /^\/([^/]+\/[^/]+)\/(?:issues|pull|discussions)\/(\d+)/.exec(pathname)
  return hostname === 'github.com' && thread ? `${thread[1]}#${thread[2]}` : hostname
}
