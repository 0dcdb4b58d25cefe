/** The guides, one page for each file of the folder `guides/`, and the chapter for operators. */
import { raw } from 'hono/html'
import { OPERATING } from '../paths.ts'
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

/** Path segment of each page for operators, by its file, in the order of the navigation. */
export const PAGES: Readonly<Record<string, string>> = {
  'api/node/install.md': 'install',
  'api/cloudflare.md': 'cloudflare',
  'api/operating/settings.md': 'settings',
  'api/operating/credentials.md': 'credentials',
  'api/operating/runbook.md': 'runbook',
  'api/operating/capacity.md': 'capacity',
  'api/operating/data-protection.md': 'data-protection',
  'api/node/backup.md': 'backup',
  'api/node/standby.md': 'standby',
  'api/node/moving.md': 'moving',
  'checker/alone.md': 'checker',
}

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

/** Builds the chapter for operators. `readText` returns the text of a file by its path from the root. */
export const operatingSection = (
  readText: (path: string) => string,
  linkToPages: LinkToPages,
): Section => ({
  name: 'Run Mailgrant',
  pages: Object.entries(PAGES).map(([file, slug]) => {
    const chapter = parseChapter({ name: `${slug}.md`, text: linkToPages(readText(file), file) })
    return guidePage(`${OPERATING}/${slug}`, chapter)
  }),
})

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
