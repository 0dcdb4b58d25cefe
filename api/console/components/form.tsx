/** A form: its values, its running submission, and what was wrong with the last one. */
import type { ComponentChildren, RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import { type Problem, problemOf } from '../api.ts'
import { addLeaveGuard } from '../router.ts'
import {
  type Errors,
  errorsOf,
  type FormState,
  mergeValues,
  type Shown,
  sameValues,
  withValues,
} from '../ui/form-state.ts'
import { Button } from './button.tsx'
import type { FieldProps } from './fields.tsx'
import { ProblemAlert } from './notice.tsx'
import { useAction } from './use-action.ts'

export type Submission = {
  busy: boolean
  errors: Errors
  /** A refusal that concerns no field. */
  problem: Problem | null
  /** Resolves to true if the values were sent, and not refused. */
  submit: () => Promise<boolean>
  form: RefObject<HTMLFormElement | null>
}

type FormOptions<Values> = {
  initial: Values
  /** The values that a save replaces, in tidy form. By default the initial ones. */
  stored?: Partial<Values>
  /** JSON pointer of each value in the request, by which its errors are found. */
  pointers?: { [Name in keyof Values]?: string }
  /** Other errors that the form shows, such as those inside values that are objects. */
  within?: (values: Values) => Shown
  /** Returns the values as they are compared with the stored ones. */
  tidy?: (values: Values) => Values
  /** Returns the errors that are known before anything is sent. */
  check?: (values: Values) => Errors
  /** Rejects with ApiError; resolves to false if nothing was sent. */
  send: (values: Values) => Promise<unknown>
}

export type FormHandle<Values extends object> = ReturnType<typeof useForm<Values>>

/** Returns the values of a form, and their submission. Errors of a refusal that no field shows become its problem. */
export function useForm<Values extends object>(options: FormOptions<Values>) {
  const { within, tidy = (values) => values, check = () => ({}), send } = options
  const pointers: NonNullable<FormOptions<Values>['pointers']> = options.pointers ?? {}
  const [state, setState] = useState<FormState<Values>>(() => ({
    values: options.initial,
    stored: options.stored ?? options.initial,
    errors: {},
  }))
  // Work that takes seconds must use the latest values, not those from its beginning.
  const now = useRef(state)
  const { busy, problem, setProblem, run } = useAction()
  const { form, focus } = useFocus()
  const { values, stored, errors } = state

  function set(next: FormState<Values>): void {
    now.current = next
    setState(next)
  }
  const shownOf = (of: Values): Shown => ({
    ...Object.fromEntries(Object.entries(pointers).map(([name, at]) => [at, of[name as never]])),
    ...within?.(of),
  })
  /** Changes values, given as they are or by the current ones, and clears the errors about them. */
  const change = (changes: Partial<Values> | ((now: Values) => Partial<Values>)) => {
    const to = typeof changes === 'function' ? changes(now.current.values) : changes
    set(withValues(now.current, to, shownOf))
  }

  /** Shows errors in place of those before, and the refusal. Returns true if there are none. */
  function showErrors(found: Errors): boolean {
    set({ ...now.current, errors: found })
    setProblem(null)
    const isRight = Object.keys(found).length === 0
    if (!isRight) focus(WRONG)
    return isRight
  }
  /** Shows the errors of a refusal beside those before. Returns true if the fields explain all of it. */
  function addErrors(refusal: Problem): boolean {
    const { errors: known, isWhole } = errorsOf(refusal, shownOf(now.current.values))
    set({ ...now.current, errors: { ...now.current.errors, ...known } })
    if (Object.keys(known).length > 0) focus(WRONG)
    return isWhole
  }
  const refuse = (refusal: Problem) => setProblem(addErrors(refusal) ? null : refusal)

  async function submit(): Promise<boolean> {
    if (busy || !showErrors(check(now.current.values))) return false
    let isSent = false
    await run(async () => {
      try {
        isSent = (await send(now.current.values)) !== false
      } catch (error) {
        if (!addErrors(problemOf(error))) throw error
      }
    })
    return isSent
  }
  /** Resets the form to stored values in tidy form, by default those of the last save. */
  function reset(to: Partial<Values> = now.current.stored): void {
    set({ values: { ...now.current.values, ...to }, stored: to, errors: {} })
    setProblem(null)
  }
  /** Takes over newer stored values around what was typed. Returns the fields that both sides changed. */
  function merge(newer: Partial<Values>): (keyof Values & string)[] {
    const { stored: base, values: typed } = now.current
    const { values: merged, kept } = mergeValues<Partial<Values>>(base, tidy(typed), newer)
    set({ ...withValues(now.current, merged, shownOf), stored: newer })
    return kept
  }
  return {
    values,
    stored,
    isChanged: !sameValues<Partial<Values>>(stored, tidy(values)),
    /** Returns the current values, also after a wait. */
    latest: () => now.current.values,
    change,
    /** Returns the props of the field for this value. */
    field: <Name extends keyof Values>(name: Name) =>
      fieldOf({ values, errors, change }, name, pointers[name] ?? ''),
    showErrors,
    addErrors,
    refuse,
    reset,
    merge,
    focus,
    submission: { busy, errors, problem, submit, form } satisfies Submission,
  }
}

type FieldState<Value> = Pick<FieldProps<Value>, 'value' | 'error' | 'onChange'>

/** Values with their errors: all those of a form, or those of one object in it. */
export type FieldsPart<Values> = {
  values: Values
  errors: Errors
  change: (changes: Partial<Values>) => void
}

/** Returns the props of a field, with the first error at one of the pointers. */
export const fieldOf = <Values, Name extends keyof Values>(
  { values, errors, change }: FieldsPart<Values>,
  name: Name,
  ...pointers: string[]
): FieldState<Values[Name]> => ({
  value: values[name],
  error: pointers.map((pointer) => errors[pointer]).find(Boolean),
  onChange: (value) => change({ [name]: value } as unknown as Partial<Values>),
})

/** The first wrong field, or else the button that could fix it. */
const WRONG = '[aria-invalid=true], [data-invalid]'

/** Returns the ref of a form, and a function that moves the focus within it after the next render. */
function useFocus() {
  const form = useRef<HTMLFormElement>(null)
  const [target, setTarget] = useState<{ selector: string; preventScroll: boolean } | null>(null)
  useEffect(() => {
    if (target === null) return
    const { selector, preventScroll } = target
    const element = form.current?.querySelector<HTMLElement>(selector)
    element?.focus({ preventScroll })
  }, [target])
  const focus = (selector: string, { preventScroll = false } = {}) =>
    setTarget({ selector, preventScroll })
  return { form, focus }
}

export function Form(props: {
  label: string
  button: string
  submission: Submission
  /** Removes the frame of the form, for use inside a card. */
  bare?: boolean
  /** True for a form beside others, with a plain button and its result below. */
  minor?: boolean
  /** Result of the last submission. */
  done?: ComponentChildren
  /** Buttons and links beside the button. */
  actions?: ComponentChildren
  children: ComponentChildren
}) {
  const { label, button, submission, bare = false, minor = false, done, actions, children } = props
  const below = minor ? { class: 'result' } : {}
  const outcome = (
    <>
      <ProblemAlert problem={submission.problem} {...below} />
      <div role="status" {...below}>
        {done}
      </div>
    </>
  )
  return (
    <form
      ref={submission.form}
      class={bare || minor ? undefined : 'card'}
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault()
        void submission.submit()
      }}
    >
      {children}
      <div>
        {!minor && outcome}
        <div class="row">
          <Button type="submit" class={minor ? undefined : 'main'} busy={submission.busy}>
            {button}
          </Button>
          {actions}
        </div>
        {minor && outcome}
      </div>
    </form>
  )
}

/**
 * Shows the warning before the page is left; null shows none. The warning is in force from the render itself, so a person
 * who types and leaves at once is warned.
 */
export function useLeaveGuard(warning: string | null): void {
  const current = useRef(warning)
  current.current = warning
  useLayoutEffect(() => addLeaveGuard(() => current.current), [])
}
