/** Points the links of Markdown files, which lead to other files of the repository, at pages of the documentation. */
import { CAUSES, MAIL_PROGRAMS, OPERATING } from '../paths.ts'
import { slugOf } from './markdown.ts'
import { callsOf, type Document } from './openapi.ts'
import { replaceLinks } from './replace-links.ts'

/** Returns the Markdown with its links replaced. `file`: its path from the root of the repository. */
export type LinkToPages = (markdown: string, file: string) => string

/** Files that the documentation serves, by their path from the root. */
const SERVED: Readonly<Record<string, string>> = {
  'api/grafana.json': '/docs/grafana.json',
  'api/prometheus-alerts.yaml': '/docs/prometheus-alerts.yaml',
  'api/setup/app-only.ps1': '/docs/app-only.ps1',
  'api/setup/app-only.sh': '/docs/app-only.sh',
  'api/setup/setup.ps1': '/docs/setup.ps1',
  'api/setup/setup.sh': '/docs/setup.sh',
  'api/connect/published.d.ts': '/connect.d.ts',
  'schema/openapi.json': '/openapi.json',
  'test/examples/mailgrant-token': '/mailgrant-token',
  'test/examples/mail-programs/README.md': MAIL_PROGRAMS,
}

/** `chapter`: slugs of the pages for operators by their file. */
export function linkToPages(
  document: Document,
  chapter: Readonly<Record<string, string>>,
): LinkToPages {
  const topics = new Map(
    callsOf(document).map(({ operationId, tags: [tag = ''] }) => [operationId, slugOf(tag)]),
  )
  const hrefOf = (path: string, anchor: string): string | undefined => {
    const id = anchor.slice(1)
    if (chapter[path] !== undefined) return `${OPERATING}/${chapter[path]}${anchor}`
    if (SERVED[path] !== undefined) return SERVED[path] + anchor
    if (path === 'schema/problems.ts') return `/docs/problems${anchor}`
    if (path === 'schema/webhook-message.ts') return '/docs/api/webhook-messages'
    const [, folder = '', name = ''] = /^(.*)\/([^/]+?)(?:\.\w+)?$/.exec(path) ?? []
    if (folder === 'api/docs/guides') return `/docs/guides/${name}${anchor}`
    if (folder === 'test/examples/mail-programs') return `${MAIL_PROGRAMS}/${name}${anchor}`
    if (folder === 'api/routes' && topics.has(id)) return `/docs/api/${topics.get(id)}${anchor}`
    if (path === 'api/diagnosis/catalogue') return CAUSES
    if (folder === 'api/diagnosis/catalogue') return `${CAUSES}#${name.replace('-', '_')}`
    if (folder.startsWith('api/diagnosis/catalogue/')) return `${CAUSES}/${id}`
    return undefined
  }
  return (markdown, file) => replaceLinks(markdown, file, hrefOf)
}
