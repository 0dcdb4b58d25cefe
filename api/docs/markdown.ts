/** Renders the Markdown of guides, recipes and the OpenAPI document. */
import { Marked, type Token, type Tokens } from 'marked'
import { escapeHtml, highlight } from './highlight.ts'
import { LANGUAGES, type Language } from './samples.ts'

export type MarkdownFile = { name: string; text: string }

/** A file that begins with its title. */
export type Chapter = { slug: string; title: string; body: string }

/** Throws if the file does not begin with its title. */
export function parseChapter({ name, text }: MarkdownFile): Chapter {
  const [, title, body] = /^# (.+?)\n(.*)$/s.exec(text) ?? []
  if (title === undefined || body === undefined) {
    throw new Error(`${name} must begin with "# " and its title.`)
  }
  return { slug: name.replace(/\.md$/, ''), title, body }
}

export type Heading = { id: string; name: string; text: string }

/** Returns the headings of the second level, with their anchors and all that follows them. */
export const headingsOf = (body: string): Heading[] => splitAt(/^## /m, body)

/** Returns the headings of the second and third level, each with the text up to the next one. */
export const sectionsOf = (body: string): Heading[] => splitAt(/^###? /m, body)

const splitAt = (heading: RegExp, body: string) =>
  body
    .split(heading)
    .slice(1)
    .map((part) => {
      const [name = '', ...lines] = part.split('\n')
      return { id: slugOf(name), name: plainText(name), text: plainText(lines.join('\n')) }
    })

/** Returns the text before the first heading or block of code. */
export const openingOf = (body: string): string =>
  plainText(body.trim().split(/\n\n|\n(?=[#`-])/)[0] ?? '')

/** Removes the marks of Markdown, and blocks of code. */
export const plainText = (markdown: string): string =>
  markdown
    .replace(/^```[\s\S]*?^```$/gm, ' ')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*|#]|-{3,}/g, '')
    .replace(/\s+/g, ' ')
    .trim()

export const slugOf = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/**
 * Returns HTML. Blocks of code in different languages that follow each other are shown one at a time, in the language
 * that the reader chose. `deeper`: number of levels by which headings move down. Headings that do not move have an
 * anchor.
 */
export function renderMarkdown(markdown: string, deeper = 0): string {
  let section = ''
  const marked = new Marked({
    renderer: {
      heading({ tokens, text, depth }: Tokens.Heading) {
        section = plainText(text)
        const level = depth + deeper
        const id = deeper === 0 ? ` id="${slugOf(text)}"` : ''
        return `<h${level}${id}>${this.parser.parseInline(tokens)}</h${level}>\n`
      },
      code: ({ text, lang = '' }: Tokens.Code) => renderCode(text, lang),
      table({ header, rows }: Tokens.Table) {
        // A header without text, such as that of the first column, must not be a header for screen readers.
        const row = (cells: Tokens.TableCell[], head: boolean) =>
          `<tr>${cells
            .map(({ tokens, text }) => [head && text !== '' ? 'th' : 'td', tokens] as const)
            .map(([tag, tokens]) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`)
            .join('')}</tr>`
        const head = header.some(({ text }) => text !== '')
          ? `<thead>${row(header, true)}</thead>`
          : ''
        const table = `<table>\n${head}\n<tbody>${rows.map((cells) => row(cells, false)).join('\n')}</tbody>\n</table>\n`
        // Scrolls in its own box, by keyboard too, since on a phone, its columns would be one letter wide.
        return header.length > 3
          ? `<div class="scroll" tabindex="0" role="region" aria-label="${escapeHtml(`Table: ${section}`)}">\n${table}</div>\n`
          : table
      },
      // Placeholders such as <user> stay visible, and no file can bring its own elements.
      html: ({ text }: Tokens.HTML | Tokens.Tag) => escapeHtml(text),
    },
  })
  const tokens = marked.lexer(markdown)
  const parts: string[] = []
  for (const part of groupSamples(tokens)) {
    const html = marked.parser(part)
    parts.push(isSamples(part) ? `<div class="samples">\n${html}</div>\n` : html)
  }
  return parts.join('')
}

/** Returns the languages of the groups in which there is code in several. */
export function languagesIn(markdown: string): Language[] {
  const samples = groupSamples(new Marked().lexer(markdown)).filter(isSamples).flat()
  return LANGUAGES.map(({ id }) => id).filter((id) =>
    samples.some((each) => languageOf(each) === id),
  )
}

const isSamples = (tokens: Token[]) => tokens.length > 1 && tokens.every(isSample)

const languageOf = (token: Token) =>
  LANGUAGES.find(({ id }) => token.type === 'code' && id === token.lang)?.id
const isSample = (token: Token) => languageOf(token) !== undefined

/** Splits the tokens so that blocks of code in different languages form a group of their own. */
function groupSamples(tokens: readonly Token[]): Token[][] {
  const groups: Token[][] = []
  for (const token of tokens.filter(({ type }) => type !== 'space')) {
    const last = groups.at(-1)
    const continues =
      last?.every(isSample) &&
      isSample(token) &&
      !last.some((each) => languageOf(each) === languageOf(token))
    if (last && continues) last.push(token)
    else groups.push([token])
  }
  return groups
}

/** `info`: the language, then the file that the block belongs in. */
function renderCode(text: string, info: string): string {
  const [, language = '', file] = /^(\S*)(?: (.+))?$/.exec(info) ?? []
  const caption =
    file === undefined ? '' : `<figcaption><code>${escapeHtml(file)}</code></figcaption>\n`
  return `<figure class="code ${escapeHtml(language)}">\n${caption}<pre><code>${highlight(text, language)}</code></pre>\n</figure>\n`
}
