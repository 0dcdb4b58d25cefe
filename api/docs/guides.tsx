/** The guides: one page for each file of the folder `guides/`. */
import { raw } from 'hono/html'
import {
  hasSamples,
  headingsOf,
  type MarkdownFile,
  openingOf,
  parseChapter,
  plainText,
  renderMarkdown,
} from './markdown.ts'
import type { Page, Section } from './page.ts'

/** The order of the guides. */
const ORDER = [
  'first-mailbox',
  'third-party-page',
  'mail-worker',
  'webhooks',
  'app-only',
  'smtp-auth-2026',
  'ews-retirement',
]

/** Throws if the files are not those of the order. */
export function guideSection(files: readonly MarkdownFile[]): Section {
  const guides = files.map(parseChapter)
  const unknown = guides.filter(({ slug }) => !ORDER.includes(slug))
  if (unknown.length > 0) throw new Error(`${unknown[0]?.slug}.md has no place among the guides.`)
  const pages = ORDER.map((slug): Page => {
    const guide = guides.find((each) => each.slug === slug)
    if (!guide) throw new Error(`The guide ${slug}.md is missing.`)
    const { title, body } = guide
    const path = `/docs/guides/${slug}`
    const headings = headingsOf(body)
    return {
      path,
      title,
      description: openingOf(body),
      body: raw(renderMarkdown(body)),
      anchors: headings,
      samples: hasSamples(body),
      entries: [
        { kind: 'Guide', title, path, words: slug, text: openingOf(body) },
        ...headings.map(({ id, name, text }) => ({
          kind: 'Guide' as const,
          title: name,
          path: `${path}#${id}`,
          words: plainText(title),
          text,
        })),
      ],
    }
  })
  return { name: 'Guides', pages }
}
