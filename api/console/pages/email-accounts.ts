/** Email accounts of departments: whose mail is read. */
import type { Integration } from '../../../schema/integration.ts'
import type { MailAccount } from '../../../schema/mail-account.ts'
import { get, list } from '../api.ts'
import { h } from '../dom.ts'
import { may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { byName, mailAccountTable, searchable } from '../ui/mail-accounts.ts'
import { head } from '../ui/table.ts'
import { toldPlace } from '../ui/told.ts'
import { missingProvider } from './email-account/provider.ts'
import { newAccountHref, ownerName, words } from './email-account/words.ts'

export async function emailAccountsPage({ signal }: Visit): Promise<Page> {
  const [accounts, integration] = await Promise.all([
    list<MailAccount>('/v1/mail-accounts?protocol=imap'),
    get<Integration>('/v1/integrations/microsoft', signal),
  ])
  return {
    title: words.imap.list,
    content: h(
      'div',
      {},
      head(
        words.imap.list,
        'The mailboxes that are read, by department.',
        may('write') &&
          h('a', { class: 'button main', href: newAccountHref('imap') }, words.imap.add),
      ),
      toldPlace(),
      accounts.length === 0 && [missingProvider(integration), empty()],
      searchable(accounts, byDepartment),
    ),
  }
}

const byDepartment = (accounts: readonly MailAccount[]) =>
  [...Map.groupBy(accounts, ({ owner }) => ownerName(owner))]
    .sort(([a], [b]) => byName(a, b))
    .map(([department, theirs], index) =>
      h(
        'section',
        { 'aria-labelledby': `department-${index}` },
        h(
          'div',
          { class: 'row spread group' },
          h('h2', { id: `department-${index}` }, department),
          may('write') &&
            h(
              'a',
              {
                href: newAccountHref('imap', { owner: department }),
                'aria-label': `Add another to ${department}`,
              },
              'Add another',
            ),
        ),
        mailAccountTable(`Email accounts of ${department}`, theirs),
      ),
    )

const empty = () =>
  h(
    'div',
    { class: 'empty' },
    h('p', {}, 'No mailbox is read yet.'),
    h(
      'p',
      {},
      'Add the first one and say which department it belongs to: departments appear here as soon as they have a mailbox.',
    ),
  )
