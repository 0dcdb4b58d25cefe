/** Rights in the words of somebody who has never heard of IMAP. */
import type { Protocol } from '../../schema/mail-servers.ts'

export const rights: Record<Protocol, string> = {
  imap: 'Read, change and delete mail in the mailboxes that you can open (IMAP)',
  smtp: 'Send mail in your name (SMTP)',
}

export const shortRights: Record<Protocol, string> = {
  imap: 'reading mail (IMAP)',
  smtp: 'sending mail (SMTP)',
}
