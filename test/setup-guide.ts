/** The setup guide of a new deployment at mail.example.com, with the settings and inputs that a test names. */
import type { SetupInput } from '../api/domain/setup/app-registration.ts'
import { setupGuide } from '../api/domain/setup/guide.ts'
import { SETUP_CALLS } from '../api/paths.ts'

export const REDIRECT = 'https://mail.example.com/oauth/microsoft/callback'
export const ADMIN_REDIRECT = 'https://mail.example.com/oauth/microsoft/admin-consent'
export const CONSOLE_REDIRECT = 'https://mail.example.com/console/callback'

export const FEDERATION = {
  issuer: 'https://mail.example.com',
  subject: 'mailgrant:dep_7Qm2',
  audience: 'api://AzureADTokenExchange',
}

export const guideFor = (
  settings: Partial<SetupInput['settings']> = {},
  more: Partial<SetupInput> = {},
) =>
  setupGuide({
    settings: {
      clientId: null,
      cloud: 'global',
      tenant: 'common',
      homeTenant: null,
      credential: null,
      nextCredential: null,
      ...settings,
    },
    federation: null,
    redirectUri: REDIRECT,
    adminConsentRedirectUri: ADMIN_REDIRECT,
    consoleRedirectUri: CONSOLE_REDIRECT,
    calls: SETUP_CALLS,
    ...more,
  })
