/** The fields of the settings form. */
import type { Cloud } from '../../../../schema/mail-servers.ts'
import { SelectField, TextField } from '../../components/fields.tsx'
import type { Submission } from '../../components/form.tsx'
import { AudienceFields } from './audience-fields.tsx'
import type { CredentialDraft } from './credential-draft.ts'
import { CredentialFields } from './credential-fields.tsx'
import { type Editing, labels, type SettingsDraft } from './settings-draft.ts'
import { StoredCredential } from './stored-credential.tsx'

type SettingsFieldsProps = {
  editing: Editing
  onEdit: (update: (before: Editing) => Editing) => void
  submission: Pick<Submission, 'errors' | 'forget'>
}

const withChanges = (changes: Partial<SettingsDraft>) => (before: Editing) => ({
  ...before,
  draft: { ...before.draft, ...changes },
})

export function SettingsFields({ editing, onEdit, submission }: SettingsFieldsProps) {
  const { draft } = editing
  const { errors, forget } = submission
  const change = (changes: Partial<SettingsDraft>, pointer: string) => {
    onEdit(withChanges(changes))
    forget(pointer)
  }
  return (
    <>
      <div class="pair">
        <TextField
          label={labels.client_id}
          help={'"Application (client) ID" on the Overview page of the app.'}
          error={errors['/client_id']}
          value={draft.clientId}
          onChange={(clientId) => change({ clientId }, '/client_id')}
          required
          placeholder="00000000-0000-0000-0000-000000000000"
        />
        <TextField
          label={labels.home_tenant}
          help={
            '"Directory (tenant) ID" on the same page, or a domain: where the app is registered. "Verify" asks there.'
          }
          error={errors['/home_tenant']}
          value={draft.homeTenant}
          onChange={(homeTenant) => change({ homeTenant }, '/home_tenant')}
        />
      </div>
      <AppCredential editing={editing} onEdit={onEdit} submission={submission} />
      <div class="pair">
        <AudienceFields
          draft={draft}
          error={errors['/tenant']}
          onChange={(changes) => change(changes, '/tenant')}
        />
        <SelectField<Cloud>
          label={labels.cloud}
          error={errors['/cloud']}
          value={draft.cloud}
          onChange={(cloud) => change({ cloud }, '/cloud')}
          options={clouds}
        />
      </div>
    </>
  )
}

const clouds: { value: Cloud; label: string }[] = [
  { value: 'global', label: 'Worldwide (with GCC)' },
  { value: 'us_gov_high', label: 'US Government, GCC High' },
  { value: 'us_gov_dod', label: 'US Government, DoD' },
  { value: 'china', label: 'China (21Vianet)' },
]

/** The credential that is typed in, and the one that is stored. */
function AppCredential({ editing, onEdit, submission }: SettingsFieldsProps) {
  const stored = editing.stored.body.credential
  const change = (changes: Partial<CredentialDraft>) =>
    onEdit((before) =>
      withChanges({ credential: { ...before.draft.credential, ...changes } })(before),
    )
  return (
    <div class="fields">
      <CredentialFields
        labels={{
          kind: 'The app proves itself with',
          secret: 'Client secret',
          end: 'End date of this secret',
        }}
        draft={editing.draft.credential}
        stored={stored}
        at="/credential"
        submission={submission}
        onChange={change}
      />
      <div class="stack">
        <StoredCredential credential={stored} />
      </div>
    </div>
  )
}
