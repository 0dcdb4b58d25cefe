/** The settings form. A lost race, a change that disconnects mailboxes: it asks, and loses nothing. */
import { useRef, useState } from 'preact/hooks'
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import type { Cloud } from '../../../../schema/mail-servers.ts'
import { ApiError, request } from '../../api.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { SelectField, TextField } from '../../components/fields.tsx'
import { Form, type Submission, useSubmission } from '../../components/form.tsx'
import { Notice } from '../../components/notice.tsx'
import { NewerLoaded, Overtaken } from '../../components/overtaken.tsx'
import { AudienceFields } from './audience-fields.tsx'
import { CredentialFields } from './credential-fields.tsx'
import {
  atFields,
  type Editing,
  edit,
  errorsOf,
  inputOf,
  labels,
  type SettingsDraft,
  settingsPointersOf,
  takeNewer,
} from './settings-draft.ts'
import { StoredCredential } from './stored-credential.tsx'

export const SETTINGS = '/v1/integrations/microsoft/settings'

export type SettingsFormProps = {
  editing: Editing
  onEdit: (update: (before: Editing) => Editing) => void
  /** Is called after every save, with what is stored then. */
  onSaved: (settings: IntegrationSettings) => void
}

export function SettingsForm({ editing, onEdit, onSaved }: SettingsFormProps) {
  const [isOvertaken, setOvertaken] = useState(false)
  const [question, confirm] = useConfirm()
  const fields = useRef<HTMLDivElement>(null)

  async function save(isConfirmed = false): Promise<void> {
    try {
      const answer = await putSettings(editing, isConfirmed)
      onEdit(() => ({ ...edit(answer), done: 'saved' }))
      onSaved(answer.body)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const { problem } = error
      if (problem.code === 'grants_depend') {
        if (await confirm(disconnecting(problem.grants ?? 0))) await save(true)
      } else if (problem.code === 'precondition_failed') setOvertaken(true)
      else throw new ApiError(atFields(problem))
    }
  }

  async function loadNewer(): Promise<void> {
    const newer = await request<IntegrationSettings>(SETTINGS)
    onEdit((before) => takeNewer(before, newer))
    // The button that was pressed goes.
    fields.current?.closest('form')?.querySelector<HTMLElement>('[type=submit]')?.focus()
    setOvertaken(false)
  }

  const submission = useSubmission({
    fields: settingsPointersOf(editing.draft),
    check: () => errorsOf(editing),
    send: () => save(),
  })
  async function submit(): Promise<void> {
    onEdit((before) => ({ ...before, done: null }))
    setOvertaken(false)
    await submission.submit()
  }
  return (
    <>
      <Form
        label="Microsoft settings"
        button="Save"
        bare
        submission={{ ...submission, submit }}
        done={<Done done={editing.done} />}
      >
        <div class="fields" ref={fields}>
          <Fields editing={editing} onEdit={onEdit} submission={submission} />
        </div>
        {isOvertaken && (
          <div role="alert">
            <Overtaken title="Somebody else has saved these settings meanwhile" onLoad={loadNewer}>
              <div>
                Nothing of yours was saved. Load theirs; what you have typed stays as it is.
              </div>
            </Overtaken>
          </div>
        )}
      </Form>
      {question}
    </>
  )
}

const putSettings = ({ stored: { etag }, draft }: Editing, isConfirmed: boolean) =>
  request<IntegrationSettings>(`${SETTINGS}${isConfirmed ? '?confirm=true' : ''}`, {
    method: 'PUT',
    headers: etag === null ? {} : { 'if-match': etag },
    body: inputOf(draft),
  })

const clouds: { value: Cloud; label: string }[] = [
  { value: 'global', label: 'Worldwide (with GCC)' },
  { value: 'us_gov_high', label: 'US Government, GCC High' },
  { value: 'us_gov_dod', label: 'US Government, DoD' },
  { value: 'china', label: 'China (21Vianet)' },
]

function Fields(props: {
  editing: Editing
  onEdit: SettingsFormProps['onEdit']
  submission: Submission
}) {
  const { editing, onEdit, submission } = props
  const { stored, draft } = editing
  const { errors, forget } = submission
  const change = (changes: Partial<SettingsDraft>, pointer: string) => {
    onEdit((before) => ({ ...before, draft: { ...before.draft, ...changes } }))
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
      <div class="fields">
        <CredentialFields
          labels={{
            kind: 'The app proves itself with',
            secret: 'Client secret',
            end: 'End date of this secret',
          }}
          draft={draft.credential}
          stored={stored.body.credential}
          at="/credential"
          submission={submission}
          onChange={(changes) =>
            onEdit((before) => ({
              ...before,
              draft: { ...before.draft, credential: { ...before.draft.credential, ...changes } },
            }))
          }
        />
        <div class="stack">
          <StoredCredential credential={stored.body.credential} />
        </div>
      </div>
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

function Done({ done }: { done: Editing['done'] }) {
  if (done === null) return null
  if (done !== 'saved') return <NewerLoaded kept={done.loaded} />
  return (
    <Notice tone="good" title="Saved">
      <div>Verify next whether they work.</div>
    </Notice>
  )
}

const disconnecting = (grants: number) => ({
  title: grants === 1 ? 'Disconnect one access token?' : `Disconnect ${grants} access tokens?`,
  children: (
    <>
      <p>
        {grants === 1 ? 'One access token was' : `${grants} access tokens were`} made with the
        client ID and the cloud that are stored now. They stop working with the new ones.
      </p>
      <p>Their email accounts need reconnecting: each person signs in again.</p>
    </>
  ),
  yes: 'Save and disconnect',
  danger: true,
})
