/** "Save", always visible once there is something to save, with a sentence about what it does next. */
import { useEffect, useRef } from 'preact/hooks'
import { Button, NewTab } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import { accountHref, describeUses } from '../../ui/mail-account.ts'
import { RefusalNotice } from './refusal.tsx'
import { isPassed, isSignedIn, verdictOf } from './state.ts'
import type { AccountForm } from './use-account-form.ts'

type Props = { form: AccountForm }

/** The bar of a saved mailbox appears with the first change. */
export const SaveBar = ({ form }: Props) => (
  <>
    <SaveNews form={form} />
    {(form.options.saved.length === 0 || form.isUnsaved || form.values.conflict) && (
      <div class="save-bar">
        <span class="quiet small">{saveBarText(form)}</span>
        <Button
          type="submit"
          class={isNextStep(form) ? 'main' : undefined}
          data-focus="save"
          busy={form.submission.busy}
        >
          {form.isAnyway ? 'Save anyway' : 'Save'}
        </Button>
      </div>
    )}
  </>
)

function SaveNews({ form }: Props) {
  const { submission, values } = form
  const { conflict } = values
  const refusal = submission.problem
  const place = useRef<HTMLDivElement>(null)
  // Scrolls the focused element into view, since the bar would cover it.
  useEffect(() => {
    if (refusal !== null || conflict !== null) place.current?.scrollIntoView({ block: 'nearest' })
  }, [refusal, conflict])
  return (
    <div class="save-news" ref={place}>
      <div role="alert" class="stack">
        <PartlySaved form={form} />
        {refusal && <RefusalNotice problem={refusal} access={form.access} />}
        {conflict && (
          <Notice
            tone="bad"
            title={`This mailbox was ${conflict} in the meantime`}
            text="Your changes were not saved. Copy what you typed, then reload this page."
          />
        )}
      </div>
    </div>
  )
}

/** Returns false if a sign-in is required first, if nothing has changed, or after a failed login. */
function isNextStep({ options, values, isAnyway, isUnsaved }: AccountForm): boolean {
  if (isAnyway) return false
  if (options.saved.length > 0) return isUnsaved
  return isSignedIn(values) || values.authentication !== 'oauth'
}

function saveBarText(form: AccountForm): string {
  const { values, submission, validation, isAnyway, isUnsaved, isLoginSaved } = form
  const isSaved = form.options.saved.length > 0
  if (validation.hosts.length > 0) return submission.busy ? 'Saves as soon as the login works.' : ''
  if (isSaved && !isUnsaved) return ''
  if (isAnyway) {
    const failed = values.protocols.filter((protocol) => !isPassed(values, protocol))
    return `The login for ${describeUses(failed)} did not succeed.`
  }
  const isKnown = verdictOf(values) === 'passed' || isLoginSaved
  if (!isKnown) return 'Saving checks the login first.'
  if (values.created.length > 0) return 'Saves the rest.'
  return isSaved ? 'Unsaved changes' : 'Ready to save'
}

function PartlySaved({ form: { values } }: Props) {
  const [created] = values.created
  if (!created) return null
  return (
    <Notice tone="ask" title={`Saved for ${describeUses([created.protocol])} only`}>
      <div>
        {`${created.username} is not saved for ${describeUses(values.protocols)} yet. "Save" retries only that. `}
        <NewTab href={accountHref(created)} text="Open what is saved" /> (in a new tab).
      </div>
    </Notice>
  )
}
