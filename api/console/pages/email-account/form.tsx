/** The account form: three steps, and the bar that saves them. */
import { may } from '../../rights.ts'
import { MailboxStep } from './mailbox-step.tsx'
import { SaveBar } from './save-bar.tsx'
import { SignInStep } from './sign-in-step.tsx'
import type { AccountForm } from './use-account-form.ts'
import { WorksStep } from './works-step.tsx'

/** `onTyped` is called with every change of a field. */
export const AccountFormView = ({ form, onTyped }: { form: AccountForm; onTyped?: () => void }) => (
  <form
    ref={form.form}
    class="card account-form"
    aria-label={form.options.saved ? 'Email account' : 'New email account'}
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
