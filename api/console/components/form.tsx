/** A form, its running submission, and what was wrong with the last one. */
import type { ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { ApiError } from '../api.ts'
import { Button } from './button.tsx'
import { ProblemNotice } from './notice.tsx'

/** What is wrong with each field, by the JSON pointer that the API uses for it. */
export type Errors = Readonly<Record<string, string>>

export type Submission = {
  busy: boolean
  errors: Errors
  /** A refusal that belongs to no field. */
  problem: ApiError['problem'] | null
  submit: () => Promise<void>
  /** Takes back what was wrong with a field, since its value has changed. */
  forget: (pointer: string) => void
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
  const [busy, setBusy] = useState(false)
  const [errors, setErrors] = useState<Errors>({})
  const [problem, setProblem] = useState<ApiError['problem'] | null>(null)

  async function submit(): Promise<void> {
    if (busy) return
    const known = check()
    setErrors(known)
    setProblem(null)
    if (Object.keys(known).length > 0) return
    setBusy(true)
    try {
      await send()
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const faults = error.problem.errors ?? []
      const ours = faults.filter(({ pointer }) => fields.includes(pointer))
      setErrors(Object.fromEntries(ours.map((fault) => [fault.pointer, sentence(fault.message)])))
      if (faults.length === 0 || ours.length < faults.length) setProblem(error.problem)
    } finally {
      setBusy(false)
    }
  }
  const forget = (pointer: string) => setErrors(({ [pointer]: _, ...others }) => others)
  return { busy, errors, problem, submit, forget }
}

/** The API names the field before it: `must be a GUID`. */
const sentence = (message: string) => message.charAt(0).toUpperCase() + message.slice(1)

export function Form(props: {
  label: string
  button: string
  submission: Submission
  /** It stands in a card already. */
  bare?: boolean
  /** What a submission has achieved. */
  done?: ComponentChildren
  children: ComponentChildren
}) {
  const { label, button, submission, bare = false, done, children } = props
  const form = useRef<HTMLFormElement>(null)
  useEffect(() => {
    form.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus()
  }, [submission.errors])
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
        <div role="alert">
          {submission.problem && <ProblemNotice problem={submission.problem} />}
        </div>
        <div role="status">{done}</div>
        <div class="row">
          <Button type="submit" class="main" busy={submission.busy}>
            {button}
          </Button>
        </div>
      </div>
    </form>
  )
}
