/** The console's entry: a key first, then the pages. */
import { render } from 'preact'
import { newApiKeyPage } from './pages/api-keys/new.tsx'
import { apiKeysPage } from './pages/api-keys.tsx'
import { diagnosisPage } from './pages/diagnosis.tsx'
import { emailAccountPage, newEmailAccountPage } from './pages/email-account.tsx'
import { emailAccountsPage } from './pages/email-accounts.tsx'
import { eventsPage } from './pages/events.tsx'
import { integrationsPage } from './pages/integrations.tsx'
import { microsoftPage } from './pages/microsoft.tsx'
import { outgoingPage } from './pages/outgoing.tsx'
import { overviewPage } from './pages/overview.tsx'
import { webhookPage } from './pages/webhooks/detail.tsx'
import { newWebhookPage } from './pages/webhooks/new.tsx'
import { webhooksPage } from './pages/webhooks.tsx'
import type { Route } from './router.ts'
import { type Entry, Shell } from './shell.tsx'
import { untilSignedIn } from './sign-in.tsx'

const entries: Entry[] = [
  { icon: 'inbox', label: 'Overview', href: '#/' },
  { icon: 'envelope', label: 'Email accounts', href: '#/email-accounts' },
  { icon: 'send', label: 'Outgoing email', href: '#/outgoing-email' },
  { group: 'Settings' },
  { icon: 'plug', label: 'Third-Party Integrations', href: '#/integrations' },
  { icon: 'key', label: 'API keys', href: '#/api-keys', needs: 'admin' },
  { icon: 'bolt', label: 'Webhooks', href: '#/webhooks', needs: 'admin' },
  { group: 'When it fails' },
  { icon: 'pulse', label: 'Diagnosis', href: '#/diagnosis' },
  { icon: 'clock', label: 'Events', href: '#/events', needs: 'admin' },
]

const routes: Route[] = [
  { pattern: '', page: overviewPage },
  { pattern: 'email-accounts', page: emailAccountsPage },
  { pattern: 'email-accounts/new', page: newEmailAccountPage('imap') },
  { pattern: 'email-accounts/:id', page: emailAccountPage },
  { pattern: 'outgoing-email', page: outgoingPage },
  { pattern: 'outgoing-email/new', page: newEmailAccountPage('smtp') },
  { pattern: 'outgoing-email/:id', page: emailAccountPage },
  { pattern: 'integrations', page: integrationsPage },
  { pattern: 'integrations/microsoft', page: microsoftPage },
  { pattern: 'api-keys', page: apiKeysPage },
  { pattern: 'api-keys/new', page: newApiKeyPage },
  { pattern: 'webhooks', page: webhooksPage },
  { pattern: 'webhooks/new', page: newWebhookPage },
  { pattern: 'webhooks/:id', page: webhookPage },
  { pattern: 'diagnosis', page: diagnosisPage },
  { pattern: 'events', page: eventsPage },
]

const root = document.createElement('div')
root.id = 'console'
document.body.replaceChildren(root)

const session = await untilSignedIn(root)
render(<Shell session={session} entries={entries} routes={routes} />, root)
