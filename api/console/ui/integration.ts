/** Rules and words about integrations: each problem with what to do about it. Pure. */
import type { Integration, IntegrationProblem } from '../../../schema/integration.ts'
import type { Tone } from './tone.ts'

/** Returns true where the integration can be used for sign-ins. */
export const isUsable = ({ status, configured }: Integration) => status === 'active' && configured

type Remedy = {
  tone: Tone
  title: string
  /** Text of the link to `href`. */
  action: string
  href: string
  /** Action to take on the page at `href`. */
  hint?: string
}

const SETTINGS = '#/integrations/microsoft'

export const remedies: Record<IntegrationProblem['code'], Remedy> = {
  not_configured: {
    tone: 'ask',
    title: 'Microsoft is not set up yet',
    action: 'Set it up',
    href: SETTINGS,
  },
  settings_damaged: {
    tone: 'bad',
    title: 'The Microsoft settings are damaged or were changed outside Mailgrant',
    action: 'Check and save them',
    href: SETTINGS,
    hint: 'Use "Change" on this page.',
  },
  secret_expiring: {
    tone: 'ask',
    title: 'The client secret or certificate expires soon',
    action: 'Replace it',
    href: SETTINGS,
    hint: 'Use "Rotate the credential" on this page.',
  },
  secret_expired: {
    tone: 'bad',
    title: 'The client secret or certificate has expired',
    action: 'Replace it',
    href: SETTINGS,
    hint: 'Use "Change" to enter the new one.',
  },
  secret_expiry_unknown: {
    tone: 'ask',
    title: 'The expiry date of the client secret is not known',
    action: 'Enter the date',
    href: SETTINGS,
    hint: 'Use "Change" on this page.',
  },
  credential_rejected: {
    tone: 'bad',
    title: 'Microsoft rejects the client ID or the credential',
    action: 'Check and verify the settings',
    href: SETTINGS,
    hint: 'Use "Change" on this page.',
  },
  issuer_changed: {
    tone: 'bad',
    title: 'Entra trusts another address of Mailgrant',
    action: 'Check the settings',
    href: SETTINGS,
    hint: 'Use "Change" on this page.',
  },
  issuer_unreachable: {
    tone: 'bad',
    title: 'Microsoft cannot read the keys of this Mailgrant',
    action: 'Check the settings',
    href: SETTINGS,
    hint: 'Once it can, use "Check now" on this page.',
  },
  app_refused: {
    tone: 'bad',
    title: 'Microsoft refuses the app',
    action: 'Check the settings',
    href: SETTINGS,
    hint: 'Compare the client ID, the tenant and the permissions with the app registration.',
  },
  microsoft_unreachable: {
    tone: 'bad',
    title: "Microsoft can't be reached, so no mailbox gets new access tokens",
    action: 'Check why',
    href: SETTINGS,
    hint: 'Use "Check now" on this page: it shows what failed and how to fix it.',
  },
  grants_idle: {
    tone: 'ask',
    title: 'Some access tokens have not been used for long',
    action: 'Look through the email accounts',
    href: '#/email-accounts',
  },
}

/** Returns true for a problem that stops the mail now. */
export const isBad = ({ code }: IntegrationProblem) => remedies[code].tone === 'bad'

/** Sorts problems: what stops the mail now comes before what will. */
export const bySeverity = (problems: readonly IntegrationProblem[]): IntegrationProblem[] =>
  [...problems].sort((a, b) => Number(isBad(b)) - Number(isBad(a)))
