/** The question who may sign in: a choice in plain words, and a field for a single tenant. */
import { SelectField, TextField } from '../../components/fields.tsx'
import { type Audience, audiences, labels, type SettingsDraft } from './settings-draft.ts'

export function AudienceFields(props: {
  draft: Pick<SettingsDraft, 'audience' | 'tenant'>
  error: string | undefined
  onChange: (changes: Partial<Pick<SettingsDraft, 'audience' | 'tenant'>>) => void
}) {
  const { draft, error, onChange } = props
  const isOne = draft.audience === 'one'
  return (
    <div class="fields">
      <SelectField<Audience>
        label={labels.tenant}
        error={isOne ? undefined : error}
        value={draft.audience}
        onChange={(audience) => onChange({ audience })}
        options={audiences}
      />
      {isOne && (
        <TextField
          label="Tenant of this organisation"
          help="Its Directory (tenant) ID, or one of its domains such as contoso.com."
          error={error}
          value={draft.tenant}
          onChange={(tenant) => onChange({ tenant })}
          required
        />
      )}
    </div>
  )
}
