/** The chapter for operators: how to install and run Mailgrant. Its pages are Markdown files of the repository. */
import { OPERATING } from '../paths.ts'
import { guidePage } from './guides.tsx'
import type { LinkToPages } from './links.ts'
import { parseChapter } from './markdown.ts'
import type { Section } from './page.ts'

/** Path segment of each page, by its file, in the order of the navigation. */
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

/** Builds the chapter. `readText` returns the text of a file by its path from the root. */
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
