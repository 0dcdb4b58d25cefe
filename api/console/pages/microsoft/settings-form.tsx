/** The settings form. A lost race, a change that disconnects mailboxes: it asks, and loses nothing. */
import { useRef, useState } from 'preact/hooks'
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import { ApiError, request } from '../../api.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { Form, useSubmission } from '../../components/form.tsx'
import { Notice } from '../../components/notice.tsx'
import { NewerLoaded, Overtaken } from '../../components/overtaken.tsx'
import {
  atFields,
  type Editing,
  edit,
  errorsOf,
  inputOf,
  settingsPointersOf,
  takeNewer,
} from './settings-draft.ts'
import { SettingsFields } from './settings-fields.tsx'

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
          <SettingsFields editing={editing} onEdit={onEdit} submission={submission} />
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
