/** A form with the result of its last submission below the button. */
import type { ComponentChildren } from 'preact'
import { Button } from '../../components/button.tsx'
import { type Submission, useErrorFocus } from '../../components/form.tsx'
import { ProblemAlert } from '../../components/notice.tsx'

export function ResultForm(props: {
  label: string
  button: string
  submission: Submission
  result?: ComponentChildren
  children: ComponentChildren
}) {
  const { label, button, submission, result, children } = props
  const form = useErrorFocus(submission)
  return (
    <form
      ref={form}
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault()
        void submission.submit()
      }}
    >
      {children}
      <div>
        <div class="row">
          <Button type="submit" busy={submission.busy}>
            {button}
          </Button>
        </div>
        <ProblemAlert class="result" problem={submission.problem} />
        <div role="status" class="result">
          {result}
        </div>
      </div>
    </form>
  )
}
