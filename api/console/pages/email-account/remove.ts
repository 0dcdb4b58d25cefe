/** "Delete": says what goes with the account before it goes. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { ApiError, list, remove } from '../../api.ts'
import { h } from '../../dom.ts'
import { go } from '../../router.ts'
import { whileBusy } from '../../ui/busy.ts'
import { confirm } from '../../ui/dialog.ts'
import { tellNext } from '../../ui/told.ts'
import { words } from './words.ts'

export function deleteButton(
  account: MailAccount,
  gone: () => void,
  failed: (problem: ApiError['problem']) => void,
): HTMLButtonElement {
  const button = h('button', { type: 'button' }, 'Delete')
  const run = async () => {
    try {
      const sentence = await whatGoes(account)
      const sure = await confirm({
        title: `Delete ${account.name ?? account.username}?`,
        text: [
          h('p', {}, 'Programs that use this account can no longer log in with it.'),
          h('p', {}, sentence),
        ],
        yes: 'Delete',
        danger: true,
      })
      if (!sure) return
      await remove(`/v1/mail-accounts/${account.id}`)
      gone()
      tellNext('Deleted', `${account.username} is gone.`)
      go(words[account.protocol].listHref)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      failed(error.problem)
    }
  }
  button.addEventListener('click', () => void whileBusy(button, run))
  return button
}

async function whatGoes({ id, authentication, grant }: MailAccount): Promise<string> {
  if (authentication.type === 'password') return 'Its stored password goes with it.'
  if (authentication.flow === 'app_only') return 'The app keeps its right to the mailbox.'
  if (!grant) return 'It has no access token.'
  const users = await list<MailAccount>(`/v1/mail-accounts?grant_id=${grant.id}`)
  const others = users.filter((other) => other.id !== id)
  if (others.length === 0) {
    return `The access token of ${grant.signed_in_as} goes with it: nothing else uses it.`
  }
  const who = others.length === 1 ? 'another account uses it' : `${others.length} others use it`
  return `The access token of ${grant.signed_in_as} stays: ${who}.`
}
