const LINK = /\[((?:`[^`]*`|[^`[\]])+)\]\((?!https?:|#|\/)([^)\s#]+)(#[^)\s]*)?\)/g

/**
 * Replaces each link in the Markdown by the one that `hrefOf` returns for the path of its file and its anchor, or by its text
 * if that is undefined.
 */
export const replaceLinks = (
  markdown: string,
  file: string,
  hrefOf: (path: string, anchor: string) => string | undefined,
): string =>
  markdown.replace(LINK, (_link, text: string, to: string, anchor = '') => {
    const href = hrefOf(new URL(to, `file:///${file}`).pathname.slice(1), anchor)
    return href === undefined ? text : `[${text}](${href})`
  })
