/** "Validate Authentication", and what came of it. */
import type { Validation } from '../../../../schema/validation.ts'
import { Button } from '../../components/button.tsx'
import { Notice } from '../../components/notice.tsx'
import { Progress } from '../../components/progress.tsx'
import { Ago } from '../../components/time.tsx'
import { ValidationView } from '../../components/validation.tsx'
import { Refusal } from './refusal.tsx'
import type { AccountForm } from './use-account-form.ts'
import { MOST_SECONDS } from './use-validation.ts'

export function ValidateAuthentication({ form }: { form: AccountForm }) {
  const { host, status, isOutdated, run } = form.validation
  // A login that is running will replace the result.
  const validated = host === null ? form.state.validated : null
  return (
    <div>
      <div class="row">
        <Button ref={form.focus.validate} busy={host !== null} onClick={run}>
          Validate Authentication
        </Button>
      </div>
      <div role="status" class="unseen">
        {status}
      </div>
      <div class="result">
        {host !== null && <Progress title={`Logging in to ${host}`} most={MOST_SECONDS} />}
      </div>
      <div role="alert" class="result">
        <Refusal form={form} of="validate" />
      </div>
      <div role="status" class="result">
        {validated && isOutdated && (
          <Notice tone="ask" title="This result is of earlier values">
            <div>The form has changed since. Validate again.</div>
          </Notice>
        )}
      </div>
      <div class="result">{validated && <Result validation={validated.validation} />}</div>
    </div>
  )
}

const Result = ({ validation }: { validation: Validation }) => (
  <>
    <p class="quiet small">
      Validated <Ago time={validation.checked_at} />.
      {validation.asked_at && (
        <>
          {' '}
          Microsoft was last asked for an access token <Ago time={validation.asked_at} />.
        </>
      )}
    </p>
    <ValidationView validation={validation} />
  </>
)
