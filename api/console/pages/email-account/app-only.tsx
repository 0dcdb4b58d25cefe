/** Fields of an app-only account: its tenant, and the setup steps at Microsoft. */
import type { SetupGuide } from '../../../../schema/setup-guide.ts'
import { Disclosure } from '../../components/disclosure.tsx'
import { TextField } from '../../components/fields.tsx'
import { GuideSteps } from '../../components/guide.tsx'
import { Loaded } from '../../components/loaded.tsx'
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

const AdministratorSteps = () => (
  <Disclosure title="What an administrator has to do once, and for every mailbox">
    <div aria-live="polite">
      <Loaded<SetupGuide> path="/v1/integrations/microsoft/setup-guide">
        {({ app_only }) =>
          app_only ? (
            <GuideSteps steps={app_only.steps.filter(isAtMicrosoft)} />
          ) : (
            <p>The settings are for personal accounts, which have no app-only access.</p>
          )
        }
      </Loaded>
    </div>
  </Disclosure>
)
