/** Texts of the hosted pages, for readers who have never heard of IMAP. */
import type { Responsible } from '../../schema/diagnosis.ts'
import type { Protocol } from '../../schema/mail-servers.ts'
import type { ProblemCode } from '../../schema/problem.ts'

export const rights: Record<Protocol, string> = {
  imap: 'Read, change and delete mail in the mailboxes that you can open (IMAP)',
  smtp: 'Send mail in your name (SMTP)',
}

export const shortRights: Record<Protocol, string> = {
  imap: 'reading mail (IMAP)',
  smtp: 'sending mail (SMTP)',
}

export const whoActs: Record<Responsible, string> = {
  user: 'You, or the person who signs in, can do this.',
  tenant_admin: 'An administrator of your organisation must do this.',
  app_owner: 'The owner of the app registration must do this.',
  operator: 'Your Mailgrant administrator must do this.',
  microsoft: 'Only Microsoft can fix this.',
}

/** Titles for people who followed a link, where the API's title would confuse them. */
export const pageTitles: Partial<Record<ProblemCode, string>> = {
  not_found: 'This link does not work',
  bad_request: 'This page cannot continue',
  integration_inactive: 'Signing in is switched off',
  integration_not_configured: 'Signing in is not set up yet',
  credential_rejected: 'Signing in is currently unavailable',
  protocol_not_granted: 'Access to mail was not granted',
}

const newLink =
  'Go back to where you came from and start again. If someone sent you the link, ask for a new one.'
const tellOperator =
  'Tell your Mailgrant administrator, and open the link again afterwards. If it has expired by then, ask for a new one.'

/** Next steps for a link that does not work, where the detail names none. */
export const nextSteps: Partial<Record<ProblemCode, string>> = {
  authorization_expired: newLink,
  authorization_used: 'If someone sent you the link, ask that person for a new one.',
  integration_inactive: tellOperator,
  integration_not_configured: tellOperator,
}

const tellAndStartAgain = 'Tell your Mailgrant administrator, and start again afterwards.'

/** Next steps after a failed sign-in, where the fix of its diagnosis addresses programs. */
export const stepsAfterFailure: Partial<Record<ProblemCode, string>> = {
  provider_unavailable: 'Wait a few minutes, then go back to where you came from and start again.',
  integration_inactive: tellAndStartAgain,
  integration_not_configured: tellAndStartAgain,
}
