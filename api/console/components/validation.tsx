/** Shows a validation step by step, and the diagnosis when it did not pass. */
import type { ComponentChildren } from 'preact'
import type { Validation } from '../../../schema/validation.ts'
import { codesIn } from '../ui/admin-message.ts'
import { seconds } from '../ui/time.ts'
import { DiagnosisView } from './diagnosis.tsx'
import { LoginPath, stepNames, stepSigns } from './login-path.tsx'
import { Notice } from './notice.tsx'
import { Ago } from './time.tsx'

/** `name`: what was validated, where there is more than one. `children`: shown below the diagnosis. */
export function ValidationView(props: {
  validation: Validation
  mailbox: string
  name?: string | undefined
  children?: ComponentChildren
}) {
  const { validation, mailbox, name, children } = props
  const isPassed = validation.outcome === 'passed'
  return (
    <div class={isPassed ? undefined : 'stack'}>
      <Verdict validation={validation} name={name} />
      {validation.warnings.map((warning) => (
        <Notice key={warning} tone="ask" title="Worth knowing" text={warning} />
      ))}
      {validation.diagnosis && (
        <DiagnosisView
          diagnosis={validation.diagnosis}
          mailbox={mailbox}
          failedAt={validation.checked_at}
          codes={codesIn(JSON.stringify(validation.steps))}
        />
      )}
      {children}
      <LoginSteps validation={validation} isFolded={isPassed} />
      {!isPassed && <Checked time={validation.checked_at} />}
    </div>
  )
}

function Verdict({ validation, name }: { validation: Validation; name: string | undefined }) {
  const { outcome, steps } = validation
  const title = name ? `${name}: ${titles[outcome]}` : `I${titles[outcome].slice(1)}`
  // The step that did not pass, before the long explanation.
  const broken = steps.find((step) => step.outcome === outcome)
  if (outcome === 'inconclusive') {
    return (
      <Notice tone="ask" title={title} text="This says nothing about the password or token.">
        {broken?.detail && <div>{broken.detail}</div>}
      </Notice>
    )
  }
  if (outcome === 'passed') {
    return (
      <>
        <strong>{title}</strong>
        <div class="quiet small">{proofOf(validation)}</div>
        <Checked time={validation.checked_at} />
      </>
    )
  }
  return (
    <Notice tone="bad" title={title}>
      {broken && (
        <div>
          It stopped at "{stepNames[broken.name]}". {broken.detail}
        </div>
      )}
    </Notice>
  )
}

const Checked = ({ time }: { time: string }) => (
  <div class="quiet small">
    Validated <Ago time={time} />.
  </div>
)

/** Returns a sentence about what has worked. Graph is not always asked. A warning then explains what is not proven. */
function proofOf({ protocol, identity, host, port, mechanism }: Validation): string {
  const login = `Logged in to ${host}:${port} as ${identity}`
  if (protocol !== 'graph_send') return mechanism ? `${login} with ${mechanism}.` : `${login}.`
  return mechanism
    ? `Microsoft Graph lets ${identity} send.`
    : `Microsoft issued an access token for Microsoft Graph for ${identity}.`
}

const titles: Record<Validation['outcome'], string> = {
  passed: 'it works',
  failed: 'it does not work',
  inconclusive: 'it could not be tried',
}

type Tried = Pick<Validation, 'steps' | 'protocol'>

/** The steps of a login: drawn where one did not pass, in full once they are opened. */
export function LoginSteps({ validation, isFolded }: { validation: Tried; isFolded: boolean }) {
  const { steps, protocol } = validation
  // SMTP has no step that opens a mailbox.
  const shown = steps.filter(({ name }) => protocol === 'imap' || name !== 'mailbox')
  if (shown.length === 0) return null
  return (
    <>
      {!isFolded && <LoginPath steps={shown} />}
      <details>
        <summary>{isFolded ? 'Steps of the login' : 'Times and details'}</summary>
        <Steps steps={shown} />
      </details>
    </>
  )
}

const Steps = ({ steps }: Pick<Tried, 'steps'>) => (
  <ol class="steps" aria-label="Steps of the login">
    {steps.map(({ name, outcome, duration_ms, detail }) => (
      <li key={name} class={outcome}>
        <span class="sign" aria-hidden="true">
          {stepSigns[outcome][0]}
        </span>
        <span>
          {stepNames[name]}
          <span class="quiet"> {stepSigns[outcome][1]}</span>
        </span>
        <span class="quiet small">{outcome !== 'skipped' && seconds(duration_ms)}</span>
        {detail && <span class="detail">{detail}</span>}
      </li>
    ))}
  </ol>
)
