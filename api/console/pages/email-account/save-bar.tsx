/** "Save", always visible, with what it does next. */
import { useEffect, useRef } from 'preact/hooks'
import { Button } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import { accountHref, describeUses } from '../../ui/mail-account.ts'
import { ConflictAlert, NewerValues } from './conflict.tsx'
import { RefusalNotice } from './refusal.tsx'
import { isLoginSaved, isPassed, isSignedIn, leaveWarning, verdictOf } from './state.ts'
import type { AccountForm } from './use-account-form.ts'

type Props = { form: AccountForm }

export const SaveBar = ({ form }: Props) => (
  <>
    <SaveNews form={form} />
    <div class="save-bar">
      <span class="quiet small">{barWords(form)}</span>
      <Button
        type="submit"
        class={isNextStep(form) ? 'main' : undefined}
        data-focus="save"
        busy={form.save.busy}
      >
        {form.save.isAnyway ? 'Save anyway' : 'Save'}
      </Button>
    </div>
  </>
)

function SaveNews({ form }: Props) {
  const { refusal, conflict } = form.state
  const place = useRef<HTMLDivElement>(null)
  // The bar would cover it.
  useEffect(() => {
    if (refusal !== null || conflict !== null) place.current?.scrollIntoView({ block: 'nearest' })
  }, [refusal, conflict])
  return (
    <div class="save-news" ref={place}>
      <div role="alert" class="stack">
        <PartlySaved form={form} />
        <Refused form={form} />
        <ConflictAlert form={form} />
      </div>
      <div role="status">
        <NewerValues form={form} />
      </div>
    </div>
  )
}

/** Returns false if a sign-in is required first, if nothing has changed, or after a failed login. */
function isNextStep({ options, state, save }: AccountForm): boolean {
  const { saved, grant } = options
  if (save.isAnyway) return false
  if (saved) return leaveWarning(state, grant) !== null
  return isSignedIn(state) || state.draft.authentication !== 'oauth'
}

function barWords({ options, state, save, validation }: AccountForm): string {
  const { saved, grant } = options
  if (validation.hosts.length > 0) return save.busy ? 'Saves as soon as the login works.' : ''
  if (saved && leaveWarning(state, grant) === null) return ''
  if (save.isAnyway) {
    const failed = state.draft.protocols.filter((protocol) => !isPassed(state, protocol))
    return `The login for ${describeUses(failed)} did not succeed.`
  }
  const isKnown = verdictOf(state) === 'passed' || (saved && isLoginSaved(state, grant))
  if (!isKnown) return 'Save logs in first, to see that it works.'
  if (state.created.length > 0) return 'Saves what is left.'
  return saved ? 'Unsaved changes' : 'Ready to save'
}

function PartlySaved({ form: { state } }: Props) {
  const [created] = state.created
  if (!created) return null
  return (
    <Notice tone="ask" title={`Saved for ${describeUses([created.protocol])} only`}>
      <div>
        {`${created.username} is not saved for ${describeUses(state.draft.protocols)} yet. "Save" retries only that. `}
        <a href={accountHref(created)} target="_blank" rel="noopener">
          Open what is saved
        </a>{' '}
        (in a new tab).
      </div>
    </Notice>
  )
}

function Refused({ form }: Props) {
  const { refusal } = form.state
  if (refusal === null) return null
  const again = (
    <Button busy={form.access.busy} onClick={form.access.start}>
      Get Access Token again
    </Button>
  )
  return <RefusalNotice problem={refusal} again={again} />
}
