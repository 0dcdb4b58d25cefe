/** The line whose sign-in takes the whole page, because the popup was blocked. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { get } from '../../api.ts'
import { resumeWork, type SignInEnd, saveWork } from '../email-account/sign-in.ts'
import type { Line } from './urgency.ts'

type SavedLine = { mailbox: string; ids: [string, ...string[]] }

export type ResumedLine = { line: Line; end: SignInEnd }

export function saveLine(authorization: string, { mailbox, accounts }: Line): void {
  const ids = accounts.map(({ id }) => id) as SavedLine['ids']
  saveWork(authorization, { mailbox, ids } satisfies SavedLine)
}

/** Returns the line and how its sign-in has ended, once; null if there was none. Throws ApiError. */
export async function resumeLine(): Promise<ResumedLine | null> {
  const resumed = await resumeWork<SavedLine>()
  if (resumed === null) return null
  const { mailbox, ids } = resumed.work
  const read = (id: string) => get<MailAccount>(`/v1/mail-accounts/${id}`)
  const [first, ...others] = ids
  const accounts = await Promise.all([read(first), ...others.map(read)])
  return { line: { mailbox, accounts }, end: resumed.end }
}
