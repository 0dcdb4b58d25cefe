/** The account form: its cards, and the button that saves them. */
import { Button } from '../../components/button.tsx'
import { Card } from '../../components/card.tsx'
import { Authentication } from './authentication.tsx'
import { ConflictAlert, NewerValues } from './conflict.tsx'
import { MailboxFields } from './mailbox-fields.tsx'
import { Refusal } from './refusal.tsx'
import type { AccountForm } from './use-account-form.ts'
import { ValidateAuthentication } from './validate.tsx'

/** `onTyped` is called with every change of a field. */
export function AccountFormView({ form, onTyped }: { form: AccountForm; onTyped?: () => void }) {
  const { options, focus, save } = form
  return (
    <form
      ref={focus.form}
      aria-label={options.saved ? 'Email account' : 'New email account'}
      noValidate
      onInput={onTyped}
      onSubmit={(event) => {
        event.preventDefault()
        save.run()
      }}
    >
      <Card title="Account">
        <MailboxFields form={form} />
      </Card>
      <Card title="Sign-in">
        <Authentication form={form} />
      </Card>
      <Card title="Does it work?">
        <p class="quiet">
          {options.protocol === 'imap'
            ? 'Logs in to the mailbox and opens the inbox. No mail is changed.'
            : 'Logs in to the server. No mail is sent.'}
        </p>
        <ValidateAuthentication form={form} />
      </Card>
      <Save form={form} />
    </form>
  )
}

const Save = ({ form }: { form: AccountForm }) => (
  <div>
    <div role="alert">
      <Refusal form={form} of="save" />
    </div>
    <div>
      <div role="alert">
        <ConflictAlert form={form} />
      </div>
      <div role="status">
        <NewerValues conflict={form.state.conflict} />
      </div>
      <div class="row">
        <Button type="submit" class="main" ref={form.focus.save} busy={form.save.busy}>
          Save
        </Button>
      </div>
    </div>
  </div>
)
