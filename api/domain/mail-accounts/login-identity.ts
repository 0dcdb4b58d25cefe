/** The identity of a login and its SASL message. */
import type { Protocol } from '../../../schema/mail-servers.ts'

/** Exchange accepts a shared mailbox as the IMAP user, but only the delegate as the SMTP user. */
const USER: Record<Protocol, 'mailbox' | 'delegate'> = { imap: 'mailbox', smtp: 'delegate' }

/** Returns the user name of a login. */
export const loginIdentity = (account: {
  protocol: Protocol
  username: string
  delegate: string | null
}): string => (USER[account.protocol] === 'delegate' && account.delegate) || account.username

/** The initial response of the SASL mechanism XOAUTH2, base64. Addresses may hold UTF-8. */
export function xoauth2(user: string, accessToken: string): string {
  const bytes = new TextEncoder().encode(`user=${user}\x01auth=Bearer ${accessToken}\x01\x01`)
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
