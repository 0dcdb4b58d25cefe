/** User name of a login and its SASL message. */
import { encodeBase64 } from '../../../schema/base64.ts'
import type { Protocol } from '../../../schema/mail-servers.ts'

/** User names: Exchange accepts a shared mailbox for IMAP, but only the delegate for SMTP. Graph needs none. */
const USER: Record<Protocol, 'mailbox' | 'delegate'> = {
  imap: 'mailbox',
  smtp: 'delegate',
  graph_send: 'delegate',
}

export const loginIdentity = (account: {
  protocol: Protocol
  username: string
  delegate: string | null
}): string => (USER[account.protocol] === 'delegate' && account.delegate) || account.username

/** Returns the initial response of the SASL mechanism XOAUTH2, raw and base64. Addresses may contain UTF-8. */
export function xoauth2(user: string, accessToken: string) {
  const raw = `user=${user}\x01auth=Bearer ${accessToken}\x01\x01`
  return { xoauth2: encodeBase64(raw), xoauth2_raw: raw }
}
