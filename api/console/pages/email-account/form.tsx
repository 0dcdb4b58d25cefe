/** The account form: three steps, and the bar that saves them. */
import { may } from '../../rights.ts'
import { MailboxStep } from './mailbox-step.tsx'
import { SaveBar } from './save-bar.tsx'
import { SignInStep } from './sign-in-step.tsx'
import { isFolded } from './state.ts'
import type { AccountForm } from './use-account-form.ts'
import { useSteadyHeight } from './use-steady-height.ts'
import { WorksStep } from './works-step.tsx'

/** `onTyped` is called with every change of a field. */
export function AccountFormView({ form, onTyped }: { form: AccountForm; onTyped?: () => void }) {
  const isSaved = form.options.saved !== null
  useSteadyHeight(form.form, {
    isSigningIn: form.access.busy,
    folded: (['mailbox', 'signIn'] as const).filter((step) => isFolded(form.state, step, isSaved))
      .length,
  })
  return (
    <form
      ref={form.form}
      class="card account-form"
      aria-label={isSaved ? 'Email account' : 'New email account'}
      noValidate
      onInput={onTyped}
      onSubmit={(event) => {
        event.preventDefault()
        form.save.run()
      }}
    >
      <MailboxStep form={form} />
      <SignInStep form={form} />
      <WorksStep form={form} />
      {may('write') && <SaveBar form={form} />}
    </form>
  )
}
