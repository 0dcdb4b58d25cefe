/** Links that lead out of the console, and what the sources of a cause are called. Pure. */

/** Returns true for a link that may be opened: https only. */
export const isSafeLink = (url: string) => url.startsWith('https://')

/**
 * Returns what each source is: `learn.microsoft.com`, `owner/repository#12`. The second of a name is
 * numbered.
 */
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
