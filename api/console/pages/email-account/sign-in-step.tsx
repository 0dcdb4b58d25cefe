/** Second step: the access token, or another way for Mailgrant to log in. */
import { Button } from '../../components/button.tsx'
import { SelectField, TextField } from '../../components/fields.tsx'
import { IntegrationNotReady } from '../../components/integration-not-ready.tsx'
import { may } from '../../rights.ts'
import { isUsable } from '../../ui/integration.ts'
import { AccessToken } from './access-token.tsx'
import { AppOnly } from './app-only.tsx'
import { kinds } from './kinds.ts'
import { changePassword, chooseAuthentication, isFolded, resetToken } from './state.ts'
import { ChangeButton, FormStep } from './step.tsx'
import type { AccountForm } from './use-account-form.ts'
import { useIntegration } from './use-integration.ts'

type Props = { form: AccountForm }

const TITLE = 'Sign-in'

export function SignInStep({ form }: Props) {
  const { options, state } = form
  const { authentication, tenant } = state.draft
  const isDone = isFolded(state, 'signIn', options.saved !== null)
  if (authentication === 'oauth' && state.grant !== null) {
    return (
      <FormStep
        name="signIn"
        title={TITLE}
        sign={isDone ? 'good' : 2}
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
        button={<ChangeButton form={form} step="signIn" name="sign-in" />}
      >
        {authentication === 'password' ? 'With a password.' : `By the app itself, in ${tenant}.`}
      </FormStep>
    )
  }
  return (
    <FormStep name="signIn" title={TITLE} sign={2}>
      <Authentication form={form} />
    </FormStep>
  )
}

const ResetToken = ({ form: { update } }: Props) => (
  <Button class="danger calm" data-focus="token" onClick={() => update(resetToken)}>
    Reset Access Token
  </Button>
)

function Authentication({ form }: Props) {
  const { options, state, update } = form
  const kind = state.draft.authentication
  const { integration, status } = useIntegration(options.integration, update)
  const canUse = isUsable(integration)
  const noToken = state.errors['/authentication/grant_id']
  return (
    <div class="fields">
      <div class="pair">
        <SelectField
          label="Authentication"
          error={noToken && !canUse ? `Set up ${integration.name} first.` : undefined}
          value={kind}
          onChange={(chosen) =>
            update((now) => chooseAuthentication(now, chosen, options.settings.home_tenant))
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
      <div role="status" class="unseen">
        {status}
      </div>
      {/* OAuth and app-only need the same integration. */}
      {kind !== 'password' && <IntegrationNotReady integration={integration} newTab />}
      {kind === 'oauth' && canUse && <AccessToken form={form} error={noToken} />}
      {kind === 'app_only' && <AppOnly form={form} />}
      {kind === 'password' && <Password form={form} />}
    </div>
  )
}

function Password({ form: { options, state, update } }: Props) {
  const isStored = options.saved?.account.authentication.type === 'password'
  return (
    <TextField
      label="Password"
      type="password"
      required={!isStored}
      // Keeps password managers away: this is not a password of the person.
      autocomplete="new-password"
      help={
        isStored
          ? 'Leave it blank to keep the stored one. It is never shown.'
          : 'It is stored encrypted and never shown again.'
      }
      error={state.errors['/authentication/password']}
      value={state.password}
      onChange={(password) => update((now) => changePassword(now, password))}
    />
  )
}
