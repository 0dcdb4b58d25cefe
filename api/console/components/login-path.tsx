/** The way from the connection to the inbox, or to sending: what worked, where it broke, and what was not reached. */
import type { Step, StepName } from '../../../schema/probe.ts'

export const stepNames: Record<StepName, string> = {
  dns: 'Find the server',
  connect: 'Connect',
  tls: 'Encrypt',
  greeting: 'Greet',
  authenticate: 'Log in',
  mailbox: 'Open the mailbox',
  permission: 'Check the permission to send',
  send: 'Send the message',
}

/** `unknown`: a step before the one that failed, if another program's error does not say how it went. */
type Outcome = Step['outcome'] | 'unknown'

export const stepSigns: Record<Outcome, [sign: string, word: string]> = {
  passed: ['✓', 'passed'],
  failed: ['✕', 'failed'],
  inconclusive: ['?', 'inconclusive'],
  skipped: ['–', 'not reached'],
  unknown: ['?', 'not known'],
}

export type PathStep = { name: StepName; outcome: Outcome }

export const LoginPath = ({ steps }: { steps: readonly PathStep[] }) => (
  <ol class="path small" aria-label="Path of the login">
    {steps.map(({ name, outcome }) => (
      <li key={name} class={outcome}>
        <span class="sign" aria-hidden="true">
          {stepSigns[outcome][0]}
        </span>
        {stepNames[name]}{' '}
        <span class={outcome === 'passed' ? 'unseen' : 'quiet'}>{stepSigns[outcome][1]}</span>
      </li>
    ))}
  </ol>
)
