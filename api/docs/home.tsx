/** The first page: where to begin, by what a reader wants to do. */
import type { Page, Section } from './page.ts'

export const homePage = (sections: readonly Section[]): Page => ({
  path: '/docs',
  title: 'Mailgrant documentation',
  description:
    'Guides, API reference, settings of mail programs, and every known error of Microsoft mailboxes with its fix.',
  body: (
    <>
      <p class="lead">
        Mailgrant handles OAuth for Microsoft mailboxes: the sign-in in a popup, grants that stay
        alive, access tokens for every login, and the reason when a mailbox does not work.
      </p>
      {sections.map(({ name, pages }) => (
        <section>
          <h2>{name}</h2>
          <p>{INTRODUCTIONS[name]}</p>
          {WITH_DESCRIPTION.has(name) ? <Cards pages={pages} /> : <Tiles pages={pages} />}
        </section>
      ))}
    </>
  ),
  entries: [],
})

const Cards = ({ pages }: { pages: readonly Page[] }) => (
  <ul class="cards">
    {pages.map(({ path, title, description }) => (
      <li>
        <a href={path}>
          <strong>{title}</strong>
          <span>{/^.+?[.?](?= |$)/.exec(description ?? '')?.[0]}</span>
        </a>
      </li>
    ))}
  </ul>
)

const Tiles = ({ pages }: { pages: readonly Page[] }) => (
  <ul class="tiles">
    {pages
      .filter(({ group }) => group === undefined)
      .map(({ path, name, title }) => (
        <li>
          <a href={path}>{name ?? title}</a>
        </li>
      ))}
  </ul>
)

/** Sections whose pages are shown with their first sentence. */
const WITH_DESCRIPTION = new Set(['Guides', 'Run Mailgrant'])

const INTRODUCTIONS: Record<string, string> = {
  Guides: 'From the first mailbox to a product of your own. Their code is run by the tests.',
  'API reference': 'Every call with its parameters, answers, problems and code in four languages.',
  'Mail programs':
    'msmtp, mutt, isync and others, and the shortest correct program in each language.',
  'Run Mailgrant':
    'Install, configure, monitor, back up and move Mailgrant, or run its checker alone.',
  Problems: 'Every problem code of the API, and what to do.',
  Causes:
    'Every known error of IMAP, SMTP, Microsoft Graph and sign-ins at Microsoft, who must act, and the fix.',
}
