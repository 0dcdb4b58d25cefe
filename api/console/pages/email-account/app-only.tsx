/** Fields of an account without a person: the organisation, and the steps at Microsoft to copy. */
import { useState } from 'preact/hooks'
import type { SetupGuide } from '../../../../schema/setup-guide.ts'
import { get } from '../../api.ts'
import { TextField } from '../../components/fields.tsx'
import { GuideSteps } from '../../components/guide.tsx'
import { isAtMicrosoft } from '../../ui/guide.ts'
import { changeDraft } from './state.ts'
import type { AccountForm } from './use-account-form.ts'

export const AppOnly = ({ form: { state, update } }: { form: AccountForm }) => (
  <div class="fields">
    <p class="quiet">
      No person signs in: the app itself opens the mailbox. For mailboxes of an organisation only.
    </p>
    <TextField
      label="Tenant"
      required
      placeholder="contoso.com"
      help="The organisation of the mailbox: its tenant ID or one of its domains."
      error={state.errors['/authentication/tenant']}
      value={state.draft.tenant}
      onChange={(tenant) => update((now) => changeDraft(now, { tenant }))}
    />
    <AdministratorSteps />
  </div>
)

type Guide = SetupGuide['app_only']

/** Reads the steps when they are opened. */
function AdministratorSteps() {
  const [guide, setGuide] = useState<Guide | 'unread' | 'failed'>('unread')
  const read = () =>
    get<SetupGuide>('/v1/integrations/microsoft/setup-guide').then(
      ({ app_only }) => setGuide(app_only),
      () => setGuide('failed'),
    )
  return (
    <details
      onToggle={({ currentTarget }) => {
        if (currentTarget.open && typeof guide === 'string') void read()
      }}
    >
      <summary>What an administrator has to do once, and for every mailbox</summary>
      <div aria-live="polite">{guide !== 'unread' && <Steps guide={guide} />}</div>
    </details>
  )
}

function Steps({ guide }: { guide: Guide | 'failed' }) {
  if (guide === 'failed') {
    return <p class="wrong">The steps could not be read. Open them again.</p>
  }
  return guide ? (
    <GuideSteps steps={guide.steps.filter(isAtMicrosoft)} />
  ) : (
    <p>The settings are for personal accounts, which have no app-only access.</p>
  )
}
