/** Accounts that can send the messages of a webhook by email. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { get, type ListPage } from '../../api.ts'

export type Sender = Pick<MailAccount, 'id' | 'name' | 'username' | 'from'>

/** Reads the first 200 accounts that send, by address. */
export async function readSenders(signal: AbortSignal): Promise<readonly Sender[]> {
  const path = '/v1/mail-accounts?direction=send&sort=username&limit=200'
  return (await get<ListPage<MailAccount>>(path, signal)).data
}

export const senderName = ({ name, username, from }: Sender) =>
  [from ?? username, name].filter(Boolean).join(' \u2013 ')
