/** "Delete": says what goes with the account before it goes. */
import { useState } from 'preact/hooks'
import type { MailAccount } from '../../../../schema/mail-account.ts'
import { list, problemOf, remove } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Confirm } from '../../components/confirm.tsx'
import { useAction } from '../../components/use-action.ts'
import { go } from '../../router.ts'
import { tellNext } from '../../ui/told.ts'
import { showRefusal } from './state.ts'
import type { AccountForm } from './use-account-form.ts'
import { deletionWords, words } from './words.ts'

export function DeleteButton({ form, account }: { form: AccountForm; account: MailAccount }) {
  const { busy, run } = useAction()
  /** Sentence about what goes with the account, while the question is open. */
  const [consequence, setConsequence] = useState<string | null>(null)
  const { signal } = form.options.visit

  const attempt = (work: () => Promise<void>) =>
    run(() =>
      work().catch((error: unknown) => {
        const problem = problemOf(error)
        form.update((now) => showRefusal(now, account.protocol, problem))
      }),
    )
  const ask = async () => setConsequence(deletionWords(account, await usersOf(account)))
  const deleteAccount = async () => {
    await remove(`/v1/mail-accounts/${account.id}`)
    if (signal.aborted) return
    form.letLeave(true)
    tellNext('Deleted', `${account.username} is gone.`)
    go(words[account.protocol].listHref)
  }
  const onAnswer = (yes: boolean) => {
    setConsequence(null)
    if (yes) void attempt(deleteAccount)
  }
  return (
    <>
      <Button busy={busy} onClick={() => attempt(ask)}>
        Delete
      </Button>
      {consequence !== null && (
        <Confirm
          title={`Delete ${account.name ?? account.username}?`}
          yes="Delete"
          danger
          onAnswer={onAnswer}
        >
          <p>Programs that use this account can no longer log in with it.</p>
          <p>{consequence}</p>
        </Confirm>
      )}
    </>
  )
}

/** Returns the accounts that use the same grant. */
async function usersOf({ grant }: MailAccount): Promise<MailAccount[]> {
  return grant ? list<MailAccount>(`/v1/mail-accounts?grant_id=${grant.id}`) : []
}
