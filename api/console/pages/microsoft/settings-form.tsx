/** The settings form. Handles a concurrent save, and confirms a change that disconnects mailboxes. */
import type { ComponentChildren } from 'preact'
import { useState } from 'preact/hooks'
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import type { Cloud, Protocol } from '../../../../schema/mail-servers.ts'
import { type Answer, ApiError, problemOf, request } from '../../api.ts'
import { CheckboxGroup } from '../../components/checkbox-group.tsx'
import { useConfirm } from '../../components/confirm.tsx'
import { SelectField, TextField } from '../../components/fields.tsx'
import { Form, fieldOf, useForm } from '../../components/form.tsx'
import { LatestLoaded, SaveConflict } from '../../components/save-conflict.tsx'
import type { Errors, KeptField } from '../../ui/form-state.ts'
import type { Step } from '../../ui/guide.ts'
import { count } from '../../ui/words.ts'
import { credentialErrors } from './credential-draft.ts'
import { CredentialFields } from './credential-fields.tsx'
import { parsePastedValues } from './pasted-values.ts'
import { Marked, OverviewPicture, Pictured, SecretsPicture } from './pictures.tsx'
import {
  type Audience,
  atFields,
  audiences,
  becomesFederated,
  clouds,
  draftOf,
  inputOf,
  keptFields,
  labels,
  pastedNames,
  pointers,
  protocolOptions,
  type SettingsDraft,
  shownOf,
  tidy,
  withPasted,
} from './settings-draft.ts'

export const INTEGRATION = '/v1/integrations/microsoft'
export const SETTINGS = `${INTEGRATION}/settings`

type Stored = Answer<IntegrationSettings>
export type SettingsFormState = ReturnType<typeof useSettingsForm>

/** Returns the form, which outlives the screens that show it. `onSaved` is called after every save. */
export function useSettingsForm(first: Stored, onSaved: (settings: IntegrationSettings) => void) {
  const [stored, setStored] = useState(first)
  /** A save of another person: not loaded yet, or the fields to compare with it. */
  const [conflict, setConflict] = useState<'overtaken' | KeptField[] | null>(null)
  const [question, confirm] = useConfirm()
  const form = useForm<SettingsDraft>({
    initial: draftOf(first.body),
    pointers,
    within: shownOf,
    tidy,
    check: ({ credential, protocols }) => ({
      ...credentialErrors(credential, stored.body.credential, '/credential'),
      ...(protocols.length === 0 && { '/protocols': 'Choose at least one.' }),
    }),
    send: (draft) => save(draft),
  })

  /** Resolves to false if it is not saved. */
  async function save(draft: SettingsDraft, isConfirmed = false): Promise<boolean> {
    try {
      const answer = await putSettings(stored.etag, draft, isConfirmed)
      setStored(answer)
      form.reset(draftOf(answer.body))
      onSaved(answer.body)
      return true
    } catch (error) {
      const problem = problemOf(error)
      if (problem.code === 'precondition_failed') {
        setConflict('overtaken')
        return false
      }
      if (problem.code !== 'grants_depend') throw new ApiError(atFields(problem))
      if (becomesFederated(draft, stored.body)) {
        // Another issuer of the stored one: the form has asked already.
        const isStored = stored.body.credential?.type === 'federated'
        if (!isStored) throw new ApiError({ ...problem, detail: ROTATE_INSTEAD })
        return !isConfirmed && save(draft, true)
      }
      return (await confirm(disconnecting(problem.grants ?? 0))) && save(draft, true)
    }
  }
  function take(newer: Stored): KeptField[] {
    const draft = draftOf(newer.body)
    setStored(newer)
    return keptFields(form.merge(draft), draft)
  }
  /** Shows errors of the stored values, or none, and nothing of an earlier save. */
  function show(errors: Errors = {}): void {
    setConflict(null)
    form.showErrors(errors)
  }
  return {
    ...form,
    stored,
    conflict,
    question,
    show,
    submit(): Promise<boolean> {
      setConflict(null)
      return form.submission.submit()
    },
    /** Begins again with what is stored. */
    cancel() {
      setConflict(null)
      form.reset()
    },
    /** Loads the settings of another save. Rejects with ApiError. */
    async loadNewer(): Promise<void> {
      setConflict(take(await request<IntegrationSettings>(SETTINGS)))
      // The button disappears.
      form.focus('[type=submit]')
    },
    /** Takes settings that this page has changed itself. Says so only if both sides changed a field. */
    takeOwn(newer: Stored): void {
      const kept = take(newer)
      if (kept.length > 0) setConflict(kept)
    },
  }
}

