/** Saves the line whose sign-in takes the whole page, because the popup was blocked: in this tab only. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { getRedirectResult } from '../../../connect/connect.ts'
import { get } from '../../api.ts'
import { readEnd, type SignInEnd } from '../email-account/sign-in.ts'
import type { Line } from './urgency.ts'

type SavedLine = { authorization: string; mailbox: string; ids: [string, ...string[]] }

export type ResumedLine = { line: Line; end: SignInEnd }

const KEY = 'mailgrant.reconnect'

export function saveLine(authorization: string, { mailbox, accounts }: Line): void {
  const ids = accounts.map(({ id }) => id) as SavedLine['ids']
  sessionStorage.setItem(KEY, JSON.stringify({ authorization, mailbox, ids } satisfies SavedLine))
}

/** Forgets the line, since the page was not left after all. */
export const discardLine = () => sessionStorage.removeItem(KEY)

/** Returns the line and how its sign-in has ended, once; null if there was none. Throws ApiError. */
export async function resumeLine(): Promise<ResumedLine | null> {
  // Anyone can write such an address: only what the tab has stored counts.
  getRedirectResult()
  const text = sessionStorage.getItem(KEY)
  if (text === null) return null
  discardLine()
  const { authorization, mailbox, ids } = JSON.parse(text) as SavedLine
  const read = (id: string) => get<MailAccount>(`/v1/mail-accounts/${id}`)
  const [first, ...others] = ids
  const [end, ...accounts] = await Promise.all([
    readEnd(authorization),
    read(first),
    ...others.map(read),
  ])
  return { line: { mailbox, accounts }, end }
}
