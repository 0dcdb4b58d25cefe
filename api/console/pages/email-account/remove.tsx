/** The "Delete" button, which says what else is deleted and asks for confirmation. */
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { list, problemOf, remove } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { useConfirm } from '../../components/confirm.tsx'
import { useAction } from '../../components/use-action.ts'
import { go } from '../../router.ts'
import { setFlash } from '../../ui/flash.ts'
import { accountName, accountWords } from '../../ui/mail-account.ts'
import { showRefusal } from './state.ts'
import type { AccountForm } from './use-account-form.ts'
import { deletionWords } from './words.ts'

export function DeleteButton({ form, account }: { form: AccountForm; account: MailAccount }) {
  const { busy, run } = useAction()
  const [question, confirm] = useConfirm()

  async function deleteAccount(): Promise<void> {
    const consequence = deletionWords(account, await usersOf(account))
    if (!(await confirm(deleting(account, consequence)))) return
    await remove(`/v1/mail-accounts/${account.id}`)
    if (form.options.visit.signal.aborted) return
    form.letLeave(true)
    setFlash('Deleted', `${account.username} is deleted.`)
    go(accountWords[account.protocol].listHref)
  }
  const showProblem = (error: unknown) => {
    const problem = problemOf(error)
    form.update((now) => showRefusal(now, account.protocol, problem))
  }
  return (
    <>
      <Button busy={busy} onClick={() => run(() => deleteAccount().catch(showProblem))}>
        Delete
      </Button>
      {question}
    </>
  )
}

const deleting = (account: MailAccount, consequence: string) => ({
  title: `Delete ${accountName(account)}?`,
  yes: 'Delete',
  danger: true,
  children: (
    <>
      <p>Programs that use this account can no longer log in with it.</p>
      <p>{consequence}</p>
    </>
  ),
})

/** Returns the accounts that use the same grant. */
async function usersOf({ grant }: MailAccount): Promise<MailAccount[]> {
  return grant ? list<MailAccount>(`/v1/mail-accounts?grant_id=${grant.id}`) : []
}