const putSettings = (etag: string | null, draft: SettingsDraft, isConfirmed: boolean) =>
  request<IntegrationSettings>(`${SETTINGS}${isConfirmed ? '?confirm=true' : ''}`, {
    method: 'PUT',
    etag,
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

type SettingsFormProps = {
  form: SettingsFormState
  /** Says how a client secret is created. */
  secretStep: Step | undefined
  /** Text of the button that saves. */
  button: string
  /** Called after every save. */
  onSaved: () => void
  /** Buttons beside the one that saves. */
  children?: ComponentChildren
}

export function SettingsForm({ form, secretStep, button, onSaved, children }: SettingsFormProps) {
  const { conflict, submission } = form
  const [pasted, setPasted] = useState('')

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
    setPasted(`Filled in from what you pasted: ${pastedNames(values)}.`)
  }
  return (
    <>
      <Form
        label="Microsoft settings"
        button={button}
        bare
        submission={{ ...submission, submit }}
        done={Array.isArray(conflict) && <LatestLoaded kept={conflict} />}
        actions={children}
      >
        <div class="fields" onPaste={paste}>
          <Fields form={form} secretStep={secretStep} />
          <div role="status" class="quiet">
            {pasted}
          </div>
        </div>
        {conflict === 'overtaken' && (
          <div role="alert">
            <SaveConflict
              title="These settings were changed in the meantime"
              onLoad={form.loadNewer}
            />
          </div>
        )}
      </Form>
      {form.question}
    </>
  )
}

/** The fields, each beside a drawing of the page in Entra where its value is found. */
function Fields({ form, secretStep }: Pick<SettingsFormProps, 'form' | 'secretStep'>) {
  const { values, field, change, stored } = form
  const { errors } = form.submission
  const expiry = errors['/secret_expires_at']
  return (
    <>
      <Pictured picture={<OverviewPicture />}>
        <Marked number={1}>
          <TextField
            {...field('client_id')}
            label={labels.client_id}
            help={'In Entra: "Application (client) ID".'}
            required
            placeholder="00000000-0000-0000-0000-000000000000"
          />
        </Marked>
        <Marked number={2}>
          <TextField
            {...field('home_tenant')}
            label={`${labels.home_tenant} (optional)`}
            help="Required to check the credential right away, for app-only access, and to sign in to this console with Microsoft."
          />
        </Marked>
      </Pictured>
      <Pictured
        picture={
          values.credential.kind === 'client_secret' && (
            <SecretsPicture first={3} step={secretStep} />
          )
        }
      >
        <CredentialFields
          label="Client secret"
          first={3}
          part={{
            values: values.credential,
            errors: { ...errors, ...(expiry && { '/credential/expires_at': expiry }) },
            change: (typed) => change({ credential: { ...values.credential, ...typed } }),
          }}
          stored={stored.body.credential}
          federated={stored.body.federated}
          at="/credential"
        />
      </Pictured>
      <CheckboxGroup<Protocol>
        {...field('protocols')}
        label={labels.protocols}
        help="What email accounts and sign-ins may use."
        options={protocolOptions}
      />
      <Rare form={form} />
    </>
  )
}

/** Settings that few deployments change. */
function Rare({ form }: Pick<SettingsFormProps, 'form'>) {
  const { values, field, change } = form
  const { errors } = form.submission
  const { audience } = values.tenant
  const tenant = {
    values: values.tenant,
    errors,
    change: (typed: Partial<SettingsDraft['tenant']>) =>
      change({ tenant: { ...values.tenant, ...typed } }),
  }
  const isUsual = audience === 'common' && values.cloud === 'global'
  return (
    <details open={!isUsual || Boolean(errors['/tenant'] ?? errors['/cloud'])}>
      <summary>Who may sign in, and which cloud</summary>
      <div class="pair">
        <div class="fields">
          <SelectField<Audience>
            {...fieldOf(tenant, 'audience', ...(audience === 'one' ? [] : ['/tenant']))}
            label={labels.tenant}
            options={audiences}
          />
          {audience === 'one' && (
            <TextField
              {...fieldOf(tenant, 'id', '/tenant')}
              label="Tenant of this organisation"
              help="Its Directory (tenant) ID, or one of its domains such as contoso.com."
              required
            />
          )}
        </div>
        <SelectField<Cloud> {...field('cloud')} label={labels.cloud} options={clouds} />
      </div>
    </details>
  )
}
