/** Who logs in. Exchange takes a shared mailbox as IMAP user, but only the delegate as SMTP user. */
import type { Protocol } from '../../../schema/mail-servers.ts'

export const loginIdentity = (account: {
  protocol: Protocol
  username: string
  delegate: string | null
}): string => (account.protocol === 'smtp' && account.delegate) || account.username

/** The initial response of the SASL mechanism XOAUTH2, base64. Addresses may hold UTF-8. */
export function xoauth2(user: string, accessToken: string): string {
  const bytes = new TextEncoder().encode(`user=${user}\x01auth=Bearer ${accessToken}\x01\x01`)
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}
