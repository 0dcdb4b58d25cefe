/** Renders the chapter about mail programs from Markdown to the HTML that its page frames. */
import { Marked, type Tokens } from 'marked'

export type MarkdownFile = { name: string; text: string }

/**
 * Returns the HTML: a list of the sections, then the head and a section for each program, sorted by title.
 * The anchor of a program is the name of its file. Throws if a file does not begin with its title.
 */
export function renderChapter(files: readonly MarkdownFile[]): string {
  const [head, ...others] = files.toSorted(
    (a, b) => Number(b.name === HEAD) - Number(a.name === HEAD),
  )
  if (head?.name !== HEAD) throw new Error(`The chapter has no ${HEAD}.`)
  const programs = others
    .map(({ name, text }) => ({ id: name.replace(/\.md$/, ''), ...splitTitle(name, text) }))
    .sort((a, b) => a.title.localeCompare(b.title, 'en'))
  const { body } = splitTitle(head.name, head.text)
  const topics = [...body.matchAll(/^## (.+)$/gm)].map(([, title = '']) => ({
    id: slug(title),
    title,
  }))
  return [
    '<div class="chapter">',
    '<nav aria-label="On this page">',
    listOf('Basics', topics),
    programs.length > 0 ? listOf('Programs and libraries', programs) : '',
    '</nav>',
    '<div>',
    render(body, 0),
    ...programs.map(
      ({ id, title, body }) =>
        `<section id="${id}">\n<h2><a href="#${id}">${escapeHtml(title)}</a></h2>\n${render(body, 1)}</section>`,
    ),
    '</div>',
    '</div>',
    '',
  ].join('\n')
}

const HEAD = 'README.md'

function splitTitle(name: string, text: string): { title: string; body: string } {
  const [, title, body] = /^# (.+?)\n(.*)$/s.exec(text) ?? []
  if (title === undefined || body === undefined) {
    throw new Error(`${name} must begin with "# " and its title.`)
  }
  return { title, body }
}

const listOf = (label: string, entries: readonly { id: string; title: string }[]) =>
  `<h2>${label}</h2>\n<ul>${entries
    .map(({ id, title }) => `<li><a href="#${id}">${escapeHtml(title)}</a></li>`)
    .join('')}</ul>`

const slug = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/** `deeper`: by how much headings move down below that of the section. */
function render(markdown: string, deeper: number): string {
  const marked = new Marked({
    renderer: {
      heading({ tokens, text, depth }: Tokens.Heading) {
        const level = depth + deeper
        const id = deeper === 0 ? ` id="${slug(text)}"` : ''
        return `<h${level}${id}>${this.parser.parseInline(tokens)}</h${level}>\n`
      },
      // The info string is the language, then the file that the block belongs into.
      code({ text, lang = '' }: Tokens.Code) {
        const [, file] = /^\S+ (.+)$/.exec(lang) ?? []
        const code = `<pre><code>${escapeHtml(text)}</code></pre>\n`
        if (file === undefined) return code
        return `<figure>\n<figcaption><code>${escapeHtml(file)}</code></figcaption>\n${code}</figure>\n`
      },
      // Placeholders such as <user> stay visible, and no file can bring its own elements.
      html: ({ text }: Tokens.HTML | Tokens.Tag) => escapeHtml(text),
    },
  })
  return marked.parse(markdown, { async: false })
}

const escapeHtml = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
