/** A step of the account form: its fields, or a summary once it is done. */
import type { ComponentChildren } from 'preact'
import { Button } from '../../components/button.tsx'
import type { Step } from './state.ts'
import type { AccountForm } from './use-account-form.ts'

type StepProps = {
  /** Name in the form, by which the focus finds it. */
  name: string
  title: string
  /** Result of the step, in place of its number. */
  sign?: 'good' | 'bad' | undefined
  /** Summary beside the title. */
  line?: ComponentChildren
  /** Button for the whole step. */
  button?: ComponentChildren
  children?: ComponentChildren
}

const signs = { good: '✓', bad: '✕' } as const

export const FormStep = ({ name, title, sign, line, button, children }: StepProps) => (
  <section class="form-step" aria-label={title} data-step={name}>
    <span class={`number ${sign ?? ''}`} aria-hidden="true">
      {sign && signs[sign]}
    </span>
    <div class="form-step-head">
      <h2>{title}</h2>
      {line && <div class="form-step-line">{line}</div>}
      {button}
    </div>
    {children && <div class="form-step-body">{children}</div>}
  </section>
)

/** Opens a step that is done. `name`: what it changes, for screen readers. */
export const ChangeButton = (props: { form: AccountForm; step: Step; name: string }) => (
  <Button aria-label={`Change ${props.name}`} onClick={() => props.form.open(props.step)}>
    Change
  </Button>
)
