/** Help where Microsoft's page sends a person to an administrator, or shows an error that only they see. */
import { useState } from 'preact/hooks'
import type { Diagnosis } from '../../../schema/diagnosis.ts'
import { post } from '../api.ts'
import { Button } from './button.tsx'
import { ConsentLink } from './consent-link.tsx'
import { DiagnosisView } from './diagnosis.tsx'
import { TextAreaField } from './fields.tsx'
import { Disclosure } from './loaded.tsx'
import { ProblemAlert } from './notice.tsx'
import { useAction } from './use-action.ts'

/** `authorization`: ID of the sign-in. */
export const MicrosoftHelp = ({ authorization }: { authorization: string }) => (
  <Disclosure title="Microsoft asks for admin approval, or shows an error?">
    <div class="stack">
      <ConsentLink request={{ authorization_id: authorization }} next="sign in again" />
      <PageText />
    </div>
  </Disclosure>
)

/** A field and a button outside a form element, since they are inside another form. */
function PageText() {
  const [error, setError] = useState('')
  const [diagnosis, setDiagnosis] = useState<Diagnosis | null>(null)
  const { busy, problem, run } = useAction()
  const explain = async () => {
    setDiagnosis(null)
    setDiagnosis(await post<Diagnosis>('/v1/diagnoses', { protocol: 'authorize', error }))
  }
  return (
    <div>
      <TextAreaField
        label="Text of Microsoft's page"
        help="All of it, with the number that begins with AADSTS."
        value={error}
        onChange={setError}
      />
      <div class="row after">
        <Button busy={busy} onClick={() => run(explain)}>
          Explain
        </Button>
      </div>
      <ProblemAlert class="result" problem={problem} />
      <div role="status" class="result">
        {diagnosis && <DiagnosisView diagnosis={diagnosis} />}
      </div>
    </div>
  )
}
