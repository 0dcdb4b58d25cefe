/** The pages of settings and logs, in a file of their own: most visits open none of them. */
export { newApiKeyPage } from './pages/api-keys/new.tsx'
export { apiKeysPage } from './pages/api-keys.tsx'
export { eventsPage } from './pages/events.tsx'
export { integrationsPage } from './pages/integrations.tsx'
export { microsoftPage } from './pages/microsoft.tsx'
export { webhookPage } from './pages/webhooks/detail.tsx'
export { newWebhookPage } from './pages/webhooks/new.tsx'
export { webhooksPage } from './pages/webhooks.tsx'
