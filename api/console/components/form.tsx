/** A form: its values, its running submission, and what was wrong with the last one. */
import type { ComponentChildren, RefObject } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { type Problem, problemOf } from '../api.ts'
import type { Errors } from '../ui/errors.ts'
import { capitalised } from '../ui/words.ts'
import { Button } from './button.tsx'
import type { FieldProps } from './fields.tsx'
import { ProblemAlert } from './notice.tsx'
import { useAction } from './use-action.ts'

export type Submission = {
  busy: boolean
  errors: Errors
  /** Number of submissions that were checked or refused: each moves the focus to the first error. */
  rejections: number
  /** A refusal that concerns no field. */
  problem: Problem | null
  submit: () => Promise<void>
  /** Clears the errors of fields whose values have changed. */
  clearErrors: (...pointers: string[]) => void
}

/**
 * Returns the state of a form's submission. `check` returns the errors that are known before anything is
 * sent; `send` rejects with ApiError. Errors at pointers outside `fields` become the problem of the form.
 */
export function useSubmission(options: {
  fields: readonly string[]
  check: () => Errors
  send: () => Promise<void>
}): Submission {
  const { fields, check, send } = options
  const [{ errors, rejections }, setRejection] = useState({ errors: {} as Errors, rejections: 0 })
  const { busy, problem, setProblem, run } = useAction()

  const reject = (found: Errors) =>
    setRejection((before) => ({ errors: found, rejections: before.rejections + 1 }))

  async function submit(): Promise<void> {
    if (busy) return
    const missing = check()
    reject(missing)
    setProblem(null)
    if (Object.keys(missing).length > 0) return
    await run(() => send().catch(rejectFields))
  }
  /** Shows the errors of a refusal at their fields. Rethrows the refusal if it has other errors, or none. */
  function rejectFields(refusal: unknown): void {
    const all = problemOf(refusal).errors ?? []
    const shown = all.filter(({ pointer }) => fields.includes(pointer))
    reject(Object.fromEntries(shown.map((error) => [error.pointer, capitalised(error.message)])))
    if (all.length === 0 || shown.length < all.length) throw refusal
  }
  const clearErrors = (...pointers: string[]) =>
    setRejection((before) => ({
      ...before,
      errors: Object.fromEntries(
        Object.entries(before.errors).filter(([pointer]) => !pointers.includes(pointer)),
      ),
    }))
  return { busy, errors, rejections, problem, submit, clearErrors }
}

/**
 * Returns the values of a form, and their submission. `pointers`: the JSON pointer of each value in the request,
 * by which its errors are found.
 */
export function useForm<Values extends object>(options: {
  initial: Values
  pointers: { [Name in keyof Values]?: string }
  check?: (values: Values) => Errors
  send: (values: Values) => Promise<void>
}) {
  const { pointers, check = () => ({}), send } = options
  const [values, setValues] = useState<Values>(options.initial)
  const submission = useSubmission({
    fields: Object.values(pointers) as string[],
    check: () => check(values),
    send: () => send(values),
  })
  /** Changes values, and clears their errors. */
  function change(changes: Partial<Values>): void {
    setValues((before) => ({ ...before, ...changes }))
    const names = Object.keys(changes) as (keyof Values)[]
    submission.clearErrors(...names.flatMap((name) => pointers[name] ?? []))
  }
  /** Returns the props of the field for this value. */
  function field<Name extends keyof Values>(name: Name): FieldState<Values[Name]> {
    return {
      value: values[name],
      error: submission.errors[pointers[name] ?? ''],
      onChange: (value) => change({ [name]: value } as unknown as Partial<Values>),
    }
  }
  return { values, change, field, submission }
}

type FieldState<Value> = Pick<FieldProps<Value>, 'value' | 'error' | 'onChange'>

/** Returns the ref of a form, and focuses its first wrong field after each refusal. */
export function useErrorFocus({ rejections }: Submission): RefObject<HTMLFormElement | null> {
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    if (rejections > 0) form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [rejections])
  return form
}

export function Form(props: {
  label: string
  button: string
  submission: Submission
  /** Removes the frame of the form, for use inside a card. */
  bare?: boolean
  /** Result of the last submission. */
  done?: ComponentChildren
  /** Buttons and links beside the button. */
  actions?: ComponentChildren
  children: ComponentChildren
}) {
  const { label, button, submission, bare = false, done, actions, children } = props
  const form = useErrorFocus(submission)
  return (
    <form
      ref={form}
      class={bare ? undefined : 'card'}
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault()
        void submission.submit()
      }}
    >
      {children}
      <div>
        <ProblemAlert problem={submission.problem} />
        <div role="status">{done}</div>
        <div class="row">
          <Button type="submit" class="main" busy={submission.busy}>
            {button}
          </Button>
          {actions}
        </div>
      </div>
    </form>
  )
}
