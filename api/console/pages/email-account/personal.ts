/** The SMTP server by account type: Microsoft has one for personal accounts and one for work or school. Pure. */
import type { AccountType, MailServer } from '../../../../schema/mail-servers.ts'
import { type ServerDraft, serverDraft } from './draft.ts'

const WORK = 'smtp.office365.com'
const PERSONAL = 'smtp-mail.outlook.com'

/** Returns the server for the account type, if the form has Microsoft's other one. */
export function personalServer(
  chosen: ServerDraft,
  known: readonly MailServer[],
  accountType: AccountType,
): ServerDraft {
  const [from, to] = accountType === 'personal' ? [WORK, PERSONAL] : [PERSONAL, WORK]
  const better = known.find(({ host }) => host === to)
  return chosen.host === from && better ? serverDraft(better) : chosen
}
