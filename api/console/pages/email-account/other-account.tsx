/** Asks, after an account other than the mailbox signed in, how the two belong together. */
import { Button } from '../../components/button.tsx'
import { resetToken, tidy } from './state.ts'
import type { AccountForm } from './use-account-form.ts'
import { sharedMailboxNeeds } from './words.ts'

export function OtherAccount({ form, signedInAs }: { form: AccountForm; signedInAs: string }) {
  const { mailbox, protocols } = tidy(form.state.draft)
  const confirm = () => form.confirm(signedInAs)
  const again = () => {
    form.update(resetToken)
    form.access.start()
  }
  return (
    <fieldset class="answers">
      <legend>
        How does {signedInAs} belong to {mailbox || 'the mailbox'}?
      </legend>
      <Answer
        title="This is the same person's other address"
        text={`Microsoft knows the owner of the mailbox as ${signedInAs}. Exchange needs no change.`}
        onClick={confirm}
      />
      <Answer
        title={`Shared mailbox, ${signedInAs} has access`}
        text={sharedMailboxNeeds(signedInAs, protocols)}
        onClick={confirm}
      />
      <Answer
        title="Wrong account: sign in again"
        text={`This access token is discarded. Choose ${mailbox || 'the mailbox'} in the window.`}
        onClick={again}
      />
    </fieldset>
  )
}

const Answer = (props: { title: string; text: string; onClick: () => void }) => (
  <Button class="answer" onClick={props.onClick}>
    <span>{props.title}</span>
    <span class="quiet small">{props.text}</span>
  </Button>
)
