/** The first setup: three screens, which lead from the app registration to the first mailbox. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Integration, IntegrationSettings } from '../../../../schema/integration.ts'
import type { SetupGuide } from '../../../../schema/setup-guide.ts'
import { Button } from '../../components/button.tsx'
import { PageHead } from '../../components/page-head.tsx'
import type { Errors } from '../../ui/errors.ts'
import { CheckScreen } from './check-screen.tsx'
import { Register, secretStepOf } from './register.tsx'
import type { Editing } from './settings-draft.ts'
import { SettingsForm } from './settings-form.tsx'

const screens = ['Register the app', 'Enter client ID and credential', 'Check and go']
type Screen = 0 | 1 | 2

type WizardProps = {
  guide: SetupGuide
  integration: Integration
  editing: Editing
  onEdit: (update: (before: Editing) => Editing) => void
  onSaved: (settings: IntegrationSettings) => void
  onIntegration: (integration: Integration) => void
  /** Shows the settings instead. */
  onDone: () => void
}

export function Wizard(props: WizardProps) {
  const { guide, integration, editing, onEdit, onSaved, onIntegration, onDone } = props
  const [screen, setScreen] = useState<Screen>(0)
  const [faults, setFaults] = useState<Errors>({})
  const heading = useRef<HTMLHeadingElement>(null)
  const first = useRef(true)
  // A wrong field has taken the focus already.
  useEffect(() => {
    if (!first.current && Object.keys(faults).length === 0) heading.current?.focus()
    first.current = false
  }, [screen])

  const show = (next: Screen, wrong: Errors = {}) => {
    setFaults(wrong)
    setScreen(next)
  }
  const { configured } = integration
  return (
    <>
      <PageHead
        title="Set up Microsoft"
        lead="Once, for all mailboxes: register an app at Microsoft, and enter it here."
      >
        {configured && <Button onClick={onDone}>Show the settings</Button>}
      </PageHead>
      <ol class="stages" aria-label="Steps of the setup">
        {screens.map((title, index) => (
          <li
            key={title}
            class={index < screen ? 'done' : undefined}
            aria-current={index === screen ? 'step' : undefined}
          >
            <span class="number" aria-hidden="true">
              {index < screen ? '✓' : index + 1}
            </span>
            {title}
          </li>
        ))}
      </ol>
      <section class="card step" aria-labelledby="screen">
        <h2 id="screen" tabIndex={-1} ref={heading}>
          {screens[screen]}
        </h2>
        {screen === 0 && (
          <>
            <Register guide={guide} isSetup />
            <div class="row after">
              <Button class="main" onClick={() => show(1)}>
                Next: enter the values
              </Button>
            </div>
          </>
        )}
        {screen === 1 && (
          <SettingsForm
            editing={editing}
            onEdit={onEdit}
            secretStep={secretStepOf(guide)}
            button="Save and check"
            faults={faults}
            onSaved={(settings) => {
              onSaved(settings)
              show(2)
            }}
          >
            <Button onClick={() => show(0)}>Back</Button>
          </SettingsForm>
        )}
        {screen === 2 && (
          <CheckScreen
            settings={editing.stored.body}
            integration={integration}
            onIntegration={onIntegration}
            onBack={(wrong) => show(1, wrong)}
          />
        )}
      </section>
    </>
  )
}
