/** The chapter about mail programs: an introduction, and a page for each program. */
import { raw } from 'hono/html'
import { MAIL_PROGRAMS } from '../paths.ts'
import type { LinkToPages } from './links.ts'
import {
  type Chapter,
  headingsOf,
  type MarkdownFile,
  parseChapter,
  plainText,
  renderMarkdown,
} from './markdown.ts'
import type { Page, Section } from './page.ts'

const FOLDER = 'test/examples/mail-programs'
const HEAD = 'README.md'

/** Throws if a file does not begin with its title, or the head is missing. */
export function mailProgramSection(
  sources: readonly MarkdownFile[],
  linkToPages: LinkToPages,
): Section {
  const files = sources.map(({ name, text }) => ({
    name,
    text: linkToPages(text, `${FOLDER}/${name}`),
  }))
  const head = files.find(({ name }) => name === HEAD)
  if (!head) throw new Error(`The chapter has no ${HEAD}.`)
  const programs = files
    .filter((file) => file !== head)
    .map(parseChapter)
    .sort((a, b) => a.title.localeCompare(b.title, 'en'))
  const { body } = parseChapter(head)
  const topics = headingsOf(body)
  const index: Page = {
    path: MAIL_PROGRAMS,
    title: 'Mail programs',
    name: 'For all programs',
    longTitle: 'OAuth for Microsoft 365 in msmtp, mutt, isync and other mail programs',
    description:
      'How mail programs and libraries log in to Microsoft 365 and Outlook.com with OAuth (XOAUTH2): the settings of each, and what to do when a login is refused.',
    body: <Index body={body} programs={programs} />,
    anchors: [{ id: 'programs', name: 'Programs and libraries' }, ...topics],
    entries: topics.map(({ id, name, text }) => ({
      kind: 'Mail program',
      title: name,
      page: 'Mail programs',
      path: `${MAIL_PROGRAMS}#${id}`,
      words: '',
      text,
    })),
  }
  return { name: 'Mail programs', pages: [index, ...programs.map(toPage)] }
}

const pathOf = ({ slug }: Chapter) => `${MAIL_PROGRAMS}/${slug}`

const toPage = (program: Chapter): Page => ({
  path: pathOf(program),
  title: program.title,
  longTitle: `${program.title} with OAuth for Microsoft 365`,
  description: `How ${program.title} logs in to Microsoft 365 and Outlook.com with OAuth (XOAUTH2): settings that were run as shown, and what it says when a login is refused.`,
  body: <Program program={program} />,
  entries: [
    {
      kind: 'Mail program',
      title: program.title,
      path: pathOf(program),
      words: program.slug,
      text: plainText(program.body),
    },
  ],
})

/** The rows have the anchors that the sections of the programs had when they were on this page. */
const Index = ({ body, programs }: { body: string; programs: readonly Chapter[] }) => (
  <>
    {raw(renderMarkdown(beforeHeadings(body)))}
    <h2 id="programs">Programs and libraries</h2>
    <table>
      <thead>
        <tr>
          <th>Program</th>
          <th>Use</th>
          <th>Package</th>
        </tr>
      </thead>
      <tbody>
        {programs.map((program) => (
          <tr id={program.slug}>
            <td>
              <a href={pathOf(program)}>{program.title}</a>
            </td>
            <td>{usesOf(program)}</td>
            <td>{packagesOf(program)}</td>
          </tr>
        ))}
      </tbody>
    </table>
    {raw(renderMarkdown(body.slice(beforeHeadings(body).length)))}
  </>
)

const beforeHeadings = (body: string) => body.split(/^(?=## )/m)[0] ?? ''

const usesOf = ({ body }: Chapter) =>
  [...body.matchAll(/^- (Reads|Sends)\b/gm)].map(([, use]) => use).join(', ')

const packagesOf = ({ body }: Chapter) => {
  const [, kind, names = ''] = /^- (Debian|npm)\S* packages?: (.+)$/m.exec(body) ?? []
  const packages = [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name)
  return (
    <>
      {packages.map((name, index) => (
        <>
          {index > 0 && ', '}
          <code>{name}</code>
        </>
      ))}
      {kind === 'npm' && ' (npm)'}
    </>
  )
}

const Program = ({ program }: { program: Chapter }) => (
  <>
    <p class="quiet">
      First <a href={`${MAIL_PROGRAMS}#the-api-key`}>an API key</a>, and for commands{' '}
      <a href={`${MAIL_PROGRAMS}#the-script`}>the script</a>.{' '}
      <a href={`${MAIL_PROGRAMS}#when-a-login-is-refused`}>When a login is refused</a>
    </p>
    {raw(renderMarkdown(program.body))}
  </>
)
