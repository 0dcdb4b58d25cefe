/** A step of the account form: its fields, or a summary once it is done. */
import type { ComponentChildren } from 'preact'
import { Button } from '../../components/button.tsx'
import type { Step } from './state.ts'
import type { AccountForm } from './use-account-form.ts'

type StepProps = {
  /** Name in the form, by which the focus finds it. */
  name: string
  title: string
  /** Number of the step, or its result. */
  sign: number | 'good' | 'bad'
  /** Button for the whole step. */
  button?: ComponentChildren
  children: ComponentChildren
}

const signs = { good: '✓', bad: '✕' } as const

export function FormStep({ name, title, sign, button, children }: StepProps) {
  const isNumber = typeof sign === 'number'
  return (
    <section class="form-step" aria-label={title} data-step={name}>
      <span class={isNumber ? 'number' : `number ${sign}`} aria-hidden="true">
        {isNumber ? sign : signs[sign]}
      </span>
      <div class="form-step-head">
        <h2>{title}</h2>
        {button}
      </div>
      <div class="form-step-body">{children}</div>
    </section>
  )
}

/** Opens a step that is done. `name`: what it changes, for screen readers. */
export const ChangeButton = (props: { form: AccountForm; step: Step; name: string }) => (
  <Button aria-label={`Change ${props.name}`} onClick={() => props.form.open(props.step)}>
    Change
  </Button>
)
