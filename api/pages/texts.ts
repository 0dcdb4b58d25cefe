/** Rights in the words of somebody who has never heard of IMAP. */
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
  user: 'You can do this, or whoever signs in.',
  tenant_admin: 'An administrator of your organisation has to do this.',
  app_owner: 'Whoever registered this app at Microsoft has to do this.',
  operator: 'Whoever runs this service has to do this.',
  microsoft: 'Only Microsoft can put this right.',
}

/** Titles of problems for somebody who followed a link, where a caller's would puzzle her. */
export const pageTitles: Partial<Record<ProblemCode, string>> = {
  not_found: 'This link does not work',
  bad_request: 'This page cannot go on',
  integration_inactive: 'Signing in is switched off',
  integration_not_configured: 'Signing in is not set up yet',
  credential_rejected: 'Signing in does not work at the moment',
  protocol_not_granted: 'Access to mail was not given',
}

const newLink =
  'Go back to where you came from and start again. If somebody sent you the link, ask for a new one.'
const tellOperator =
  'Tell whoever runs this service, and open the link again once it is done. If it has run out by then, ask for a new one.'

/** What to do about a link that leads nowhere, where the detail does not say it. */
export const nextSteps: Partial<Record<ProblemCode, string>> = {
  authorization_expired: newLink,
  authorization_used: 'If somebody sent you the link, ask that person for a new one.',
  integration_inactive: tellOperator,
  integration_not_configured: tellOperator,
}

const tellAndStartAgain = 'Tell whoever runs this service, and start again once it is done.'

/** What to do after a sign-in that failed, where the fix of its diagnosis is one for programs. */
export const stepsAfterFailure: Partial<Record<ProblemCode, string>> = {
  provider_unavailable: 'Wait a few minutes, then go back to where you came from and start again.',
  integration_inactive: tellAndStartAgain,
  integration_not_configured: tellAndStartAgain,
}
