/** Reads what the overview shows: accounts that need attention, and counts of all others. */
import type { Authorization } from '../../../../schema/authorization.ts'
import type { Integration } from '../../../../schema/integration.ts'
import type { MailAccount, MailAccountSummary } from '../../../../schema/mail-account.ts'
import { type ListPage, list, type Read } from '../../api.ts'
import { NEEDS_ATTENTION } from './urgency.ts'

export type OverviewData = {
  integration: Integration
  summary: MailAccountSummary
  /** Accounts that need attention: the first ones, if there are many. */
  problems: readonly MailAccount[]
  /** Sign-in links that were sent: those that wait, and those that ended in the last day. */
  links: readonly Authorization[]
  /** Time of the last login to an account that works. */
  checkedAt: string | null
}

/** Sign-ins that are read of each status. Few of them are links that were sent. */
const MAX_LINKS = 1000

const NEEDED = new URLSearchParams({
  health: NEEDS_ATTENTION.join(','),
  sort: 'health',
  limit: '200',
})

export async function readOverview(read: Read): Promise<OverviewData> {
  const linksOf = (status: Authorization['status']) =>
    list<Authorization>(`/v1/authorizations?status=${status}`, MAX_LINKS, read)
  const [integration, summary, problems, works, ...links] = await Promise.all([
    read<Integration>('/v1/integrations/microsoft'),
    read<MailAccountSummary>('/v1/mail-accounts/summary'),
    read<ListPage<MailAccount>>(`/v1/mail-accounts?${NEEDED}`),
    read<ListPage<MailAccount>>('/v1/mail-accounts?health=ok&sort=-checked_at&limit=1'),
    linksOf('pending'),
    linksOf('completed'),
    linksOf('failed'),
    linksOf('expired'),
  ])
  return {
    integration,
    summary,
    problems: problems.data,
    links: links.flat().filter(({ sent }) => sent),
    checkedAt: works.data[0]?.last_validation?.checked_at ?? null,
  }
}
