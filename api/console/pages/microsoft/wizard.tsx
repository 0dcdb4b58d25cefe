/** The setup in three screens, from the choice of mailboxes to the first one. */
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Integration, IntegrationSettings } from '../../../../schema/integration.ts'
import type { SetupGuide } from '../../../../schema/setup-guide.ts'
import { get, type Problem, post, problemOf, request } from '../../api.ts'
import { Button } from '../../components/button.tsx'
import { Form, type Submission } from '../../components/form.tsx'
import { PageHead } from '../../components/layout.tsx'
import { useAction } from '../../components/use-action.ts'
import type { Errors } from '../../ui/form-state.ts'
import { Consent } from './consent.tsx'
import type { Kind } from './credential-draft.ts'
import { CertificateView, FederatedView } from './credential-views.tsx'
import { Register } from './register.tsx'
import {
  atFields,
  blamedField,
  guideQuery,
  isUnchecked,
  keptCredential,
  registrationErrors,
} from './settings-draft.ts'
import {
  GUIDE,
  INTEGRATION,
  NEXT,
  RegistrationFields,
  SettingsForm,
  type SettingsFormState,
} from './settings-form.tsx'
import { CheckResult, useCheck } from './verify.tsx'

const screens = ['Choose the mailboxes', 'Register the app', 'Verify and go']
type Screen = 0 | 1 | 2

type WizardProps = {
  /** The guide for the stored settings. */
  guide: SetupGuide
  integration: Integration
  form: SettingsFormState
  onIntegration: (integration: Integration) => void
  /** Shows the settings instead. */
  onDone: () => void
}

