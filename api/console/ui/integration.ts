/** Rules and words about integrations: each problem with what to do about it. Pure. */
import type { Integration, IntegrationProblem } from '../../../schema/integration.ts'
import { type EventRow, integrationEvents } from '../../../schema/integration-events.ts'
import type { Resource } from '../../../schema/protocols.ts'
import type { Tone } from './state.ts'

/** Returns true where the integration can be used for sign-ins. */
export const isUsable = ({ status, configured }: Integration) => status === 'active' && configured

/** Names of the services that an access token is for. */
export const resourceNames: Record<Resource, string> = {
  outlook: 'Outlook (IMAP and SMTP)',
  graph: 'Microsoft Graph',
}

type Code = IntegrationProblem['code']

type Action = {
  /** Text of the link to `href`. */
  action: string
  /** Defaults to the Microsoft settings. */
  href?: string
  /** Action to take on the page at `href`. */
  hint?: string
}

/** A problem that is reported as an event has the title of the event. */
type Row<Of extends Code> = `integration.${Of}` extends keyof typeof integrationEvents
  ? Action
  : Action & { tone: Tone; title: string }

const CHANGE = 'Use "Change" on this page.'

const rows: { [Of in Code]: Row<Of> } = {
  not_configured: { tone: 'ask', title: 'Microsoft is not set up yet', action: 'Set it up' },
  settings_damaged: {
    tone: 'bad',
    title: 'The Microsoft settings are damaged or were changed outside Mailgrant',
    action: 'Check and save them',
    hint: CHANGE,
  },
  secret_expiring: { action: 'Replace it', hint: 'Use "Rotate the credential" on this page.' },
  secret_expired: { action: 'Replace it', hint: 'Use "Change" to enter the new one.' },
  secret_expiry_unknown: {
    tone: 'ask',
    title: 'The expiry date of the client secret is not known',
    action: 'Enter the date',
    hint: CHANGE,
  },
  credential_rejected: { action: 'Verify the settings', hint: CHANGE },
  issuer_changed: {
    tone: 'bad',
    title: 'Entra trusts a different Mailgrant address',
    action: 'Check the settings',
    hint: CHANGE,
  },
  issuer_unreachable: {
    action: 'Check the settings',
    hint: 'Once it can, use "Verify now" on this page.',
  },
  microsoft_unreachable: {
    action: 'See why',
    hint: 'Use "Verify now" on this page to see what failed and how to fix it.',
  },
  grants_idle: {
    tone: 'ask',
    title: 'Some sign-ins have not been used for a long time',
    action: 'Look through the mailboxes',
    href: '#/mailboxes',
  },
}

const reported: Partial<Record<string, EventRow>> = integrationEvents

type Remedy = Action & { href: string; tone: Tone; title: string }

/** Returns the title of a problem, and what to do about it. `tone`: bad if it stops the mail now. */
export function remedyOf(code: Code): Remedy {
  const { title = '', stopsTokens } = reported[`integration.${code}`] ?? {}
  const tone = stopsTokens ? 'bad' : 'ask'
  return { href: '#/integrations/microsoft', title, tone, ...rows[code] }
}

/** Returns true for a problem that stops the mail now. */
export const isBad = ({ code }: IntegrationProblem) => remedyOf(code).tone === 'bad'

/** Sorts problems: what stops the mail now comes before what will. */
export const bySeverity = (problems: readonly IntegrationProblem[]): IntegrationProblem[] =>
  [...problems].sort((a, b) => Number(isBad(b)) - Number(isBad(a)))
