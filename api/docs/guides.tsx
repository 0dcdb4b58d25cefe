/** The guides: one page for each file of the folder `guides/`. */
import { raw } from 'hono/html'
import type { LinkToPages } from './links.ts'
import {
  type Chapter,
  headingsOf,
  languagesIn,
  type MarkdownFile,
  openingOf,
  parseChapter,
  plainText,
  renderMarkdown,
  sectionsOf,
} from './markdown.ts'
import type { Page, Section } from './page.ts'

const FOLDER = 'api/docs/guides'

/** The order of the guides. */
const ORDER = [
  'first-mailbox',
  'shared-mailboxes',
  'personal-accounts',
  'reconnect-or-remove',
  'third-party-page',
  'send-a-link',
  'mail-worker',
  'alerts',
  'webhooks',
  'app-only',
  'approval',
  'many-customers',
  'moving',
  'other-products',
  'console-sign-in',
  'cloudflare-or-server',
  'behind-a-proxy',
  'private-server',
  'limits',
  'microsoft',
  'smtp-auth-2026',
  'smtp-or-graph',
  'ews-retirement',
]

/** Builds the guides. Throws if the files are not those of `ORDER`. */
export function guideSection(files: readonly MarkdownFile[], linkToPages: LinkToPages): Section {
  const guides = files.map(({ name, text }) =>
    parseChapter({ name, text: linkToPages(text, `${FOLDER}/${name}`) }),
  )
  const unknown = guides.filter(({ slug }) => !ORDER.includes(slug))
  if (unknown.length > 0) throw new Error(`${unknown[0]?.slug}.md has no place among the guides.`)
  const pages = ORDER.map((slug): Page => {
    const guide = guides.find((each) => each.slug === slug)
    if (!guide) throw new Error(`The guide ${slug}.md is missing.`)
    return guidePage(`/docs/guides/${slug}`, guide)
  })
  return { name: 'Guides', pages }
}

/** Returns the page of a guide, with search entries for it and each of its sections. */
export function guidePage(path: string, { slug, title, body }: Chapter): Page {
  const headings = headingsOf(body)
  return {
    path,
    title,
    description: openingOf(body),
    body: raw(renderMarkdown(body)),
    anchors: headings,
    languages: languagesIn(body),
    entries: [
      { kind: 'Guide', title, path, words: `${slug} ${openingOf(body)}`, text: '' },
      ...sectionsOf(body).map(({ id, name, text }) => ({
        kind: 'Guide' as const,
        title: name,
        path: `${path}#${id}`,
        page: plainText(title),
        words: settingsIn(text),
        text,
      })),
    ],
  }
}

/** Returns the names of settings, such as `PUBLIC_URL`, separated by spaces. */
const settingsIn = (text: string) =>
  [...new Set(text.match(/\b[A-Z]{2,}(?:_[A-Z]+)+\b/g))].join(' ')
