/** Builds all pages of the documentation, and the index of their search. Runs when the files for browsers are built. */
import { describeCauses } from '../diagnosis/diagnose.ts'
import { CAUSES, EXAMPLE_URL } from '../paths.ts'
import { COMMON, type SearchEntry, stemsOf } from './browser/search.ts'
import { causeSection } from './causes.tsx'
import { Frame } from './frame.tsx'
import { guideSection, operatingSection, PAGES } from './guides.tsx'
import { homePage } from './home.tsx'
import { linkToPages } from './links.ts'
import { mailProgramSection } from './mail-programs.tsx'
import type { MarkdownFile } from './markdown.ts'
import type { Document } from './openapi.ts'
import type { Page } from './page.ts'
import { problemSection } from './problems.tsx'
import { firstPrograms } from './programs.ts'
import { referenceSection } from './reference.tsx'

export type Sources = {
  openapi: Document
  guides: readonly MarkdownFile[]
  mailPrograms: readonly MarkdownFile[]
  /** Returns the text of a file by its path from the root. */
  readText: (path: string) => string
}

/** The page for a path that has none. */
const notFound: Page = {
  path: '/docs/not-found',
  title: 'Page not found',
  body: (
    <p>
      This page does not exist, or it has another name now. Use the search, or{' '}
      <a href="/docs">begin at the overview</a>. If you look for a cause:{' '}
      <a href={CAUSES}>see all causes</a>.
    </p>
  ),
  entries: [],
}

/** Returns the text of each file by its path from the root of the server. */
export function buildSite({
  openapi,
  guides,
  mailPrograms,
  readText,
}: Sources): Map<string, string> {
  const toPages = linkToPages(openapi, PAGES)
  const sections = [
    guideSection(guides, toPages),
    referenceSection(openapi, readText('api/CHANGELOG.md')),
    mailProgramSection(mailPrograms, toPages),
    operatingSection(readText, toPages),
    problemSection(),
    causeSection(
      describeCauses({ causePages: EXAMPLE_URL + CAUSES }),
      readText('api/diagnosis/catalogue/pages.txt'),
    ),
  ]
  const pages = [homePage, ...sections.flatMap((section) => section.pages), notFound]
  const files = pages.map((page): [string, string] => [
    `${page.path}.html`,
    `<!doctype html>${<Frame page={page} sections={sections} />}`,
  ])
  const entries: SearchEntry[] = pages.flatMap((page) => page.entries).map(withDistinctTerms)
  return new Map([
    ...files,
    ['/docs/search.json', JSON.stringify(entries)],
    ['/docs/programs.json', JSON.stringify(firstPrograms(mailPrograms, readText))],
  ])
}

/** Reduces the text to the distinct stems that the entry does not have elsewhere. */
function withDistinctTerms(entry: SearchEntry): SearchEntry {
  const others = new Set([...stemsOf(`${entry.title} ${entry.words}`), ...COMMON])
  const stems = new Set(stemsOf(entry.text).filter((stem) => !others.has(stem)))
  return { ...entry, text: [...stems].join(' ') }
}
