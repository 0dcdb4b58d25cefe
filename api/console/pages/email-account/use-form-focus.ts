/** Focus of the account form, which moves on when a step is done or has failed. */
import { useEffect, useRef } from 'preact/hooks'
import type { FormState } from './state.ts'

type Target = NonNullable<FormState['focus']>['on']

const selectors: Record<Target, string> = {
  fault: '[aria-invalid=true]',
  mailbox: '[data-step=mailbox] input',
  signIn: '[data-step=signIn] :is(button, select)',
  token: '[data-focus=token]',
  question: '.answer',
  results: '[data-focus=results]',
  save: '[data-focus=save]',
}

/** Moves the focus at each new request. Returns the reference of the form. */
export function useFormFocus(focus: FormState['focus']) {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (focus === null) return
    // A login takes seconds, and the person may be typing by then.
    if (focus.on === 'results' && document.activeElement?.matches('input, select')) return
    const find = (target: Target) => form.current?.querySelector<HTMLElement>(selectors[target])
    // A missing access token has no field, only its button.
    const element = find(focus.on) ?? (focus.on === 'fault' ? find('token') : null)
    // "Save" is always in sight, and a scroll would move it.
    element?.focus({ preventScroll: focus.on === 'save' })
    // Scrolls to all answers, not only to the first, which has the focus.
    element?.closest('.answers')?.scrollIntoView({ block: 'nearest' })
  }, [focus])
  return form
}
