/** The fields of the settings, each beside a drawing of the page in Entra where its value is found. */
import type { Cloud } from '../../../../schema/mail-servers.ts'
import { SelectField, TextField } from '../../components/fields.tsx'
import type { Submission } from '../../components/form.tsx'
import type { Step } from '../../ui/guide.ts'
import { AudienceFields } from './audience-fields.tsx'
import type { CredentialDraft } from './credential-draft.ts'
import { CredentialFields } from './credential-fields.tsx'
import { Marked, OverviewPicture, Pictured, SecretsPicture } from './pictures.tsx'
import { clouds, type Editing, labels, type SettingsDraft } from './settings-draft.ts'

type SettingsFieldsProps = {
  editing: Editing
  onEdit: (update: (before: Editing) => Editing) => void
  submission: Pick<Submission, 'errors' | 'clearErrors'>
  /** Says how a client secret is created. */
  secretStep: Step | undefined
}

const withChanges = (changes: Partial<SettingsDraft>) => (before: Editing) => ({
  ...before,
  draft: { ...before.draft, ...changes },
})

export function SettingsFields(props: SettingsFieldsProps) {
  const { editing, onEdit, submission, secretStep } = props
  const { draft } = editing
  const { errors, clearErrors } = submission
  const change = (changes: Partial<SettingsDraft>, ...pointers: string[]) => {
    onEdit(withChanges(changes))
    clearErrors(...pointers)
  }
  const isSecret = draft.credential.kind === 'client_secret'
  return (
    <>
      <Pictured picture={<OverviewPicture />}>
        <Marked number={1}>
          <TextField
            label={labels.client_id}
            help={'In Entra: "Application (client) ID".'}
            error={errors['/client_id']}
            value={draft.clientId}
            onChange={(clientId) => change({ clientId }, '/client_id')}
            required
            placeholder="00000000-0000-0000-0000-000000000000"
          />
        </Marked>
        <Marked number={2}>
          <TextField
            label={`${labels.home_tenant} (optional)`}
            help="Required to check the credential right away, for app-only access, and to sign in to this console with Microsoft."
            error={errors['/home_tenant']}
            value={draft.homeTenant}
            onChange={(homeTenant) => change({ homeTenant }, '/home_tenant')}
          />
        </Marked>
      </Pictured>
      <Pictured picture={isSecret && <SecretsPicture first={3} step={secretStep} />}>
        <CredentialFields
          label="Client secret"
          first={3}
          draft={draft.credential}
          stored={editing.stored.body.credential}
          federated={editing.stored.body.federated}
          at="/credential"
          submission={{
            clearErrors,
            errors: {
              ...errors,
              ...(errors['/secret_expires_at'] && {
                '/credential/expires_at': errors['/secret_expires_at'],
              }),
            },
          }}
          onChange={(changes) => onEdit((before) => withCredential(before, changes))}
        />
      </Pictured>
      <Audience draft={draft} errors={errors} onChange={change} />
    </>
  )
}

const withCredential = (before: Editing, changes: Partial<CredentialDraft>) =>
  withChanges({ credential: { ...before.draft.credential, ...changes } })(before)

/** Settings that few deployments change. */
function Audience(props: {
  draft: SettingsDraft
  errors: Submission['errors']
  onChange: (changes: Partial<SettingsDraft>, ...pointers: string[]) => void
}) {
  const { draft, errors, onChange } = props
  const isUsual = draft.audience === 'common' && draft.cloud === 'global'
  return (
    <details open={!isUsual || Boolean(errors['/tenant'] ?? errors['/cloud'])}>
      <summary>Who may sign in, and which cloud</summary>
      <div class="pair">
        <AudienceFields
          draft={draft}
          error={errors['/tenant']}
          onChange={(changes) => onChange(changes, '/tenant')}
        />
        <SelectField<Cloud>
          label={labels.cloud}
          error={errors['/cloud']}
          value={draft.cloud}
          onChange={(cloud) => onChange({ cloud }, '/cloud')}
          options={clouds}
        />
      </div>
    </details>
  )
}
