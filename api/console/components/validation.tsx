/** Shows a validation step by step, and the diagnosis when it did not pass. */
import type { ComponentChildren } from 'preact'
import type { Step, StepName } from '../../../schema/probe.ts'
import type { Validation } from '../../../schema/validation.ts'
import { seconds } from '../ui/time.ts'
import { DiagnosisView } from './diagnosis.tsx'
import { Notice } from './notice.tsx'
import { Ago } from './time.tsx'

const names: Record<StepName, string> = {
  dns: 'Find the server',
  connect: 'Connect',
  tls: 'Encrypt',
  greeting: 'Greet',
  authenticate: 'Log in',
  mailbox: 'Open the mailbox',
  permission: 'Check the permission to send',
  send: 'Send the message',
}

const signs: Record<Step['outcome'], [sign: string, word: string]> = {
  passed: ['✓', 'passed'],
  failed: ['✕', 'failed'],
  inconclusive: ['?', 'inconclusive'],
  skipped: ['–', 'not reached'],
}

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
      {validation.diagnosis && <DiagnosisView diagnosis={validation.diagnosis} mailbox={mailbox} />}
      {children}
      <LoginSteps validation={validation} isFolded={isPassed} />
      <div class="quiet small">
        Validated <Ago time={validation.checked_at} />.
      </div>
    </div>
  )
}

function Verdict({ validation, name }: { validation: Validation; name: string | undefined }) {
  const { outcome, steps } = validation
  const title = name ? `${name}: ${titles[outcome]}` : `I${titles[outcome].slice(1)}`
  if (outcome === 'inconclusive') {
    return <Notice tone="ask" title={title} text="This says nothing about the password or token." />
  }
  if (outcome === 'passed') {
    return (
      <>
        <strong>{title}</strong>
        <div class="quiet small">{proofOf(validation)}</div>
      </>
    )
  }
  // The step that failed, before the long explanation.
  const failed = steps.find((step) => step.outcome === 'failed')
  return (
    <Notice tone="bad" title={title}>
      {failed && (
        <div>
          It stopped at "{names[failed.name]}". {failed.detail}
        </div>
      )}
    </Notice>
  )
}

/** Returns what has worked. Graph is not always asked: a warning then says what is not proven. */
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

/** The steps of a login. */
export function LoginSteps(props: { validation: Tried; isFolded: boolean }) {
  const { validation, isFolded } = props
  if (validation.steps.length === 0) return null
  return isFolded ? (
    <details>
      <summary>Steps of the login</summary>
      <Steps validation={validation} />
    </details>
  ) : (
    <Steps validation={validation} />
  )
}

function Steps({ validation: { steps, protocol } }: { validation: Tried }) {
  // SMTP opens no mailbox.
  const shown = steps.filter(({ name }) => protocol === 'imap' || name !== 'mailbox')
  return (
    <ol class="steps" aria-label="Steps of the login">
      {shown.map(({ name, outcome, duration_ms, detail }) => (
        <li key={name} class={outcome}>
          <span class="sign" aria-hidden="true">
            {signs[outcome][0]}
          </span>
          <span>
            {names[name]}
            <span class="quiet"> {signs[outcome][1]}</span>
          </span>
          <span class="quiet small">{outcome !== 'skipped' && seconds(duration_ms)}</span>
          {detail && <span class="detail">{detail}</span>}
        </li>
      ))}
    </ol>
  )
}
