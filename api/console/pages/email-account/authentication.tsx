/** Authentication of the account: the kind, the provider, and what the kind needs. */
import { SelectField, TextField } from '../../components/fields.tsx'
import { MissingProvider } from '../../components/missing-provider.tsx'
import { AccessToken } from './access-token.tsx'
import { AppOnly } from './app-only.tsx'
import { kinds } from './kinds.ts'
import { isOffered } from './provider.ts'
import { changePassword, chooseAuthentication } from './state.ts'
import type { AccountForm } from './use-account-form.ts'
import { useIntegration } from './use-integration.ts'

export function Authentication({ form }: { form: AccountForm }) {
  const { options, state, update } = form
  const kind = state.draft.authentication
  const { integration, status } = useIntegration(options.integration, update)
  const canUse = isOffered(integration)
  const noToken = state.errors['/authentication/grant_id']
  return (
    <div class="fields">
      <div class="pair">
        <SelectField
          label="Authentication"
          error={
            noToken && !canUse
              ? `${integration.name} cannot be used yet: see what is missing.`
              : undefined
          }
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
      {/* What is missing of the integration is missing for both. */}
      {kind !== 'password' && <MissingProvider integration={integration} inForm />}
      {kind === 'oauth' && canUse && <AccessToken form={form} error={noToken} />}
      {kind === 'app_only' && <AppOnly form={form} />}
      {kind === 'password' && <Password form={form} />}
    </div>
  )
}

function Password({ form: { options, state, update } }: { form: AccountForm }) {
  const isStored = options.saved?.account.authentication.type === 'password'
  return (
    <TextField
      label="Password"
      type="password"
      required={!isStored}
      // Not a password of this person: password managers are to leave it alone.
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
