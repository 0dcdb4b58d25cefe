/** The first setup: three screens, which lead from the app registration to the first mailbox. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Integration, IntegrationSettings } from '../../../../schema/integration.ts'
import type { SetupGuide } from '../../../../schema/setup-guide.ts'
import { get, post } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { PageHead } from '../../components/page-head.tsx'
import type { Errors } from '../../ui/form-state.ts'
import { Consent } from './consent.tsx'
import { CertificateView, FederatedView } from './credential-views.tsx'
import { Register, secretStepOf } from './register.tsx'
import { blamedField, isUnchecked } from './settings-draft.ts'
import { INTEGRATION, SettingsForm, type SettingsFormState } from './settings-form.tsx'
import { CheckResult, useCheck } from './verify.tsx'

const screens = ['Register the app', 'Enter client ID and credential', 'Check and go']
type Screen = 0 | 1 | 2

type WizardProps = {
  guide: SetupGuide
  integration: Integration
  form: SettingsFormState
  onIntegration: (integration: Integration) => void
  /** Shows the settings instead. */
  onDone: () => void
}

export function Wizard(props: WizardProps) {
  const { guide, integration, form, onIntegration, onDone } = props
  const [screen, setScreen] = useState<Screen>(0)
  const heading = useRef<HTMLHeadingElement>(null)
  const first = useRef(true)
  // A wrong field has taken the focus already.
  useEffect(() => {
    const isWrong = Object.keys(form.submission.errors).length > 0
    if (!first.current && !isWrong) heading.current?.focus()
    first.current = false
  }, [screen])

  const show = (next: Screen, wrong?: Errors) => {
    form.show(wrong)
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
            form={form}
            secretStep={secretStepOf(guide)}
            button="Save and check"
            onSaved={() => show(2)}
          >
            <Button onClick={() => show(0)}>Back</Button>
          </SettingsForm>
        )}
        {screen === 2 && (
          <CheckScreen
            settings={form.stored.body}
            integration={integration}
            onIntegration={onIntegration}
            onBack={(wrong) => show(1, wrong)}
          />
        )}
      </section>
    </>
  )
}

type CheckScreenProps = {
  settings: IntegrationSettings
  integration: Integration
  onIntegration: (integration: Integration) => void
  /** Goes back to the values, with what is wrong there. */
  onBack: (faults?: Errors) => void
}

/** Last screen: activates, asks Microsoft, and leads on to the first mailbox or back to what is wrong. */
function CheckScreen({ settings, integration, onIntegration, onBack }: CheckScreenProps) {
  const { credential } = settings
  const isCertificate = credential?.type === 'certificate'
  const next = useRef<HTMLDivElement>(null)
  const check = useCheck(() => void get<Integration>(INTEGRATION).then(onIntegration, () => {}))
  const { busy, answer } = check
  const run = () =>
    void check.run(async () => {
      if (integration.status === 'active') return
      onIntegration(await post<Integration>(`${INTEGRATION}/activate`))
    })
  // Runs once, and not before a certificate can have been uploaded.
  useEffect(() => {
    if (!isCertificate) run()
  }, [])
  useEffect(() => {
    if (answer !== null) next.current?.querySelector<HTMLElement>('.main')?.focus()
  }, [answer])

  const isOpen = isUnchecked(settings, answer)
  const blamed = answer && blamedField(answer)
  const isDone = answer?.outcome === 'passed' || isOpen
  return (
    <div class="stack">
      {isCertificate && <CertificateView credential={credential} name="Mailgrant certificate" />}
      <div class="checked">
        <CheckResult check={check} />
      </div>
      {credential?.type === 'federated' && answer && answer.outcome !== 'passed' && (
        <FederatedView values={credential} />
      )}
      {isDone && (
        <p>
          The settings are saved, and Microsoft is active.
          {isOpen && ' You can continue: the first sign-in shows whether the credential works.'}
        </p>
      )}
      <div class="row" ref={next}>
        {isDone && (
          <a class="button main" href="#/email-accounts/new">
            Connect the first mailbox
          </a>
        )}
        {isOpen && (
          <Button
            onClick={() => onBack({ '/home_tenant': 'Enter it to have the credential checked.' })}
          >
            Enter the Directory (tenant) ID
          </Button>
        )}
        {blamed && (
          <Button class="main" onClick={() => onBack(blamed)}>
            Correct the values
          </Button>
        )}
        {!isDone && (
          <Button class={blamed ? undefined : 'main'} busy={busy} onClick={run}>
            {isCertificate && answer === null ? 'Check' : 'Check again'}
          </Button>
        )}
        {!isDone && !blamed && <Button onClick={() => onBack()}>Back</Button>}
      </div>
      {answer?.outcome === 'passed' && (
        <details>
          <summary>Link for an administrator who has to consent</summary>
          <Consent />
        </details>
      )}
    </div>
  )
}
