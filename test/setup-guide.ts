/** The setup guide of a new deployment at mail.example.com, with the settings and inputs that a test names. */
import { readFileSync } from 'node:fs'
import type { SetupInput } from '../api/domain/app/setup/app-registration.ts'
import { setupGuide } from '../api/domain/app/setup/guide.ts'
import { SETUP_CALLS } from '../api/paths.ts'
import { root } from './source-files.ts'

export const REDIRECT = 'https://mail.example.com/oauth/microsoft/callback'
export const ADMIN_REDIRECT = 'https://mail.example.com/oauth/microsoft/admin-consent'
export const CONSOLE_REDIRECT = 'https://mail.example.com/console/callback'

export const FEDERATION = {
  issuer: 'https://mail.example.com',
  subject: 'mailgrant:dep_7Qm2',
  audience: 'api://AzureADTokenExchange',
}

/** Returns a script as it is in its file. */
export const readScript = (name: string) => readFileSync(`${root}api/setup/${name}`, 'utf8')

const scripts: SetupInput['scripts'] = {
  setup: { azure_cli: readScript('setup.sh'), powershell: readScript('setup.ps1') },
  appOnly: { azure_cli: readScript('app-only.sh'), powershell: readScript('app-only.ps1') },
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
      protocols: ['imap', 'smtp'],
      credential: null,
      nextCredential: null,
      ...settings,
    },
    federation: null,
    redirectUri: REDIRECT,
    adminConsentRedirectUri: ADMIN_REDIRECT,
    consoleRedirectUri: CONSOLE_REDIRECT,
    calls: SETUP_CALLS,
    scripts,
    ...more,
  })
