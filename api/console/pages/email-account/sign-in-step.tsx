/** Second step: the access token, or another way for Mailgrant to log in. */
import { Button, NewTab } from '../../components/button.tsx'
import { SelectField, TextField } from '../../components/fields.tsx'
import { IntegrationNotReady } from '../../components/integration.tsx'
import { may } from '../../rights.ts'
import { APP_ONLY_GUIDE } from '../../ui/guide.ts'
import { isUsable } from '../../ui/integration.ts'
import { AccessToken, GrantLine } from './access-token.tsx'
import { kinds } from './authentication-kinds.ts'
import { changePassword, chooseAuthentication } from './state.ts'
import { ChangeButton, FormStep } from './step.tsx'
import type { AccountForm } from './use-account-form.ts'

type Props = { form: AccountForm }

const TITLE = 'Sign-in'

export function SignInStep({ form }: Props) {
  const { authentication, tenant, grant } = form.values
  const isDone = form.isFolded('signIn')
  if (authentication === 'oauth' && grant !== null) {
    return (
      <FormStep
        name="signIn"
        title={TITLE}
        sign={isDone ? 'good' : undefined}
        line={<GrantLine form={form} grant={grant} />}
        button={<ResetToken form={form} />}
      >
        <AccessToken form={form} error={undefined} />
      </FormStep>
    )
  }
  if (isDone && may('write')) {
    return (
      <FormStep
        name="signIn"
        title={TITLE}
        sign="good"
        line={
          authentication === 'password' ? 'With a password.' : `By the app itself, in ${tenant}.`
        }
        button={<ChangeButton form={form} step="signIn" name="sign-in" />}
      />
    )
  }
  return (
    <FormStep name="signIn" title={TITLE}>
      <Authentication form={form} />
    </FormStep>
  )
}

const NO_TOKEN = '/authentication/grant_id'

const ResetToken = ({ form }: Props) => (
  <Button
    class="reset"
    data-focus="token"
    data-invalid={Object.keys(form.submission.errors).length > 0 || undefined}
    onClick={() => form.reset()}
  >
    Reset Access Token
  </Button>
)

function Authentication({ form }: Props) {
  const { options, values, change } = form
  const { integration } = options
  const kind = values.authentication
  const canUse = isUsable(integration)
  const noToken = form.submission.errors[NO_TOKEN]
  return (
    <div class="fields">
      <div class="pair">
        <SelectField
          label="Authentication"
          error={noToken && !canUse ? `Set up ${integration.name} first.` : undefined}
          value={kind}
          onChange={(chosen) =>
            change((now) => chooseAuthentication(now, chosen, options.settings.home_tenant))
          }
          options={kinds}
        />
        {kind !== 'password' && canUse && (
          <SelectField
            label="Provider"
            value={integration.id}
            onChange={() => {}}
            options={[{ value: integration.id, label: integration.name }]}
          />
        )}
      </div>
      {/* OAuth and app-only need the same integration. */}
      {kind !== 'password' && <IntegrationNotReady integration={integration} />}
      {kind === 'oauth' && canUse && <AccessToken form={form} error={noToken} />}
      {kind === 'app_only' && <AppOnly form={form} />}
      {kind === 'password' && <Password form={form} />}
    </div>
  )
}

/** The tenant of an app-only account, and the setup steps at Microsoft. */
const AppOnly = ({ form }: Props) => (
  <div class="fields">
    <p class="quiet">
      There is no sign-in: the app itself opens the mailbox. Only for an organisation's mailboxes.
    </p>
    <TextField
      {...form.field('tenant')}
      label="Tenant"
      required
      placeholder="contoso.com"
      help="The mailbox's organisation: its tenant ID or one of its domains."
    />
    <p>
      <NewTab
        href={APP_ONLY_GUIDE}
        text="What an administrator has to do once, and for every mailbox"
      />
    </p>
  </div>
)

function Password({ form: { options, values, submission, change } }: Props) {
  const isStored = options.saved[0]?.account.authentication.type === 'password'
  return (
    <TextField
      label="Password"
      type="password"
      required={!isStored}
      // Keeps password managers away, since this is not a password of the person.
      autocomplete="new-password"
      help={
        isStored
          ? 'Leave it blank to keep the stored one. It is never shown.'
          : 'It is stored encrypted and never shown again.'
      }
      error={submission.errors['/authentication/password']}
      value={values.password}
      onChange={(password) => change((now) => changePassword(now, password))}
    />
  )
}
