/** Focus of the account form, which moves on when a step is done or has failed. */
import { useEffect, useRef } from 'preact/hooks'
import type { FormState } from './state.ts'

/** Moves the focus at each new request. Returns the references of what can take it. */
export function useFormFocus(focus: FormState['focus']) {
  const form = useRef<HTMLFormElement>(null)
  const token = useRef<HTMLButtonElement>(null)
  const validate = useRef<HTMLButtonElement>(null)
  const save = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (focus === null) return
    const fields = form.current?.querySelector<HTMLElement>('[aria-invalid=true]')
    const targets = { fault: fields ?? token.current, token, validate, save }
    const target = targets[focus.on]
    const element = target && 'current' in target ? target.current : target
    element?.focus()
  }, [focus])
  return { form, token, validate, save }
}
