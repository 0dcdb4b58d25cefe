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
  user: 'You, or whoever signs in',
  tenant_admin: 'An administrator of your organisation',
  app_owner: 'Whoever registered this app at Microsoft',
  operator: 'Whoever runs this service',
  microsoft: 'Microsoft: wait a little, then start again',
}

/** Titles of problems for somebody who followed a link, where a caller's would puzzle her. */
export const pageTitles: Partial<Record<ProblemCode, string>> = {
  not_found: 'This link does not work',
  bad_request: 'This page cannot go on',
}
