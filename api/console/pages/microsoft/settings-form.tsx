/** The settings form. Handles a concurrent save, and confirms a change that disconnects mailboxes. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import type { Cloud, Protocol } from '../../../../schema/mail-servers.ts'
import { ApiError, type Fetched, problemOf, remove, request } from '../../api.ts'
import { CheckboxGroup } from '../../components/checkbox-group.tsx'
import { useConfirm } from '../../components/confirm.tsx'
import { SelectField, TextField } from '../../components/fields.tsx'
import { Form, useForm } from '../../components/form.tsx'
import { SaveConflict } from '../../components/notice.tsx'
import { RadioGroup } from '../../components/radio-group.tsx'
import type { Errors } from '../../ui/form-state.ts'
import { count } from '../../ui/phrase.ts'
import { credentialErrors } from './credential-draft.ts'
import { CredentialFields } from './credential-fields.tsx'
import { parsePastedValues } from './pasted-values.ts'
import {
  atFields,
  audiencesOf,
  becomesFederated,
  clouds,
  draftOf,
  inputOf,
  isOwnOnly,
  keptCredential,
  labels,
  pointers,
  protocolOptions,
  registrationErrors,
  type SettingsDraft,
  shownOf,
  tidy,
  withPasted,
} from './settings-draft.ts'

export const INTEGRATION = '/v1/integrations/microsoft'
export const SETTINGS = `${INTEGRATION}/settings`
export const NEXT = `${SETTINGS}/next-credential`
export const GUIDE = `${INTEGRATION}/setup-guide`

type Stored = Fetched<IntegrationSettings>
export type SettingsFormState = ReturnType<typeof useSettingsForm>

/** Returns the form, which outlives the screens that show it. `onSaved` is called after every save. */
export function useSettingsForm(first: Stored, onSaved: (settings: IntegrationSettings) => void) {
  const [stored, setStored] = useState(first)
  /** True once a save of another person is loaded around what was typed. */
  const [isOvertaken, setOvertaken] = useState(false)
  const [question, confirm] = useConfirm()
  const form = useForm<SettingsDraft>({
    initial: draftOf(first.body),
    pointers,
    within: shownOf,
    tidy,
    check: (draft) => ({
      ...registrationErrors(draft),
      ...credentialErrors(
        draft.credential,
        keptCredential(stored.body, draft.client_id),
        '/credential',
      ),
    }),
    send: (draft) => save(draft),
  })

  /**
   * Resolves to false if someone else has saved in the meantime, or the change was not confirmed. Rejects on any other
   * refusal.
   */
  async function save(draft: SettingsDraft, isConfirmed = false): Promise<boolean> {
    try {
      let result = await putSettings(stored, draft, isConfirmed)
      // The setup script's certificate is not needed if another credential was chosen after all.
      if (stored.body.client_id === null && result.body.next_credential !== null) {
        // The settings are saved even if this fails. The page then shows the certificate.
        const isRemoved = await remove(NEXT).then(
          () => true,
          () => false,
        )
        if (isRemoved) result = { ...result, body: { ...result.body, next_credential: null } }
      }
      setStored(result)
      form.reset(draftOf(result.body))
      onSaved(result.body)
      return true
    } catch (error) {
      const problem = problemOf(error)
      if (problem.code === 'precondition_failed') {
        take(await request<IntegrationSettings>(SETTINGS))
        setOvertaken(true)
        return false
      }
      if (problem.code !== 'grants_depend') throw new ApiError(atFields(problem))
      if (becomesFederated(draft, stored.body)) {
        // For another issuer of the stored credential, the form has already asked.
        const isStored = stored.body.credential?.type === 'federated'
        if (!isStored) throw new ApiError({ ...problem, detail: ROTATE_INSTEAD })
        return !isConfirmed && save(draft, true)
      }
      return (await confirm(disconnecting(problem.grants ?? 0))) && save(draft, true)
    }
  }
  /** Returns true if both sides changed a field. */
  function take(newer: Stored): boolean {
    setStored(newer)
    return form.merge(draftOf(newer.body)).length > 0
  }
  return {
    ...form,
    stored,
    isOvertaken,
    question,
    /** Shows errors of the stored values, or none, and nothing of an earlier save. */
    show(errors: Errors = {}): void {
      setOvertaken(false)
      form.showErrors(errors)
    },
    submit(): Promise<boolean> {
      setOvertaken(false)
      return form.submission.submit()
    },
    /** Begins again with what is stored. */
    cancel() {
      setOvertaken(false)
      form.reset()
    },
    /** Takes settings that this page has changed itself. Says so only if both sides changed a field. */
    takeOwn(newer: Stored): void {
      if (take(newer)) setOvertaken(true)
    },
  }
}

