/** The account form: three steps, and the bar that saves them. A saved mailbox shows first whether it works. */
import { may } from '../../rights.ts'
import { MailboxStep } from './mailbox-step.tsx'
import { SaveBar } from './save-bar.tsx'
import { SignInStep } from './sign-in-step.tsx'
import type { AccountForm } from './use-account-form.ts'
import { WorksStep } from './validation-step.tsx'

export function AccountFormView({ form }: { form: AccountForm }) {
  const isSaved = form.options.saved.length > 0
  return (
    <form
      ref={form.submission.form}
      class={`card account-form ${isSaved ? '' : 'new'}`}
      aria-label={isSaved ? 'Saved mailbox' : 'New mailbox'}
      noValidate
      onSubmit={(event) => {
        event.preventDefault()
        form.save()
      }}
    >
      {isSaved && <WorksStep form={form} />}
      <MailboxStep form={form} />
      <SignInStep form={form} />
      {!isSaved && <WorksStep form={form} />}
      {may('write') && <SaveBar form={form} />}
    </form>
  )
}
