/** The stored values, and the form that changes them. */
import { useRef, useState } from 'preact/hooks'
import type { IntegrationSettings } from '../../../../schema/integration.ts'
import { Button } from '../../components/button.tsx'
import { Card, Fact } from '../../components/layout.tsx'
import { Notice } from '../../components/notice.tsx'
import { may } from '../../rights.ts'
import { audiencesOf, clouds, draftOf, labels, protocolNames } from './settings-draft.ts'
import { SettingsForm, type SettingsFormState } from './settings-form.tsx'

export function ValuesCard(props: {
  form: SettingsFormState
  /** Opens the setup again. */
  onSetUp: () => void
}) {
  const { form, onSetUp } = props
  const [isOpen, setOpen] = useState(false)
  const [isSaved, setSaved] = useState(false)
  const status = useRef<HTMLDivElement>(null)
  return (
    <Card title="Settings">
      <div role="status" tabIndex={-1} ref={status}>
        {isSaved && <Notice tone="good" title="Saved" />}
      </div>
      {isOpen ? (
        <SettingsForm
          form={form}
          button="Save"
          onSaved={() => {
            setSaved(true)
            setOpen(false)
            status.current?.focus()
          }}
        >
          <Button
            onClick={() => {
              form.cancel()
              setOpen(false)
            }}
          >
            Cancel
          </Button>
        </SettingsForm>
      ) : (
        <>
          <Values settings={form.stored.body} />
          {may('admin') && (
            <div class="row after">
              <Button
                onClick={() => {
                  setSaved(false)
                  setOpen(true)
                }}
              >
                Change
              </Button>
              <Button onClick={onSetUp}>Set up again</Button>
            </div>
          )}
        </>
      )}
    </Card>
  )
}

function Values({ settings }: { settings: IntegrationSettings }) {
  const { client_id, home_tenant, tenant, protocols, cloud } = draftOf(settings)
  return (
    <dl class="facts">
      <Fact name={labels.client_id}>{client_id || 'Not entered yet'}</Fact>
      <Fact name="Directory (tenant)">{home_tenant || 'Not entered'}</Fact>
      <Fact name={labels.tenant}>
        {client_id ? labelOf(audiencesOf(tenant), tenant) : 'Not entered'}
      </Fact>
      <Fact name={labels.protocols}>{protocolNames(protocols)}</Fact>
      <Fact name={labels.cloud}>{labelOf(clouds, cloud)}</Fact>
    </dl>
  )
}

const labelOf = (options: readonly { value: string; label: string }[], value: string) =>
  options.find((option) => option.value === value)?.label ?? value