const putSettings = ({ body, etag }: Stored, draft: SettingsDraft, isConfirmed: boolean) =>
  request<IntegrationSettings>(`${SETTINGS}${isConfirmed ? '?confirm=true' : ''}`, {
    method: 'PUT',
    etag,
    body: inputOf(draft, body),
  })

const ROTATE_INSTEAD =
  'Mailboxes depend on the current credential. Add the federated one under "Rotate the credential" instead, where it is verified before it is used.'

const disconnecting = (grants: number) => ({
  title: `Disconnect ${count(grants, 'sign-in')}?`,
  children: (
    <>
      <p>
        {count(grants, 'sign-in was', 'sign-ins were')} made for the client ID and cloud that are
        stored now, and {grants === 1 ? 'stops' : 'stop'} working.
      </p>
      <p>Their email accounts must be reconnected, so each person signs in again.</p>
    </>
  ),
  yes: 'Save and disconnect',
  danger: true,
})

type SettingsFormProps = {
  form: SettingsFormState
  /** True to show only the values that the setup script prints, since those that it needs were entered before. */
  isScripted?: boolean
  /** Text of the button that saves. */
  button: string
  /** Called after every save. */
  onSaved: () => void
  /** Buttons beside the one that saves. */
  children?: ComponentChildren
}

export function SettingsForm(props: SettingsFormProps) {
  const { form, isScripted = false, button, onSaved, children } = props
  const { isOvertaken, submission } = form
  const [isPasted, setPasted] = useState(false)

  async function submit(): Promise<boolean> {
    const isSaved = await form.submit()
    if (isSaved) onSaved()
    return isSaved
  }
  function paste(event: ClipboardEvent): void {
    const values = parsePastedValues(event.clipboardData?.getData('text') ?? '')
    if (values === null) return
    event.preventDefault()
    form.change(withPasted(form.values, values))
    setPasted(true)
  }
  return (
    <>
      <Form
        label="Microsoft settings"
        button={button}
        bare
        submission={{ ...submission, submit }}
        done={isOvertaken && <SaveConflict title="These settings were changed in the meantime" />}
        actions={children}
      >
        <div class="fields" onPaste={paste}>
          {!isScripted && <RegistrationFields form={form} />}
          <AppFields form={form} isScripted={isScripted} />
          <div role="status" class="quiet">
            {isPasted && 'Filled in from what you pasted.'}
          </div>
        </div>
      </Form>
      {form.question}
    </>
  )
}

/** Shows the fields that the registration script uses. */
export function RegistrationFields({ form }: { form: SettingsFormState }) {
  const { values, field, stored } = form
  const { errors } = form.submission
  const isOwn = isOwnOnly(values)
  const { tenant, cloud, protocols } = draftOf(stored.body)
  const isUsual = cloud === 'global' && protocols.join() === 'imap,smtp'
  return (
    <>
      <RadioGroup<string>
        {...field('tenant')}
        label="Whose mailboxes?"
        options={audiencesOf(tenant)}
      />
      <TextField
        {...field('home_tenant')}
        label={labels.home_tenant}
        help={
          isOwn
            ? "The organisation's, for example contoso.com."
            : "Optional. Your own organisation's, where the app is registered. The script prints it too."
        }
        required={isOwn}
      />
      <details open={!isUsual || Boolean(errors['/protocols'] ?? errors['/cloud'])}>
        <summary>{labels.protocols} and cloud</summary>
        <div class="fields">
          <CheckboxGroup<Protocol>
            {...field('protocols')}
            label={labels.protocols}
            help="What email accounts and sign-ins may use."
            options={protocolOptions}
          />
          <SelectField<Cloud> {...field('cloud')} label={labels.cloud} options={clouds} />
        </div>
      </details>
    </>
  )
}

/** The registered app, and how it proves its identity. */
function AppFields({ form, isScripted }: { form: SettingsFormState; isScripted: boolean }) {
  const { values, field, change, stored } = form
  const { errors } = form.submission
  const expiry = errors['/secret_expires_at']
  return (
    <>
      <TextField
        {...field('client_id')}
        label={labels.client_id}
        help={
          'To fill in every field at once, paste everything that the script prints. In Entra, it is the "Application (client) ID".'
        }
        required
        placeholder="00000000-0000-0000-0000-000000000000"
      />
      <CredentialFields
        label="Client secret"
        part={{
          values: values.credential,
          errors: { ...errors, ...(expiry && { '/credential/expires_at': expiry }) },
          change: (typed) => change({ credential: { ...values.credential, ...typed } }),
        }}
        stored={keptCredential(stored.body, values.client_id)}
        federated={stored.body.federated}
        at="/credential"
        isScripted={isScripted}
      />
    </>
  )
}
