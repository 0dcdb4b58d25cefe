/** Mailboxes: all that reads and sends for one address. */
import type { MailboxList, MailboxQuery } from '../../../schema/mail-account.ts'
import { listPage } from '../../model/storage.ts'
import type { Call, Services } from '../../services.ts'
import { mailAccountView } from '../mail-accounts/view.ts'
import { readDayStates } from './history.ts'

/** Lists mailboxes with at least one account that matches. The address is written as their oldest account has it. */
export async function listMailboxes(
  services: Services,
  { accessScope }: Call,
  query: MailboxQuery,
): Promise<MailboxList> {
  const { store, settings } = services
  const page = await store.mailAccounts.listMailboxes(query, accessScope)
  const states = query.days && (await readDayStates(services, page.data.flat(), query.days))
  return listPage(page, (accounts) => ({
    username: accounts[0].username,
    customer: accounts[0].customer,
    accounts: accounts.map((account) => ({
      ...mailAccountView(account, settings),
      ...(states && { days: states(account) }),
    })),
  }))
}
