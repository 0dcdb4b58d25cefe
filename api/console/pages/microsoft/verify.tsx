/** Step 3: asks Entra, without any user, whether client ID and credential work. */
import { useState } from 'preact/hooks'
import type { VerifyResult } from '../../../../schema/integration.ts'
import type { Outcome } from '../../../../schema/probe.ts'
import { post } from '../../api.ts'
import { DiagnosisView } from '../../components/diagnosis.tsx'
import { TextField } from '../../components/fields.tsx'
import { useSubmission } from '../../components/form.tsx'
import { Notice } from '../../components/notice.tsx'
import type { Tone } from '../../ui/tone.ts'
import { ResultForm } from './result-form.tsx'

export type Verdicts = Record<Outcome, [Tone, string]>

const verdicts: Verdicts = {
  passed: ['good', 'Client ID and credential work'],
  failed: ['bad', 'Client ID and credential do not work'],
  inconclusive: ['ask', 'It could not be tried'],
}

export function Verdict({ answer, of = verdicts }: { answer: VerifyResult; of?: Verdicts }) {
  const [tone, title] = of[answer.outcome]
  return (
    <>
      <Notice tone={tone} title={title}>
        <div>{answer.detail}</div>
      </Notice>
      {answer.diagnosis && <DiagnosisView diagnosis={answer.diagnosis} />}
    </>
  )
}

export function Verify(props: {
  /** The last result, until it is about other settings than those that are stored. */
  answer: VerifyResult | null
  /** The form above holds something else than what is verified. */
  isUnsaved: boolean
  onAnswer: (answer: VerifyResult | null) => void
}) {
  const { answer, isUnsaved, onAnswer } = props
  const [tenant, setTenant] = useState('')
  const submission = useSubmission({
    fields: ['/tenant'],
    check: () => ({}),
    send: async () => {
      onAnswer(null)
      const where = tenant.trim()
      onAnswer(
        await post<VerifyResult>(
          '/v1/integrations/microsoft/settings/verify',
          where === '' ? {} : { tenant: where },
        ),
      )
    },
  })
  return (
    <ResultForm
      label="Verify"
      button="Verify"
      main
      submission={submission}
      result={
        answer && (
          <>
            {isUnsaved && (
              <Notice tone="ask" title="This is about what is saved">
                Your changes are not yet.
              </Notice>
            )}
            <Verdict answer={answer} />
          </>
        )
      }
    >
      <TextField
        label="At another tenant (optional)"
        help="A Directory (tenant) ID or a domain. Left blank: the home tenant."
        error={submission.errors['/tenant']}
        value={tenant}
        onChange={(typed) => {
          setTenant(typed)
          submission.forget('/tenant')
        }}
      />
    </ResultForm>
  )
}
