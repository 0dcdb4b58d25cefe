/** The settings form. Handles a concurrent save, and confirms a change that disconnects mailboxes. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import { ApiError, problemOf, request } from '../../api.ts'
import { useConfirm } from '../../components/confirm.tsx'
import { Form, useSubmission } from '../../components/form.tsx'
import { LatestLoaded, SaveConflict } from '../../components/save-conflict.tsx'
import type { Errors } from '../../ui/errors.ts'
import type { Step } from '../../ui/guide.ts'
import { count } from '../../ui/words.ts'
import { parsePastedValues } from './pasted-values.ts'
import {
  atFields,
  becomesFederated,
  type Editing,
  edit,
  errorsOf,
  inputOf,
  pastedNames,
  settingsPointersOf,
  takeNewer,
  withPasted,
} from './settings-draft.ts'
import { SettingsFields } from './settings-fields.tsx'

export const SETTINGS = '/v1/integrations/microsoft/settings'

type SettingsFormProps = {
  editing: Editing
  onEdit: (update: (before: Editing) => Editing) => void
  secretStep: Step | undefined
  /** Text of the button that saves. */
  button: string
  /** Faults of the stored values, by JSON pointer, until the fields are changed. */
  faults?: Errors
  /** Called after every save, with the stored settings. */
  onSaved: (settings: IntegrationSettings) => void
  /** Buttons beside the one that saves. */
  children?: ComponentChildren
}

export function SettingsForm(props: SettingsFormProps) {
  const { editing, onEdit, button, onSaved } = props
  const [faults, setFaults] = useState(props.faults ?? {})
  const [pasted, setPasted] = useState('')
  const [isOvertaken, setOvertaken] = useState(false)
  const [question, confirm] = useConfirm()
  const fields = useRef<HTMLDivElement>(null)
  useEffect(() => {
    fields.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [])

  async function save(isConfirmed = false): Promise<void> {
    try {
      const answer = await putSettings(editing, isConfirmed)
      onEdit(() => edit(answer))
      onSaved(answer.body)
    } catch (error) {
      const problem = problemOf(error)
      if (problem.code === 'grants_depend') {
        if (becomesFederated(editing)) {
          // Another issuer of the stored one: the form has asked already.
          const isStored = editing.stored.body.credential?.type === 'federated'
          if (!isStored) throw new ApiError({ ...problem, detail: ROTATE_INSTEAD })
          if (!isConfirmed) await save(true)
        } else if (await confirm(disconnecting(problem.grants ?? 0))) await save(true)
      } else if (problem.code === 'precondition_failed') setOvertaken(true)
      else throw new ApiError(atFields(problem))
    }
  }

  async function loadNewer(): Promise<void> {
    const newer = await request<IntegrationSettings>(SETTINGS)
    onEdit((before) => takeNewer(before, newer))
    // The button disappears.
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
  function paste(event: ClipboardEvent): void {
    const values = parsePastedValues(event.clipboardData?.getData('text') ?? '')
    if (values === null) return
    event.preventDefault()
    onEdit((before) => ({ ...before, draft: withPasted(before.draft, values) }))
    setFaults({})
    setPasted(`Filled in from what you pasted: ${pastedNames(values)}.`)
  }
  const shown = {
    errors: { ...faults, ...submission.errors },
    clearErrors: (...pointers: string[]) => {
      setFaults({})
      submission.clearErrors(...pointers)
    },
  }
  return (
    <>
      <Form
        label="Microsoft settings"
        button={button}
        bare
        submission={{ ...submission, submit }}
        done={editing.done && <LatestLoaded kept={editing.done.loaded} />}
        actions={props.children}
      >
        <div class="fields" ref={fields} onPaste={paste}>
          <SettingsFields
            editing={editing}
            onEdit={onEdit}
            submission={shown}
            secretStep={props.secretStep}
          />
          <div role="status" class="quiet">
            {pasted}
          </div>
        </div>
        {isOvertaken && (
          <div role="alert">
            <SaveConflict title="These settings were changed in the meantime" onLoad={loadNewer}>
              <div>Your changes were not saved. Load the latest version; what you typed stays.</div>
            </SaveConflict>
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
    body: inputOf(draft, new Date()),
  })

const ROTATE_INSTEAD =
  'Mailboxes depend on the current credential. Add the federated one under "Rotate the credential" instead: there it is checked before it is used.'

const disconnecting = (grants: number) => ({
  title: `Disconnect ${count(grants, 'access token')}?`,
  children: (
    <>
      <p>
        {count(grants, 'access token was', 'access tokens were')} issued for the client ID and cloud
        that are stored now, and stop working.
      </p>
      <p>Their email accounts need reconnecting: each person signs in again.</p>
    </>
  ),
  yes: 'Save and disconnect',
  danger: true,
})