export function Wizard(props: WizardProps) {
  const { integration, form, onIntegration, onDone } = props
  const [guide, setGuide] = useState(props.guide)
  const plan = usePlan(form, (planned) => {
    setGuide(planned)
    show(1)
  })
  const [screen, setScreen] = useState<Screen>(0)
  const heading = useRef<HTMLHeadingElement>(null)
  const first = useRef(true)
  /** Thumbprint of the certificate that the script uploads. */
  const scripted = useRef<string | null>(null)
  // A wrong field has already taken the focus.
  useEffect(() => {
    const isWrong = Object.keys(form.submission.errors).length > 0
    if (!first.current && !isWrong) heading.current?.focus()
    first.current = false
    if (screen === 1) scripted.current = thumbprintOf(form.stored.body)
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
        lead="Once, for all mailboxes: a script registers an app at Microsoft, and you enter what it prints."
      />
      <section class="card step setup" aria-labelledby="screen">
        <p class="quiet small" id="step">
          Step {screen + 1} of {screens.length}
        </p>
        <h2 id="screen" aria-describedby="step" tabIndex={-1} ref={heading}>
          {screens[screen]}
        </h2>
        {screen === 0 && (
          <Form
            label="Choose the mailboxes"
            button="Next"
            bare
            submission={plan}
            actions={configured && <Button onClick={onDone}>Cancel</Button>}
          >
            <RegistrationFields form={form} />
          </Form>
        )}
        {screen === 1 && (
          <div class="stack">
            <Register
              guide={guide}
              cloud={form.values.cloud}
              // After Cloud Shell, the output can be pasted at once.
              onCopied={() => form.focus('input', { preventScroll: true })}
            />
            <h3>Enter the values</h3>
            <SettingsForm form={form} isScripted button="Save and verify" onSaved={() => show(2)}>
              <Button onClick={() => show(0)}>Back</Button>
            </SettingsForm>
          </div>
        )}
        {screen === 2 && (
          <CheckScreen
            settings={form.stored.body}
            isUploaded={thumbprintOf(form.stored.body) === scripted.current}
            integration={integration}
            onIntegration={onIntegration}
            onDone={onDone}
            onBack={(wrong) => show(wrong && '/home_tenant' in wrong ? 0 : 1, wrong)}
          />
        )}
      </section>
    </>
  )
}

/** Returns the submission of the first screen. `onPlanned` gets the guide for what was chosen. */
function usePlan(form: SettingsFormState, onPlanned: (guide: SetupGuide) => void): Submission {
  const { busy, run } = useAction()
  const recommended = useRef<Kind | null>(null)

  async function plan(): Promise<void> {
    const readGuide = () => get<SetupGuide>(`${GUIDE}?${guideQuery(form.latest())}`)
    const { credential, ...settings } = form.stored.body
    let guide = await readGuide()
    const kept = credential ?? settings.next_credential
    const kind = guide.credential
    if (credential === null && kind !== recommended.current) {
      // The script uploads the certificate, so it has to be there first.
      if (kind === 'certificate' && kept?.type !== 'certificate') {
        const made = await request<IntegrationSettings>(NEXT, {
          method: 'PUT',
          body: { type: 'certificate' },
        })
        form.takeOwn(made)
        guide = await readGuide()
      }
      recommended.current = kind
      form.change((now) => ({ credential: { ...now.credential, kind } }))
    }
    onPlanned(guide)
  }
  async function submit(): Promise<boolean> {
    if (!form.showErrors(registrationErrors(form.latest()))) return false
    await run(() => plan().catch((error) => form.refuse(atFields(inBody(problemOf(error))))))
    return true
  }
  return { ...form.submission, busy, submit }
}

/** Returns a refusal of query parameters as one of the members of a body. */
const inBody = ({ errors = [], ...problem }: Problem): Problem => ({
  ...problem,
  errors: errors.map((error) => ({ ...error, pointer: error.pointer.replace('?', '/') })),
})

/** Returns the thumbprint of the certificate that Entra has or is to get, if there is one. */
function thumbprintOf(settings: IntegrationSettings): string | null {
  const kept = keptCredential(settings)
  return kept?.type === 'certificate' ? kept.thumbprint_sha256 : null
}

type CheckScreenProps = {
  settings: IntegrationSettings
  /** The certificate, if there is one, was part of the script. */
  isUploaded: boolean
  integration: Integration
  onIntegration: (integration: Integration) => void
  /** Shows the settings instead. */
  onDone: () => void
  /** Goes back to the values, with what is wrong there. */
  onBack: (faults?: Errors) => void
}

/** Last screen: activates, asks Microsoft, and leads on to the first mailbox or back to what is wrong. */
function CheckScreen(props: CheckScreenProps) {
  const { settings, isUploaded, integration, onIntegration, onDone, onBack } = props
  const { credential } = settings
  const isCertificate = credential?.type === 'certificate'
  const next = useRef<HTMLDivElement>(null)
  const check = useCheck(() => void get<Integration>(INTEGRATION).then(onIntegration, () => {}))
  const { busy, result } = check
  const run = () =>
    void check.run(async () => {
      if (integration.status === 'active') return
      onIntegration(await post<Integration>(`${INTEGRATION}/activate`))
    })
  // Runs once, when the screen opens, unless a certificate must be uploaded first. The person then starts it.
  useEffect(() => {
    if (!isCertificate || isUploaded) run()
  }, [])
  useEffect(() => {
    if (result !== null) next.current?.querySelector<HTMLElement>('.main')?.focus()
  }, [result])

  const hasFailed = result !== null && result.outcome !== 'passed'
  const isOpen = isUnchecked(settings, result)
  const blamed = result && blamedField(result)
  const isDone = result?.outcome === 'passed' || isOpen
  return (
    <div class="stack">
      {isCertificate && (isUploaded ? hasFailed : result?.outcome !== 'passed') && (
        <CertificateView credential={credential} name="Mailgrant certificate" />
      )}
      <div class="checked">
        <CheckResult check={check} />
      </div>
      {credential?.type === 'federated' && hasFailed && <FederatedView values={credential} />}
      {isDone && (
        <p>
          The settings are saved, and Microsoft is active.
          {isOpen && ' You can continue: the first sign-in shows whether the credential works.'}
        </p>
      )}
      <div class="row" ref={next}>
        {isDone && (
          <a class="button main" href="#/mailboxes/new">
            Connect the first mailbox
          </a>
        )}
        {isOpen && (
          <Button
            onClick={() => onBack({ '/home_tenant': 'Enter it to have the credential verified.' })}
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
            {isCertificate && result === null ? 'Verify' : 'Verify again'}
          </Button>
        )}
        {!isDone && !blamed && <Button onClick={() => onBack()}>Back</Button>}
        <Button onClick={onDone}>Show the settings</Button>
      </div>
      {result?.outcome === 'passed' && (
        <details>
          <summary>Link for an administrator who has to consent</summary>
          <Consent />
        </details>
      )}
    </div>
  )
}
