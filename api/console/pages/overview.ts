/** How every mail account fares, what needs somebody, and what to do first. */
import type { Integration } from '../../../schema/integration.ts'
import type { MailAccount } from '../../../schema/mail-account.ts'
import { get, list } from '../api.ts'
import { h } from '../dom.ts'
import { may } from '../rights.ts'
import type { Page, Visit } from '../router.ts'
import { problemsView } from '../ui/integration.ts'
import { searchable } from '../ui/mail-accounts.ts'
import { notice } from '../ui/notice.ts'
import { head } from '../ui/table.ts'
import { diagnosisForm } from './diagnosis/form.ts'
import { accountsView, countsView } from './overview/accounts.ts'
import { firstSteps } from './overview/first-steps.ts'

/** The three steps say the same. */
const STEPS_SAY_SO = 'not_configured'
export async function overviewPage({ signal }: Visit): Promise<Page> {
  const [integration, accounts] = await Promise.all([
    get<Integration>('/v1/integrations/microsoft', signal),
    list<MailAccount>('/v1/mail-accounts'),
  ])
  const isFirst = accounts.length === 0
  return {
    title: 'Overview',
    content: h(
      'div',
      {},
      head(
        'Overview',
        isFirst
          ? 'No email account is connected yet.'
          : 'All email accounts, and whether they work.',
      ),
      problemsView(integration.problems.filter(({ code }) => !(isFirst && code === STEPS_SAY_SO))),
      !isFirst && integration.status === 'inactive' && switchedOff(),
      isFirst
        ? firstSteps(integration)
        : [countsView(accounts), searchable(accounts, accountsView)],
      // Only to read about causes, there is the diagnosis page.
      may('write') &&
        h(
          'div',
          { class: 'card' },
          h('h2', {}, 'Something fails?'),
          h(
            'p',
            { class: 'quiet' },
            'Paste the error and read what it means. The ',
            h('a', { href: '#/diagnosis' }, 'diagnosis page'),
            ' takes more facts.',
          ),
          diagnosisForm('h3'),
        ),
    ),
  }
}

const switchedOff = () =>
  notice(
    'ask',
    'Microsoft is inactive',
    h('div', {}, 'Accounts with OAuth cannot read or send mail until it is activated.'),
    h('div', {}, h('a', { href: '#/integrations' }, 'Activate it in Third-Party Integrations')),
  )
