/** Why something fails, who must act, and the fix, for any error text, ours or not. */
import type { MailAccount } from '../../../schema/mail-account.ts'
import { list } from '../api.ts'
import { h } from '../dom.ts'
import { explained, may } from '../rights.ts'
import type { Page } from '../router.ts'
import { head } from '../ui/table.ts'
import { catalogue } from './diagnosis/catalogue.ts'
import { factsPart } from './diagnosis/facts.ts'
import { diagnosisForm } from './diagnosis/form.ts'

/** More than these are not to be chosen from a list. */
const MOST_ACCOUNTS = 200

export async function diagnosisPage(): Promise<Page> {
  const accounts = await list<MailAccount>('/v1/mail-accounts', MOST_ACCOUNTS)
  return {
    title: 'Diagnosis',
    content: h(
      'div',
      {},
      head(
        'Diagnosis',
        'Paste an error, of any program. You get the cause, who must act, and the fix.',
      ),
      may('write') && h('div', { class: 'card' }, diagnosisForm('h2', factsPart(accounts))),
      explained('write', 'Your API key may read about causes, not diagnose an error.'),
      catalogue(),
    ),
  }
}
