/** The console's entry: the sign-in, then the pages. */
import { render } from 'preact'
import { overviewPage } from './pages/overview.tsx'
import { MissingCode, type Route } from './router.ts'
import { type NavEntry, Shell } from './shell.tsx'
import { untilSignedIn } from './sign-in.tsx'

const entries: NavEntry[] = [
  { icon: 'inbox', label: 'Overview', href: '#/' },
  { icon: 'envelope', label: 'Mailboxes', href: '#/mailboxes' },
  { group: 'Settings' },
  { icon: 'plug', label: 'Microsoft', href: '#/integrations/microsoft' },
  { icon: 'key', label: 'API keys', href: '#/api-keys', scope: 'admin' },
  { icon: 'person', label: 'Console sessions', href: '#/console-sessions', scope: 'admin' },
  { icon: 'bell', label: 'Alerts and webhooks', href: '#/webhooks', scope: 'admin' },
  { group: 'When it fails' },
  { icon: 'pulse', label: 'Diagnosis', href: '#/diagnosis' },
  { icon: 'clock', label: 'Events', href: '#/events', scope: 'admin' },
]

/** Returns a page whose code is loaded when it is first opened. It rejects with MissingCode if that fails. */
const lazy =
  <Pages,>(load: () => Promise<Pages>, choose: (pages: Pages) => Route['page']): Route['page'] =>
  async (visit) => {
    const pages = await load().catch((cause: unknown) => {
      throw new MissingCode('The code of the page could not be loaded.', { cause })
    })
    return choose(pages)(visit)
  }

const administration = (name: keyof typeof import('./administration.ts')) =>
  lazy(
    () => import('./administration.ts'),
    (pages) => pages[name],
  )

/**
 * Loads a page of an email account. They have a bundle of their own, a quarter of the console that neither the overview
 * nor the list needs.
 */
const emailAccount = (
  choose: (pages: typeof import('./pages/email-account.tsx')) => Route['page'],
) => lazy(() => import('./pages/email-account.tsx'), choose)

const routes: Route[] = [
  { pattern: '', page: overviewPage },
  {
    pattern: 'mailboxes',
    page: lazy(
      () => import('./pages/mailboxes.tsx'),
      (pages) => pages.mailboxesPage,
    ),
  },
  { pattern: 'mailboxes/new', page: emailAccount((pages) => pages.newMailboxPage) },
  { pattern: 'mailboxes/:id', page: emailAccount((pages) => pages.mailboxPage) },
  // Microsoft is the only integration.
  { pattern: 'integrations', page: administration('microsoftPage') },
  { pattern: 'integrations/microsoft', page: administration('microsoftPage') },
  { pattern: 'api-keys', page: administration('apiKeysPage') },
  { pattern: 'api-keys/new', page: administration('newApiKeyPage') },
  { pattern: 'api-keys/:id', page: administration('apiKeyPage') },
  { pattern: 'console-sessions', page: administration('consoleSessionsPage') },
  { pattern: 'webhooks', page: administration('webhooksPage') },
  { pattern: 'webhooks/new', page: administration('newWebhookPage') },
  { pattern: 'webhooks/:id', page: administration('webhookPage') },
  { pattern: 'diagnosis', page: administration('diagnosisPage') },
  { pattern: 'events', page: administration('eventsPage') },
]

const root = document.createElement('div')
root.id = 'console'
document.body.replaceChildren(root)

const session = await untilSignedIn(root)
render(<Shell session={session} entries={entries} routes={routes} />, root)
