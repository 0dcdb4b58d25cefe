/** The chapter for operators: how to install and run Mailgrant. Its pages are Markdown files of the repository. */
import { OPERATING } from '../paths.ts'
import { guidePage } from './guides.tsx'
import { parseChapter } from './markdown.ts'
import type { Section } from './page.ts'

/** Path segment of each page, by its file, in the order of the navigation. */
const PAGES: Readonly<Record<string, string>> = {
  'api/node/install.md': 'install',
  'api/cloudflare.md': 'cloudflare',
  'api/operating.md': 'settings',
  'api/node/backup.md': 'backup',
  'api/node/standby.md': 'standby',
  'api/node/moving.md': 'moving',
  'checker/alone.md': 'checker',
}

/** Files beside the pages. */
const FILES = ['api/grafana.json', 'api/prometheus-alerts.yaml']

/** Builds the chapter. `readText` returns the text of a file by its path from the root. */
export const operatingSection = (readText: (path: string) => string): Section => ({
  name: 'Run Mailgrant',
  pages: Object.entries(PAGES).map(([file, slug]) => {
    const chapter = parseChapter({ name: `${slug}.md`, text: withPages(readText(file), file) })
    return guidePage(`${OPERATING}/${slug}`, chapter)
  }),
})

/** Points relative links of the file to pages of the documentation. Replaces a link to any other file by its text. */
export const withPages = (markdown: string, file: string): string =>
  markdown.replace(
    /\[((?:`[^`]*`|[^`[\]])+)\]\((?!https?:|#)([^)\s#]+)([^)\s]*)\)/g,
    (_link, text, to, anchor) => {
      const path = pathOf(new URL(to, `file:///${file}`).pathname.slice(1))
      return path === undefined ? text : `[${text}](${path}${anchor})`
    },
  )

function pathOf(file: string): string | undefined {
  const page = PAGES[file]
  if (page !== undefined) return `${OPERATING}/${page}`
  if (FILES.includes(file)) return file.replace('api/', '/docs/')
  const [, guide] = /^api(\/docs\/guides\/.+)\.md$/.exec(file) ?? []
  return guide
}
