/** Outgoing email of all brands and of single ones: through which mailboxes mail is sent. */
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

export async function outgoingPage({ signal }: Visit): Promise<Page> {
  const [accounts, integration] = await Promise.all([
    list<MailAccount>('/v1/mail-accounts?protocol=smtp'),
    get<Integration>('/v1/integrations/microsoft', signal),
  ])
  return {
    title: words.smtp.list,
    content: h(
      'div',
      {},
      head(
        words.smtp.list,
        'The mailboxes through which mail is sent.',
        may('write') &&
          h('a', { class: 'button main', href: newAccountHref('smtp') }, words.smtp.add),
      ),
      toldPlace(),
      accounts.length === 0 && missingProvider(integration),
      searchable(accounts, byBrand),
    ),
  }
}

function byBrand(accounts: readonly MailAccount[], searched: boolean) {
  const everybody = accounts.filter(({ owner }) => owner.type === 'global')
  const single = accounts.filter(({ owner }) => owner.type !== 'global')
  const brands = [...Map.groupBy(single, ({ owner }) => ownerName(owner))].sort(([a], [b]) =>
    byName(a, b),
  )
  return [
    // What is missing is said of all accounts, not of those that were found.
    (everybody.length > 0 || !searched) &&
      section('All brands', everybody, 'What every brand sends through, unless it has its own.'),
    brands.map(([brand, theirs], index) => section(brand, theirs, null, index)),
    brands.length === 0 &&
      !searched &&
      h(
        'p',
        { class: 'quiet' },
        'No brand has an outgoing account of its own. ',
        may('write') &&
          h('a', { href: newAccountHref('smtp', { scope: 'brand' }) }, 'Add one for a brand'),
      ),
  ]
}

function section(title: string, accounts: MailAccount[], lead: string | null, index = -1) {
  const id = `brand-${index + 1}`
  const owner: Record<string, string> = index < 0 ? {} : { owner: title }
  return h(
    'section',
    { 'aria-labelledby': id },
    h(
      'div',
      { class: 'row spread group' },
      h('h2', { id }, title),
      accounts.length > 0 &&
        may('write') &&
        h(
          'a',
          { href: newAccountHref('smtp', owner), 'aria-label': `Add another for ${title}` },
          'Add another',
        ),
    ),
    lead !== null && h('p', { class: 'quiet' }, lead),
    accounts.length > 0
      ? mailAccountTable(`Outgoing email of ${title}`, accounts)
      : h('div', { class: 'empty' }, h('p', {}, 'No mailbox sends for all brands yet.')),
  )
}
